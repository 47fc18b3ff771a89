//! Records of Kinesis Data Streams. Lambda Developer Guide, “Using Lambda to process records from Amazon Kinesis Data
//! Streams”.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::item::{Item, arn};
use super::{ACCOUNT, REGION};

pub(in crate::simulate) fn record(item: &Item) -> Value {
    let number = &item.record.identifier;
    json!({
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": format!("key-{}", item.record.lane),
            "sequenceNumber": number,
            "data": STANDARD.encode(item.json()),
            "approximateArrivalTimestamp": item.sent() as f64 / 1000.0,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": format!("shardId-000000000000:{number}"),
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": format!("arn:aws:iam::{ACCOUNT}:role/simulated"),
        "awsRegion": REGION,
        "eventSourceARN": arn("kinesis", "stream/simulated"),
    })
}
