//! Records of DynamoDB Streams. DynamoDB Developer Guide, “DynamoDB Streams and AWS Lambda triggers”.

use serde_json::{Value, json};

use super::REGION;
use super::item::{Item, arn};

pub(in crate::simulate) fn record(item: &Item) -> Value {
    let key = json!({"S": format!("item-{}", item.record.lane)});
    let image = json!({
        "pk": key,
        "id": {"S": item.record.id},
        "do": {"S": item.task.what},
        "ms": {"S": item.task.ms.to_string()},
    });
    json!({
        "eventID": format!("{:032x}", item.index + 1),
        "eventName": "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": item.sent() / 1000,
            "Keys": {"pk": key},
            "NewImage": image,
            "SequenceNumber": item.record.identifier,
            "SizeBytes": image.to_string().len(),
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": arn("dynamodb", "table/simulated/stream/2026-10-05T12:00:00.000"),
    })
}
