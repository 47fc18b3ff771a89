//! The events that are delivered, of the size and shape AWS documents.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A batch of Kinesis records with `size` bytes of data each.
pub(crate) fn kinesis(records: usize, size: usize) -> Vec<u8> {
    kinesis_from(0, records, size)
}

/// The same, with sequence numbers from `first` on.
pub(crate) fn kinesis_from(first: usize, records: usize, size: usize) -> Vec<u8> {
    // Any base64 text does: what it decodes to is looked at by nobody.
    let data = "U3dpdGNoYm9hcmQg".repeat(size.div_ceil(12));
    kinesis_of(first, records, |_| data.clone())
}

/// A batch of Kinesis records with a click each.
pub(crate) fn clicks(records: usize) -> Vec<u8> {
    kinesis_of(0, records, |n| {
        let click = json!({
            "page": format!("/products/{n}/reviews?sort=newest"),
            "visitor": format!("9f8e7d6c-5b4a-4938-8271-{n:012}"),
            "at": 1_767_225_600_000_u64 + n as u64,
            "duration": 12.75,
            "tags": ["returning", "mobile", "newsletter"]
        });
        STANDARD.encode(click.to_string())
    })
}

/// A batch of SQS messages with an order each.
pub(crate) fn orders(messages: usize) -> Vec<u8> {
    batch((0..messages).map(|n| {
        let order = json!({
            "id": n,
            "customer": format!("customer-{n}"),
            "items": [
                {"sku": "chair-birch", "count": 4, "price": 129.95},
                {"sku": "table-oak", "count": 1, "price": 899.0}
            ]
        });
        json!({
            "messageId": format!("059f36b4-87a3-44ab-83d2-{n:012}"),
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...".repeat(4),
            "body": order.to_string(),
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1767225600000",
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": "1767225600001"
            },
            "messageAttributes": {},
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:orders",
            "awsRegion": "eu-central-1"
        })
    }))
}

/// Kinesis records, each with the base64 that `data` makes.
fn kinesis_of(first: usize, records: usize, data: impl Fn(usize) -> String) -> Vec<u8> {
    batch((first..first + records).map(|n| {
        let sequence = format!("4959033827149025660855969253836157109592157{n:013}");
        json!({
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": format!("partition-{n}"),
                "sequenceNumber": sequence,
                "data": data(n),
                "approximateArrivalTimestamp": 1_767_225_600.125
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": format!("shardId-000000000006:{sequence}"),
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:aws:iam::123456789012:role/switchboard",
            "awsRegion": "eu-central-1",
            "eventSourceARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/switchboard-stream"
        })
    }))
}

/// A batch of DynamoDB stream records with both images.
pub(crate) fn dynamodb(records: usize) -> Vec<u8> {
    batch((0..records).map(|n| {
        json!({
            "eventID": format!("c4ca4238a0b923820dcc509a6f75{n:08x}"),
            "eventName": "MODIFY",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "eu-central-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_767_225_600.0,
                "Keys": {"order": {"S": format!("order-{n}")}, "line": {"N": "1"}},
                "NewImage": image(n, "paid"),
                "OldImage": image(n, "open"),
                "SequenceNumber": format!("111000000000000{n:012}"),
                "SizeBytes": 226,
                "StreamViewType": "NEW_AND_OLD_IMAGES"
            },
            "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
        })
    }))
}

fn image(n: usize, state: &str) -> Value {
    json!({
        "order": {"S": format!("order-{n}")},
        "line": {"N": "1"},
        "state": {"S": state},
        "amount": {"N": "129.95"},
        "tags": {"SS": ["priority", "gift"]},
        "address": {"M": {"city": {"S": "Bremen"}, "verified": {"BOOL": true}}}
    })
}

/// One object created.
pub(crate) fn s3() -> Vec<u8> {
    many_objects(1)
}

/// Many objects in one event.
pub(crate) fn many_objects(records: usize) -> Vec<u8> {
    batch((0..records).map(|_| object()))
}

fn object() -> Value {
    json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-central-1",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AIDAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8IgAtTv8xRjskZQpcIZ9KG4"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "switchboard",
            "bucket": {"name": "uploads", "ownerIdentity": {"principalId": "AEXAMPLE"}, "arn": "arn:aws:s3:::uploads"},
            "object": {"key": "a/b.jpg", "size": 1024, "eTag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": "0A1B2C3D4E5F678901"}
        }
    })
}

/// One instance that changed its state.
pub(crate) fn cloudwatch_event() -> Vec<u8> {
    let event = json!({
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": "EC2 Instance State-change Notification",
        "source": "aws.ec2",
        "account": "123456789012",
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:ec2:eu-central-1:123456789012:instance/i-1234567890abcdef0"],
        "detail": {"instance-id": "i-1234567890abcdef0", "state": "running"}
    });
    event.to_string().into_bytes()
}

/// One HTTP API request (payload format 2.0).
pub(crate) fn http() -> Vec<u8> {
    v2("abcdefghij.execute-api.eu-central-1.amazonaws.com")
}

/// A request to a function URL.
pub(crate) fn function_url() -> Vec<u8> {
    v2("abcdefghij.lambda-url.eu-central-1.on.aws")
}

/// A request of payload format 2.0 to this domain.
fn v2(domain: &str) -> Vec<u8> {
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/hello/world",
        "rawQueryString": "a=1&b=2",
        "cookies": ["session=1"],
        "headers": {
            "accept": "*/*",
            "accept-encoding": "gzip, deflate, br",
            "content-length": "0",
            "host": "api.example.com",
            "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https"
        },
        "queryStringParameters": {"a": "1", "b": "2"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdefghij",
            "domainName": domain,
            "domainPrefix": "abcdefghij",
            "http": {"method": "GET", "path": "/hello/world", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "bench"},
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1_767_225_600_000_u64
        },
        "isBase64Encoded": false
    });
    event.to_string().into_bytes()
}

fn batch(records: impl Iterator<Item = Value>) -> Vec<u8> {
    json!({"Records": records.collect::<Vec<_>>()})
        .to_string()
        .into_bytes()
}
