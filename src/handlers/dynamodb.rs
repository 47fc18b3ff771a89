//! DynamoDB Streams: one journal entry per change of an item, and the state of each item.
//!
//! The entry's data is `{"keys":…,"changes":{"<attribute>":{"before":…,"after":…}},"viewType":…,"sizeBytes":…}`.
//! Attribute values have DynamoDB's types (`{"N":"1.10"}`), so that numbers keep all 38 digits, and sets and binary
//! values keep their types. `changes` depends on the stream's view type: with both images it has the attributes that
//! differ; with one image all attributes of that image, on its side; with keys only it is empty.
//!
//! A removal by time to live has the type `….REMOVE.TTL`, and the item's state is `expired`. Otherwise an item is
//! `inserted`, `modified` or `removed`. States are ordered by the stream's sequence numbers; a record without one comes
//! before all that have one. An item's name is `<table's ARN>/item/<key>`.

use super::App;
use super::record::{or_default, unless_filled};
use crate::journal::{Append, Entry, Identity, Order, StateChange, WRITTEN_BY, printable, uri_reference};
use aws_lambda_events::dynamodb::EventRecord;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde_dynamo::{AttributeValue, Item};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use switchboard::event::SequenceNumber;
use switchboard::source::Fingerprint;
use switchboard::{Batch, Context, Failure};

/// Records what happened to the items of a batch.
///
/// # Errors
/// The journal cannot be written. Every change is then delivered again.
pub async fn on_changes(batch: Batch<EventRecord>, cx: Context<App>) -> Result<(), Failure> {
    let read = |record: EventRecord, filled: &[&str]| Ok(vec![read(&record, filled)?]);
    cx.state().append_batch(batch, read).await
}

fn read(record: &EventRecord, filled: &[&str]) -> Result<Append, Failure> {
    let time = record.change.approximate_creation_date_time;
    let change = Change::read(
        record,
        unless_filled(filled, "dynamodb.ApproximateCreationDateTime", time),
    );
    let data = change.data()?;
    let identity = change.identity(&data);
    let id = if record.event_id.is_empty() {
        identity.to_id()
    } else {
        printable(&record.event_id).into_owned()
    };
    let entry = Entry::builder(id, uri_reference(change.table), change.event_type())
        .time(change.time)
        .identity(identity.clone())
        .extension(WRITTEN_BY, "dynamodb")
        .json(data);
    let entry = if change.key.is_empty() {
        entry
    } else {
        entry.subject(&change.key)
    };
    Ok(Append {
        order: change.order(),
        change: change.state(&identity)?,
        ..Append::from(entry.build()?)
    })
}

/// What a record says about an item.
struct Change<'r> {
    record: &'r EventRecord,
    /// The table's ARN: the stream's without `/stream/…`.
    table: &'r str,
    /// The item's key in a stable form.
    key: String,
    time: Option<DateTime<Utc>>,
    expired: bool,
}

impl<'r> Change<'r> {
    fn read(record: &'r EventRecord, time: Option<DateTime<Utc>>) -> Self {
        let arn = or_default(record.event_source_arn.as_deref(), "aws:dynamodb");
        let user = record.user_identity.as_ref();
        let service =
            user.is_some_and(|user| user.type_ == "Service" && user.principal_id == "dynamodb.amazonaws.com");
        Self {
            record,
            table: arn.split_once("/stream/").map_or(arn, |(table, _)| table),
            key: readable(&record.change.keys),
            time,
            expired: service && record.event_name == "REMOVE",
        }
    }

    fn event_type(&self) -> String {
        let event = or_default(Some(&self.record.event_name), "unknown");
        let suffix = if self.expired { ".TTL" } else { "" };
        printable(&format!("com.amazonaws.dynamodb.{event}{suffix}")).into_owned()
    }

    /// The source's own ids, and the record's content: a sender may leave out both ids, or use the same ones for all
    /// records.
    fn identity(&self, data: &RawValue) -> Identity {
        let record = self.record;
        let number = record.change.sequence_number.as_deref().unwrap_or_default();
        let time = self.time.map(|time| time.to_rfc3339());
        let said = Fingerprint::new()
            .text(Some(&record.event_name))
            .text(time.as_deref());
        let said = said.bytes(data.get().as_bytes()).to_string();
        Identity::new(["dynamodb", self.table, &record.event_id, number, &said])
    }

