//! Records of DynamoDB Streams.

use std::time::Duration;

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::primitives::DateTime;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};
use serde_json::json;

use super::attribute::item;
use super::stream::{ReadStart, ReadableStream, StreamClients, StreamPage, StreamRecord, StreamShard};
use crate::{Arn, Aws, CallContext as _, Failure};

/// The most records of one call.
const PER_CALL: usize = 1000;

pub(super) async fn look_up(aws: &Aws, table: &str) -> Result<ReadableStream, Failure> {
    let arn = match table.contains("/stream/") {
        true => table.to_owned(),
        false => {
            let there = aws.dynamodb().describe_table().table_name(table).send().await;
            let there = there.call_context("dynamodb:DescribeTable", format!("table {table}"))?;
            let arn = there.table().and_then(|table| table.latest_stream_arn());
            let none = || {
                let command = "aws dynamodb update-table --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES";
                Failure::new(format!("table {table} has no stream"))
                    .advise(format!("{command} --table-name {table}"))
            };
            arn.ok_or_else(none)?.to_owned()
        }
    };
    let arn: Arn = arn.parse().map_err(Failure::new)?;
    let name = arn.resource.split('/').nth(1).unwrap_or(table).to_owned();
    Ok(ReadableStream {
        clients: StreamClients::Dynamodb(aws.dynamodbstreams()),
        arn,
        name,
    })
}

pub(super) async fn shards(client: &Client, stream: &ReadableStream) -> Result<Vec<StreamShard>, Failure> {
    let (mut shards, mut last) = (Vec::new(), None::<String>);
    loop {
        let call = client.describe_stream().stream_arn(stream.arn.to_string());
        let page = call.set_exclusive_start_shard_id(last.take()).send().await;
        let page = page.call_context(
            "dynamodb:DescribeStream",
            format!("stream of table {}", stream.name),
        )?;
        let Some(description) = page.stream_description else {
            return Ok(shards);
        };
        for shard in description.shards() {
            let range = shard.sequence_number_range();
            shards.push(StreamShard {
                id: shard.shard_id().unwrap_or_default().to_owned(),
                parents: shard.parent_shard_id().map(str::to_owned).into_iter().collect(),
                is_closed: range.is_some_and(|range| range.ending_sequence_number().is_some()),
            });
        }
        last = description.last_evaluated_shard_id;
        if last.is_none() {
            return Ok(shards);
        }
    }
}

pub(super) async fn iterator(
    client: &Client,
    stream: &ReadableStream,
    shard: &str,
    start: &ReadStart,
) -> Result<String, Failure> {
    let (kind, number) = match start {
        ReadStart::TrimHorizon => (ShardIteratorType::TrimHorizon, None),
        ReadStart::Latest => (ShardIteratorType::Latest, None),
        ReadStart::At(_) => {
            return Err(Failure::new("a stream of DynamoDB cannot be read from a time")
                .advise("pass --start trim-horizon or --start latest"));
        }
        ReadStart::From(number) => (ShardIteratorType::AtSequenceNumber, Some(number.clone())),
        ReadStart::After(number) => (ShardIteratorType::AfterSequenceNumber, Some(number.clone())),
    };
    let call = client
        .get_shard_iterator()
        .stream_arn(stream.arn.to_string())
        .shard_id(shard)
        .shard_iterator_type(kind)
        .set_sequence_number(number);
    let there = call.send().await;
    let on = format!("shard {shard} of the stream of table {}", stream.name);
    let there = there.call_context("dynamodb:GetShardIterator", on)?;
    Ok(there.shard_iterator.unwrap_or_default())
}

pub(super) async fn read(
    client: &Client,
    stream: &ReadableStream,
    iterator: &str,
    at_most: usize,
) -> Result<StreamPage, Failure> {
    let limit = i32::try_from(at_most.clamp(1, PER_CALL)).unwrap_or(1);
    let call = client.get_records().shard_iterator(iterator).limit(limit);
    let page = call.send().await;
    let page = page.call_context("dynamodb:GetRecords", format!("stream of table {}", stream.name))?;
    let records: Vec<StreamRecord> = page.records().iter().map(|told| record(told, stream)).collect();
    Ok(StreamPage {
        is_newest: records.is_empty(),
        records,
        next: page.next_shard_iterator,
    })
}

fn record(told: &Record, stream: &ReadableStream) -> StreamRecord {
    let change = told.dynamodb();
    let sequence_number = change
        .and_then(|change| change.sequence_number())
        .unwrap_or_default();
    let keys = change
        .and_then(|change| change.keys())
        .map(item)
        .unwrap_or_default();
    let created = change.and_then(|change| change.approximate_creation_date_time());
    let mut record = json!({
        "eventID": told.event_id(),
        "eventName": told.event_name().map(|name| name.as_str()),
        "eventVersion": told.event_version(),
        "eventSource": "aws:dynamodb",
        "awsRegion": stream.arn.region,
        "dynamodb": {
            "Keys": keys,
            "SequenceNumber": sequence_number,
            "SizeBytes": change.and_then(|change| change.size_bytes()),
            "StreamViewType": change.and_then(|change| change.stream_view_type()).map(|view| view.as_str()),
        },
        "eventSourceARN": stream.arn.to_string(),
    });
    if let Some(created) = created {
        record["dynamodb"]["ApproximateCreationDateTime"] = created.secs().into();
    }
    if let Some(image) = change.and_then(|change| change.new_image()) {
        record["dynamodb"]["NewImage"] = item(image);
    }
    if let Some(image) = change.and_then(|change| change.old_image()) {
        record["dynamodb"]["OldImage"] = item(image);
    }
    if let Some(identity) = told.user_identity() {
        record["userIdentity"] = json!({"principalId": identity.principal_id(), "type": identity.r#type()});
    }
    StreamRecord {
        sequence_number: sequence_number.to_owned(),
        key: keys.to_string(),
        sent: Duration::try_from_secs_f64(created.map_or(0.0, DateTime::as_secs_f64)).unwrap_or_default(),
        size: record.to_string().len(),
        record,
        data: None,
    }
}
