//! Event notifications of Amazon S3. S3 User Guide, “Event message structure”, and for EventBridge, “EventBridge event
//! message structure”.

use super::cloudwatch_events::EventBridge;
use super::event::{Compose, TestEvent, enveloped, event, records};
use super::origin::{ACCOUNT, Number, REGION};
use crate::event::s3::decode_key;
use serde_json::{Value, json};

/// Changes of objects. Keys are given as they are in S3; in the event they are URL-encoded, as S3 does it.
///
/// # Example
///
/// ```
/// use switchboard::testing::S3;
///
/// let event = S3::put("photos", "summer 2026/a+b.jpg").size(48_213).version("v1");
/// assert!(event.to_json().contains(r#""key":"summer+2026/a%2Bb.jpg""#));
/// let event = event.in_sns().in_sqs();
/// # let _ = event;
/// ```
#[derive(Clone, Debug)]
pub struct S3 {
    records: Vec<Value>,
}

impl S3 {
    /// An object was uploaded with PUT.
    #[must_use]
    pub fn put(bucket: &str, key: &str) -> Self {
        Self::event("ObjectCreated:Put", bucket, key)
    }

    /// An object was copied.
    #[must_use]
    pub fn copy(bucket: &str, key: &str) -> Self {
        Self::event("ObjectCreated:Copy", bucket, key)
    }

    /// An object was deleted from a bucket without versions, or one version for good.
    #[must_use]
    pub fn delete(bucket: &str, key: &str) -> Self {
        Self::event("ObjectRemoved:Delete", bucket, key)
    }

    /// An object was deleted from a bucket with versions, which keeps them behind a delete marker.
    #[must_use]
    pub fn delete_marker(bucket: &str, key: &str) -> Self {
        let number = Number::next();
        let event = Self::event("ObjectRemoved:DeleteMarkerCreated", bucket, key);
        event
            .etag("d41d8cd98f00b204e9800998ecf8427e")
            .version(&number.hex(32))
    }