    fn data(&self) -> Result<Box<RawValue>, Failure> {
        let change = &self.record.change;
        let mut data = json!({
            "keys": typed(&change.keys)?,
            "changes": changes(&change.old_image, &change.new_image)?,
            "sizeBytes": change.size_bytes,
        });
        if let Some(view) = &change.stream_view_type {
            data["viewType"] = serde_json::to_value(view)?;
        }
        Ok(to_raw_value(&data)?)
    }

    fn order(&self) -> Option<Order> {
        let number = self.record.change.sequence_number.as_deref();
        number.and_then(SequenceNumber::new).map(Order::sequence_number)
    }

    fn state(&self, identity: &Identity) -> Result<Option<StateChange>, Failure> {
        let state = match self.record.event_name.as_str() {
            "INSERT" => "inserted",
            "MODIFY" => "modified",
            "REMOVE" if self.expired => "expired",
            "REMOVE" => "removed",
            _ => return Ok(None),
        };
        // An item without a key cannot be looked up.
        if self.key.is_empty() {
            return Ok(None);
        }
        let time = Order::time(self.time);
        let order = match self.order() {
            Some(order) => order.then(time),
            None => time,
        };
        let data =
            json!({ "keys": typed(&self.record.change.keys)?, "sizeBytes": self.record.change.size_bytes });
        Ok(Some(StateChange {
            urn: format!("{}/item/{}", self.table, self.key),
            resource_type: "dynamodb.item",
            state: state.to_owned(),
            order: order.tie(identity.as_str()),
            data: Some(to_raw_value(&data)?),
        }))
    }
}

/// The key as `Id=7&Sort=a`, sorted by name. Ambiguous or unreadable characters are percent-encoded.
fn readable(keys: &Item) -> String {
    let mut parts: Vec<String> = keys
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), key_text(value)))
        .collect();
    // The images are hash maps; without sorting, one key would have many names.
    parts.sort();
    parts.join("&")
}

fn key_text(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => escape(text),
        AttributeValue::B(bytes) => escape(&STANDARD.encode(bytes)),
        // DynamoDB only has keys of these three types; anything else that a sender invents stays distinct.
        other => escape(&format!("{other:?}")),
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '%' => escaped.push_str("%25"),
            '&' => escaped.push_str("%26"),
            '=' => escaped.push_str("%3D"),
            other => escaped.push_str(&printable(other.encode_utf8(&mut [0; 4]))),
        }
    }
    escaped
}

/// An image or a key in DynamoDB's JSON, sorted by name.
fn typed(item: &Item) -> Result<Value, Failure> {
    Ok(serde_json::to_value(item)?)
}

/// The attributes that differ between the images, as far as there are images.
fn changes(before: &Item, after: &Item) -> Result<Value, Failure> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut changes = Map::new();
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        // With one image there is nothing to compare, so all of its attributes are included.
        if old.zip(new).is_some_and(|(old, new)| same(old, new)) {
            continue;
        }
        let mut change = Map::new();
        for (side, value) in [("before", old), ("after", new)] {
            if let Some(value) = value {
                change.insert(side.to_owned(), serde_json::to_value(value)?);
            }
        }
        changes.insert(name.clone(), change.into());
    }
    Ok(changes.into())
}

/// Sets have no order, so two orders of one set are equal.
fn same(left: &AttributeValue, right: &AttributeValue) -> bool {
    use AttributeValue::{Bs, Ns, Ss};
    match (left, right) {
        (Ss(left), Ss(right)) | (Ns(left), Ns(right)) => sorted(left) == sorted(right),
        (Bs(left), Bs(right)) => sorted(left) == sorted(right),
        _ => left == right,
    }
}

