//! Streams, topics and buckets: how long they keep events, and with which key they are encrypted.

use super::super::value::Value;
use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{Setting, Store};

/// Seconds of an hour, in which a stream counts.
const HOUR: u64 = 3_600;

pub(super) fn read(reader: &Reader<'_>) -> Vec<Store> {
    let streams = reader.of("AWS::Kinesis::Stream").map(|read| Store {
        retention: read
            .properties
            .number_at("RetentionPeriodHours")
            .map_known(|hours: u64| hours * HOUR),
        key: key(reader, read.properties.text_at("StreamEncryption.KeyId")),
        ..store(reader, read)
    });
    let topics = reader.of("AWS::SNS::Topic").map(|read| Store {
        fifo: read.properties.flag_at("FifoTopic") == Setting::Known(true)
            || reader.name(read).ends_with(".fifo"),
        key: key(reader, read.properties.text_at("KmsMasterKeyId")),
        ..store(reader, read)
    });
    let buckets = reader.of("AWS::S3::Bucket").map(|read| Store {
        key: key(reader, encryption(&read.properties)),
        ..store(reader, read)
    });
    streams.chain(topics).chain(buckets).collect()
}

fn store(reader: &Reader<'_>, read: &EvaluatedResource<'_>) -> Store {
    Store {
        arn: reader.arn(read),
        ..Store::default()
    }
}

fn encryption(properties: &Value) -> Setting<String> {
    let path =
        "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.KMSMasterKeyID";
    match properties.all_at(path).first() {
        Some(key) => key.setting(),
        None => Setting::Absent,
    }
}

/// The ARN of a key of one's own: a key of AWS's own needs no right. Which key an alias of another stack names is unknown.
pub(super) fn key(reader: &Reader<'_>, named: Setting<String>) -> Setting<String> {
    let Setting::Known(named) = named else {
        return named;
    };
    if named.contains("alias/aws/") {
        return Setting::Absent;
    }
    if let Some((_, alias)) = named.rsplit_once("alias/") {
        let name = format!("alias/{alias}");
        let is = |read: &&EvaluatedResource<'_>| {
            read.properties.text_at("AliasName") == Setting::Known(name.clone())
        };
        let target = reader
            .of("AWS::KMS::Alias")
            .find(is)
            .map(|read| read.properties.text_at("TargetKeyId"));
        return match target {
            Some(Setting::Known(target)) if !target.contains("alias/") => key(reader, Setting::Known(target)),
            _ => Setting::Unknown,
        };
    }
    if named.starts_with("arn:") {
        return Setting::Known(named);
    }
    let own = reader
        .of("AWS::KMS::Key")
        .find(|read| reader.reference(read) == named);
    own.map_or(Setting::Unknown, |read| Setting::Known(reader.arn(read)))
}