    /// Any event, by its name without `s3:`, such as `ObjectTagging:Put`.
    #[must_use]
    pub fn event(name: &str, bucket: &str, key: &str) -> Self {
        let number = Number::next();
        let mut record = json!({
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": REGION,
            "eventTime": number.time(),
            "eventName": name,
            "userIdentity": {"principalId": "AWS:AROAEXAMPLEUPLOADER1:uploader"},
            "requestParameters": {"sourceIPAddress": "203.0.113.24"},
            "responseElements": {
                "x-amz-request-id": number.hex(16).to_uppercase(),
                "x-amz-id-2": format!("{}=", number.hex(75)),
            },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "objects",
                "bucket": {
                    "name": bucket,
                    "ownerIdentity": {"principalId": "A2KX7EXAMPLE9Q"},
                    "arn": format!("arn:aws:s3:::{bucket}"),
                },
                "object": {
                    "key": encoded(key),
                    "sequencer": format!("{:018X}", (number.millis() as u128) << 12 | u128::from(number.get() & 0xFFF)),
                },
            },
        });
        if name.starts_with("ObjectCreated:") {
            record["s3"]["object"]["size"] = 1024.into();
            record["s3"]["object"]["eTag"] = number.hex(32).into();
        }
        Self {
            records: vec![record],
        }
    }

    /// The event that S3 sends once, when a notification is configured.
    #[must_use]
    pub fn test_event(bucket: &str) -> TestEvent {
        let number = Number::next();
        TestEvent::of(&json!({
            "Service": "Amazon S3",
            "Event": "s3:TestEvent",
            "Time": number.time(),
            "Bucket": bucket,
            "RequestId": number.hex(16).to_uppercase(),
            "HostId": format!("{}=", number.hex(75)),
        }))
    }

    /// The object's size in bytes.
    #[must_use]
    pub fn size(self, bytes: u64) -> Self {
        self.set("/s3/object/size", bytes)
    }

    /// The object's version.
    #[must_use]
    pub fn version(self, id: &str) -> Self {
        self.set("/s3/object/versionId", id)
    }

    /// The object's entity tag.
    #[must_use]
    pub fn etag(self, etag: &str) -> Self {
        self.set("/s3/object/eTag", etag)
    }

    /// The order of the change among those of the same object: hexadecimal digits.
    #[must_use]
    pub fn sequencer(self, digits: &str) -> Self {
        self.set("/s3/object/sequencer", digits)
    }

    /// The name of the notification's configuration.
    #[must_use]
    pub fn configuration(self, id: &str) -> Self {
        self.set("/s3/configurationId", id)
    }

    /// The change as EventBridge delivers it. There the key is not encoded, and the names are others.
    ///
    /// # Panics
    /// If the event has several records, or EventBridge does not get events of this name.
    #[must_use]
    pub fn in_event_bridge(self) -> EventBridge {
        let [record] = &*self.records else {
            panic!("EventBridge delivers the change of each object by itself")
        };
        let name = record["eventName"].as_str().unwrap_or_default();
        let (detail_type, reason) = bridged(name);
        let (s3, source) = (&record["s3"], &record["requestParameters"]["sourceIPAddress"]);
        let mut object = json!({
            "key": decode_key(s3["object"]["key"].as_str().unwrap_or_default()),
            "sequencer": s3["object"]["sequencer"],
        });
        for (notified, bridged) in [("size", "size"), ("eTag", "etag"), ("versionId", "version-id")] {
            if let Some(value) = s3["object"].get(notified) {
                object[bridged] = value.clone();
            }
        }
        let mut detail = json!({
            "version": "0",
            "bucket": {"name": s3["bucket"]["name"]},
            "object": object,
            "request-id": record["responseElements"]["x-amz-request-id"],
            "requester": ACCOUNT,
            "source-ip-address": source,
        });
        if let Some(reason) = reason {
            detail["reason"] = reason.into();
        }
        match name {
            "ObjectRemoved:Delete" => detail["deletion-type"] = "Permanently Deleted".into(),
            "ObjectRemoved:DeleteMarkerCreated" => detail["deletion-type"] = "Delete Marker Created".into(),
            _ => {}
        }
        let bucket = s3["bucket"]["arn"].as_str().unwrap_or_default();
        EventBridge::event("aws.s3", detail_type, &detail).resource(bucket)
    }
}

/// The detail-type of an event, and the reason it gives.
fn bridged(name: &str) -> (&'static str, Option<&'static str>) {
    match name {
        "ObjectCreated:Put" => ("Object Created", Some("PutObject")),
        "ObjectCreated:Post" => ("Object Created", Some("POST Object")),
        "ObjectCreated:Copy" => ("Object Created", Some("CopyObject")),
        "ObjectCreated:CompleteMultipartUpload" => ("Object Created", Some("CompleteMultipartUpload")),
        "ObjectRemoved:Delete" | "ObjectRemoved:DeleteMarkerCreated" => {
            ("Object Deleted", Some("DeleteObject"))
        }
        "ObjectRestore:Post" => ("Object Restore Initiated", None),
        "ObjectRestore:Completed" => ("Object Restore Completed", None),
        "ObjectRestore:Delete" => ("Object Restore Expired", None),
        "ObjectTagging:Put" => ("Object Tags Added", None),
        "ObjectTagging:Delete" => ("Object Tags Deleted", None),
        "ObjectAcl:Put" => ("Object ACL Updated", None),
        "LifecycleTransition" => ("Object Storage Class Changed", None),
        "IntelligentTiering" => ("Object Access Tier Changed", None),
        _ => panic!("EventBridge gets no event for {name}"),
    }
}

/// A key as S3 writes it into notifications: all but unreserved characters and `/` as `%XX`, a space as `+`.
pub(super) fn encoded(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

impl Compose for S3 {
    fn compose(&self) -> Value {
        json!({"Records": self.records})
    }

    fn parts(&mut self) -> &mut [Value] {
        &mut self.records
    }
}

event!(S3);
enveloped!(S3);
records!(S3);
