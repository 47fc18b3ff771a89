//! Streams that trigger the function, and buckets that take failures: how long they keep events, and with which key.

use crate::doctor::deployment::{Setting, Store};
use switchboard_aws::{Arn, Aws, CallContext as _, Failure};

/// Seconds of an hour, in which a stream counts.
const HOUR: u64 = 3_600;

/// The stream or bucket with this ARN; `None` if it is neither, or does not exist.
pub(super) async fn read(aws: &Aws, arn: &str) -> Result<Option<Store>, Failure> {
    let parsed: Arn = arn.parse().map_err(Failure::new)?;
    match (&*parsed.service, parsed.resource.strip_prefix("stream/")) {
        ("kinesis", Some(name)) => stream(aws, arn, name).await,
        ("s3", _) => bucket(aws, arn, &parsed.resource).await,
        _ => Ok(None),
    }
}

async fn stream(aws: &Aws, arn: &str, name: &str) -> Result<Option<Store>, Failure> {
    let told = aws
        .kinesis()
        .describe_stream_summary()
        .stream_name(name)
        .send()
        .await;
    let told = match told.call_context("kinesis:DescribeStreamSummary", format!("stream {name}")) {
        Ok(told) => told,
        Err(failure) if failure.is_not_found() => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let summary = told.stream_description_summary();
    let hours = summary.map(|summary| summary.retention_period_hours());
    let key = summary
        .and_then(|summary| summary.key_id())
        .filter(|key| !key.contains("alias/aws/"));
    Ok(Some(Store {
        arn: arn.to_owned(),
        retention: hours
            .and_then(|hours| u64::try_from(hours).ok())
            .map(|hours| hours * HOUR)
            .into(),
        key: key.map_or(Setting::Absent, self::key),
        ..Store::default()
    }))
}

async fn bucket(aws: &Aws, arn: &str, name: &str) -> Result<Option<Store>, Failure> {
    let told = aws.s3().get_bucket_encryption().bucket(name).send().await;
    let told = match told.call_context("s3:GetEncryptionConfiguration", format!("bucket {name}")) {
        Ok(told) => told,
        Err(failure) if failure.is_not_found() => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let rules = told
        .server_side_encryption_configuration()
        .map_or(&[][..], |all| all.rules());
    let key = rules.iter().find_map(|rule| {
        let default = rule.apply_server_side_encryption_by_default()?;
        default
            .kms_master_key_id()
            .filter(|key| !key.contains("alias/aws/"))
    });
    Ok(Some(Store {
        arn: arn.to_owned(),
        key: key.map_or(Setting::Absent, self::key),
        ..Store::default()
    }))
}

/// The ARN of a key. Which key an alias or a bare id names is not asked.
pub(super) fn key(named: &str) -> Setting<String> {
    match named.starts_with("arn:") && named.contains(":key/") {
        true => Setting::Known(named.to_owned()),
        false => Setting::Unknown,
    }
}
