//! DynamoDB Streams.

use super::respell::MILLISECONDS;
use super::{Delivery, Event, Mend, Object};
use crate::source::Source;
use aws_lambda_events::dynamodb;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// One call per stream record. DynamoDB Developer Guide, “DynamoDB Streams and AWS Lambda triggers”.
impl Event for dynamodb::Event {
    const SOURCES: &'static [Source] = &[Source::Dynamodb];
    const DELIVERY: Delivery = Source::Dynamodb.delivery();
    const ID: &'static [&'static str] = Source::Dynamodb.identifier();
    const IDENTITY: &'static [&'static str] = &["eventID"];
    const CONTENT: &'static [&'static str] = &["dynamodb"];
    const ARRIVAL: Option<&'static str> = Some("dynamodb.ApproximateCreationDateTime");
    const MENDS: &'static [(&'static str, Mend)] = &[
        ("awsRegion", Mend::Empty),
        ("eventID", Mend::Empty),
        ("eventName", Mend::Empty),
        ("userIdentity.type", Mend::Empty),
        ("userIdentity.principalId", Mend::Empty),
        // If it is missing, `fill` replaces it.
        (
            "dynamodb.ApproximateCreationDateTime",
            Mend::Optional(|raw| !["null", "\"\""].contains(&raw)),
        ),
        ("dynamodb.ApproximateCreationDateTime", Mend::Time),
        ("dynamodb.SizeBytes", Mend::Empty),
        (
            "dynamodb.StreamViewType",
            Mend::optional::<dynamodb::StreamViewType>(),
        ),
        ("dynamodb.Keys", Mend::Attributes),
        ("dynamodb.NewImage", Mend::Attributes),
        ("dynamodb.OldImage", Mend::Attributes),
    ];
    type Item = dynamodb::EventRecord;
    type Reply = ();

    /// The struct reads a missing time as 1970, and every number as seconds.
    fn fill(item: &mut Self::Item, received: DateTime<Utc>) -> &'static [&'static str] {
        let time = &mut item.change.approximate_creation_date_time;
        if time.timestamp() >= MILLISECONDS as i64 {
            *time = DateTime::from_timestamp_millis(time.timestamp()).unwrap_or(*time);
        }
        if *time != DateTime::UNIX_EPOCH {
            return &[];
        }
        *time = received;
        &["dynamodb.ApproximateCreationDateTime"]
    }

    /// DynamoDB keeps the order of an item's changes. The key's attributes are sorted by name, so that one key is
    /// always written in the same way.
    fn lane(item: &Self::Item) -> Option<String> {
        let keys: BTreeMap<_, _> = item.change.keys.inner().iter().collect();
        serde_json::to_string(&keys).ok()
    }

    fn lane_of(object: &Object<'_>) -> Option<String> {
        let keys = object.get("dynamodb.Keys")?;
        let keys: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(keys.get()).ok()?;
        serde_json::to_string(&keys).ok()
    }
}