fn sorted<T: Ord>(set: &[T]) -> BTreeSet<&T> {
    set.iter().collect()
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests {
    use super::super::testing::{app, block_on, entries, outcome, resources};
    use super::*;
    use crate::journal::Data;
    use aws_lambda_events::dynamodb::Event;
    use proptest::prelude::*;
    use switchboard::testing::deliver_batch;

    const ARN: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/stream/2026-01-01T00:00:00.000";

    fn record(name: &str, number: &str, images: &str) -> String {
        format!(
            r#"{{"eventID":"e{number}","eventName":"{name}","eventVersion":"1.1","eventSource":"aws:dynamodb",
            "awsRegion":"eu-west-1","eventSourceARN":"{ARN}","dynamodb":{{"ApproximateCreationDateTime":1700000000,
            "Keys":{{"Sort":{{"S":"a&b"}},"Id":{{"N":"7"}}}},"SequenceNumber":"{number}","SizeBytes":26,
            "StreamViewType":"NEW_AND_OLD_IMAGES"{images}}}}}"#
        )
    }

    async fn put(app: &App, raw: &str) {
        deliver_batch::<Event, _, _>(app, on_changes, raw).await.unwrap();
    }

    async fn data(app: &App) -> Value {
        let entries = entries(app).await;
        let Some(Data::Json(json)) = entries[0].data() else {
            panic!()
        };
        serde_json::from_str(json.get()).unwrap()
    }

    #[tokio::test]
    async fn an_entry_holds_what_changed_to_the_last_digit() {
        let app = app();
        let number = "12345678901234567890123456789012345678";
        let images = format!(
            r#","OldImage":{{"n":{{"N":"{number}"}},"s":{{"SS":["a","b"]}},"gone":{{"BOOL":true}},"m":{{"M":{{"x":{{"NULL":true}}}}}}}},
            "NewImage":{{"n":{{"N":"{number}9"}},"s":{{"SS":["b","a"]}},"b":{{"B":"AAE="}},"m":{{"M":{{"x":{{"NULL":true}}}}}}}}"#
        );
        put(&app, &record("MODIFY", "111", &images)).await;
        let entry = &entries(&app).await[0];
        assert_eq!(
            entry.source(),
            "arn:aws:dynamodb:eu-west-1:123456789012:table/Orders"
        );
        assert_eq!(
            (entry.event_type(), entry.id()),
            ("com.amazonaws.dynamodb.MODIFY", "e111")
        );
        assert_eq!(entry.subject(), Some("Id=7&Sort=a%26b"));
        let expected = json!({
            "keys": { "Id": { "N": "7" }, "Sort": { "S": "a&b" } },
            "changes": {
                "n": { "before": { "N": number }, "after": { "N": format!("{number}9") } },
                "gone": { "before": { "BOOL": true } },
                "b": { "after": { "B": "AAE=" } },
            },
            "sizeBytes": 26, "viewType": "NEW_AND_OLD_IMAGES",
        });
        assert_eq!(data(&app).await, expected);
        let resource = &resources(&app).await[0];
        assert_eq!(
            resource.urn,
            "arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/item/Id=7&Sort=a%26b"
        );
    }

    #[tokio::test]
    async fn expired_items_are_distinguished_from_removed_ones() {
        let app = app();
        let expired = record("REMOVE", "5", "").replacen(
            '{',
            r#"{"userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"},"#,
            1,
        );
        put(&app, &expired).await;
        assert_eq!(
            entries(&app).await[0].event_type(),
            "com.amazonaws.dynamodb.REMOVE.TTL"
        );
        assert_eq!(resources(&app).await[0].state, "expired");
        put(&app, &record("REMOVE", "6", "")).await;
        assert_eq!(
            entries(&app).await[1].event_type(),
            "com.amazonaws.dynamodb.REMOVE"
        );
        assert_eq!(resources(&app).await[0].state, "removed");
    }

    #[tokio::test]
    async fn a_missing_time_is_left_out() {
        let app = app();
        put(
            &app,
            &record("INSERT", "1", "").replace(r#""ApproximateCreationDateTime":1700000000,"#, ""),
        )
        .await;
        assert_eq!(entries(&app).await[0].time(), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn late_and_repeated_records_change_nothing(
            arrival in proptest::collection::vec(0usize..3, 0..9).prop_flat_map(|extra| {
                Just((0..3).chain(extra).collect::<Vec<usize>>()).prop_shuffle()
            }),
        ) {
            let steps = [("INSERT", "99"), ("REMOVE", "4421584500000000017450439091"), ("MODIFY", "1000")];
            block_on(async {
                let app = app();
                for at in arrival {
                    put(&app, &record(steps[at].0, steps[at].1, "")).await;
                }
                let (states, identities) = outcome(&app).await;
                prop_assert_eq!(states[0].1.as_str(), "removed");
                prop_assert_eq!(identities.len(), 3);
                Ok(())
            })?;
        }
    }
}
