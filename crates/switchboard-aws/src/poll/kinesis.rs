//! Records of Kinesis Data Streams.

use std::time::Duration;

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::DateTime;
use aws_sdk_kinesis::types::{Record, ShardIteratorType};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::stream::{ReadStart, ReadableStream, StreamClients, StreamPage, StreamRecord, StreamShard};
use crate::{Aws, CallContext as _, Failure};

/// The most records of one call.
const PER_CALL: usize = 10_000;

pub(super) async fn look_up(aws: &Aws, stream: &str) -> Result<ReadableStream, Failure> {
    let client = aws.kinesis();
    let is_arn = stream.starts_with("arn:");
    let call = client
        .describe_stream_summary()
        .set_stream_arn(is_arn.then(|| stream.to_owned()))
        .set_stream_name((!is_arn).then(|| stream.to_owned()));
    let there = call.send().await;
    let there = there.call_context("kinesis:DescribeStreamSummary", format!("stream {stream}"))?;
    let summary = there.stream_description_summary();
    let summary = summary.ok_or_else(|| Failure::new(format!("stream {stream} has no description")))?;
    Ok(ReadableStream {
        arn: summary.stream_arn().parse().map_err(Failure::new)?,
        name: summary.stream_name().to_owned(),
        clients: StreamClients::Kinesis(client),
    })
}

pub(super) async fn shards(client: &Client, stream: &ReadableStream) -> Result<Vec<StreamShard>, Failure> {
    let (mut shards, mut token) = (Vec::new(), None::<String>);
    loop {
        let call = match token.take() {
            Some(token) => client.list_shards().next_token(token),
            None => client.list_shards().stream_arn(stream.arn.to_string()),
        };
        let page = call.send().await;
        let page = page.call_context("kinesis:ListShards", format!("stream {}", stream.name))?;
        for shard in page.shards() {
            let parents = [shard.parent_shard_id(), shard.adjacent_parent_shard_id()];
            let range = shard.sequence_number_range();
            shards.push(StreamShard {
                id: shard.shard_id().to_owned(),
                parents: parents.into_iter().flatten().map(str::to_owned).collect(),
                is_closed: range.is_some_and(|range| range.ending_sequence_number().is_some()),
            });
        }
        token = page.next_token;
        if token.is_none() {
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
    let call = client
        .get_shard_iterator()
        .stream_arn(stream.arn.to_string())
        .shard_id(shard);
    let call = match start {
        ReadStart::TrimHorizon => call.shard_iterator_type(ShardIteratorType::TrimHorizon),
        ReadStart::Latest => call.shard_iterator_type(ShardIteratorType::Latest),
        ReadStart::At(seconds) => call
            .shard_iterator_type(ShardIteratorType::AtTimestamp)
            .timestamp(DateTime::from_secs(*seconds)),
        ReadStart::From(number) => call
            .shard_iterator_type(ShardIteratorType::AtSequenceNumber)
            .starting_sequence_number(number),
        ReadStart::After(number) => call
            .shard_iterator_type(ShardIteratorType::AfterSequenceNumber)
            .starting_sequence_number(number),
    };
    let there = call.send().await;
    let there = there.call_context(
        "kinesis:GetShardIterator",
        format!("shard {shard} of stream {}", stream.name),
    )?;
    Ok(there.shard_iterator.unwrap_or_default())
}

pub(super) async fn read(
    client: &Client,
    stream: &ReadableStream,
    shard: &str,
    iterator: &str,
    at_most: usize,
) -> Result<StreamPage, Failure> {
    let limit = i32::try_from(at_most.clamp(1, PER_CALL)).unwrap_or(1);
    let call = client.get_records().shard_iterator(iterator).limit(limit);
    let page = call.stream_arn(stream.arn.to_string()).send().await;
    let page = page.call_context(
        "kinesis:GetRecords",
        format!("shard {shard} of stream {}", stream.name),
    )?;
    Ok(StreamPage {
        records: page
            .records()
            .iter()
            .map(|told| record(told, stream, shard))
            .collect(),
        is_newest: page.millis_behind_latest().is_none_or(|behind| behind == 0),
        next: page.next_shard_iterator,
    })
}

fn record(told: &Record, stream: &ReadableStream, shard: &str) -> StreamRecord {
    let data = told.data().as_ref().to_vec();
    let arrived = told
        .approximate_arrival_timestamp()
        .map_or(0.0, DateTime::as_secs_f64);
    let record = json!({
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": told.partition_key(),
            "sequenceNumber": told.sequence_number(),
            "data": STANDARD.encode(&data),
            "approximateArrivalTimestamp": arrived,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": format!("{shard}:{}", told.sequence_number()),
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": format!("arn:{}:iam::{}:role/local", stream.arn.partition, stream.arn.account),
        "awsRegion": stream.arn.region,
        "eventSourceARN": stream.arn.to_string(),
    });
    StreamRecord {
        sequence_number: told.sequence_number().to_owned(),
        key: told.partition_key().to_owned(),
        sent: Duration::try_from_secs_f64(arrived).unwrap_or_default(),
        // As long as the rest of the record is with its longest ids.
        size: data.len().div_ceil(3) * 4 + told.partition_key().len() + 600,
        record,
        data: Some(data),
    }
}
