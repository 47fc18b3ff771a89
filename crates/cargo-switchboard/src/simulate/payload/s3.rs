//! Event notifications of Amazon S3. S3 User Guide, “Event message structure”.

use serde_json::{Value, json};

use super::REGION;
use super::item::Item;

pub(in crate::simulate) fn record(item: &Item) -> Value {
    let (task, id) = (item.task, &item.record.id);
    json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": item.sent_text(),
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AIDASIMULATED"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {
            "x-amz-request-id": format!("{:016X}", item.index + 1),
            "x-amz-id-2": format!("simulated{:x}", item.index + 1),
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "simulated",
            "bucket": {
                "name": "simulated",
                "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                "arn": "arn:aws:s3:::simulated",
            },
            "object": {
                "key": format!("{}/{}/{id}", task.what, task.ms),
                "size": 1024,
                "eTag": format!("{:032x}", item.index + 1),
                "sequencer": item.record.identifier,
            },
        },
    })
}
