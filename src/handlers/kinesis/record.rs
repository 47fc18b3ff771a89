//! The handler: from Kinesis records to their entries.

use super::super::App;
use super::super::record::{or_default, unless_filled};
use super::logs;
use crate::journal::{
    Append, Data, Entry, Identity, InvalidEntry, Order, WRITTEN_BY, printable, uri_reference,
};
use aws_lambda_events::kinesis::KinesisEventRecord;
use chrono::{DateTime, Utc};
use switchboard::bounds::Bounds;
use switchboard::event::SequenceNumber;
use switchboard::event::kinesis_aggregate::Aggregate;
use switchboard::source::Fingerprint;
use switchboard::{Batch, Context, Failure};

/// Appends all records of a batch, and all records inside each.
///
/// An unreadable CloudWatch Logs message ends the batch before its record.
///
/// # Errors
/// The journal cannot be written. Every record is then delivered again.
pub async fn on_records(batch: Batch<KinesisEventRecord>, cx: Context<App>) -> Result<(), Failure> {
    let most = Bounds::of_process().entries();
    let read = |record: KinesisEventRecord, filled: &[&str]| {
        let arrival = *record.kinesis.approximate_arrival_timestamp;
        let time = unless_filled(filled, "kinesis.approximateArrivalTimestamp", arrival);
        read(record, time, most)
    };
    cx.state().append_batch(batch, read).await
}

/// What an entry takes besides its data, in bytes: each has the stream, the ids and the key.
pub(super) const ENTRY: usize = 1024;

/// An aggregate whose entries would take more than `most` bytes is stored as the one record that it is. So a small
/// record with very many empty user records cannot make the function run out of memory, again and again.
fn read(
    mut record: KinesisEventRecord,
    time: Option<DateTime<Utc>>,
    most: usize,
) -> Result<Vec<Append>, Failure> {
    // Taken, not cloned: a record may have 1 MB.
    let mut data = std::mem::take(&mut record.kinesis.data.0);
    let parent = Parent::read(&record, time);
    // Neither form can start like the other, so the order does not matter.
    match Aggregate::of(data) {
        Ok(aggregate) if aggregate.count().saturating_mul(ENTRY) <= most => {
            aggregate.check(Bounds::of_process()).map_err(Failure::msg)?;
            return parent.appends(aggregate);
        }
        Ok(aggregate) => {
            tracing::warn!(
                records = aggregate.count(),
                "an aggregate of more records than the function has memory for is kept as one entry"
            );
            data = aggregate.into_data();
        }
        Err(other) => data = other,
    }
    if let Some(entries) = logs::entries(&data, or_default(record.aws_region.as_deref(), "unknown"), most)? {
        return Ok(entries.into_iter().map(Append::from).collect());
    }
    Ok(vec![parent.append(
        &record.kinesis.partition_key,
        Data::detect(data),
        None,
    )?])
}

/// What all records in a Kinesis record share.
struct Parent<'r> {
    /// The stream's ARN, without the consumer that enhanced fan-out adds.
    stream: &'r str,
    event_id: Option<&'r str>,
    sequence_number: &'r str,
    time: Option<DateTime<Utc>>,
}

impl<'r> Parent<'r> {
    fn read(record: &'r KinesisEventRecord, time: Option<DateTime<Utc>>) -> Self {
        let arn = or_default(record.event_source_arn.as_deref(), "aws:kinesis");
        Self {
            stream: arn.split_once("/consumer/").map_or(arn, |(stream, _)| stream),
            event_id: record.event_id.as_deref().filter(|id| !id.is_empty()),
            sequence_number: &record.kinesis.sequence_number,
            time,
        }
    }

    /// All of an aggregate is one append: stored completely, or delivered again completely.
    fn appends(&self, mut aggregate: Aggregate<Vec<u8>>) -> Result<Vec<Append>, Failure> {
        let mut appends = Vec::with_capacity(aggregate.count());
        while let Some(user) = aggregate.next_record() {
            let (key, data) = (user.partition_key, Data::detect(user.data.to_vec()));
            appends.push(self.append(key, data, Some(appends.len()))?);
        }
        Ok(appends)
    }

    fn append(&self, partition_key: &str, data: Data, index: Option<usize>) -> Result<Append, InvalidEntry> {
        let number = SequenceNumber::new(self.sequence_number).map(Order::sequence_number);
        Ok(Append {
            order: number.map(|order| order.place(index.unwrap_or_default())),
            ..Append::from(self.entry(partition_key, data, index)?)
        })
    }

    fn entry(&self, partition_key: &str, data: Data, index: Option<usize>) -> Result<Entry, InvalidEntry> {
        let place = index.map(|index| index.to_string());
        let identity = self.identity(partition_key, &data, place.as_deref());
        let id = match (self.event_id, &place) {
            (Some(event), Some(place)) => printable(&format!("{event}.{place}")).into_owned(),
            (Some(event), None) => printable(event).into_owned(),
            (None, _) => identity.to_id(),
        };
        let mut entry = Entry::builder(id, uri_reference(self.stream), "com.amazonaws.kinesis.record")
            .time(self.time)
            .identity(identity)
            .extension(WRITTEN_BY, "kinesis")
            .detected(data);
        if !partition_key.is_empty() {
            entry = entry.subject(printable(partition_key));
        }
        if !self.sequence_number.is_empty() {
            entry = entry.extension("sequence", printable(self.sequence_number).into_owned());
        }
        if let Some((shard, _)) = self.event_id.and_then(|id| id.split_once(':')) {
            entry = entry.extension("shardid", printable(shard).into_owned());
        }
        if let Some(index) = index.and_then(|index| i32::try_from(index).ok()) {
            entry = entry.extension("subsequence", index);
        }
        entry.build()
    }

    fn identity(&self, partition_key: &str, data: &Data, place: Option<&str>) -> Identity {
        let event = self.event_id.unwrap_or_default();
        // A sender may leave out both ids, or use the same ones for all records.
        let time = self.time.map(|time| time.to_rfc3339());
        let said = Fingerprint::new().text(Some(partition_key)).text(time.as_deref());
        let said = said.bytes(match data {
            Data::Json(json) => json.get().as_bytes(),
            Data::Text(text) => text.as_bytes(),
            Data::Binary(bytes) => bytes,
        });
        // Event ids are unique in their stream, hence the stream.
        let parts = [
            "kinesis",
            self.stream,
            event,
            self.sequence_number,
            &said.to_string(),
        ];
        Identity::new(parts.into_iter().chain(place))
    }
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests {
    use super::super::super::testing::{app, entries};
    use super::*;
    use crate::journal::Attribute;
    use aws_lambda_events::kinesis::KinesisEvent;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;
    use switchboard::testing::deliver_batch;
    use switchboard_test_support::{aggregate, sealed};

    const STREAM: &str = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks";

    fn record(number: &str, data: &[u8]) -> String {
        format!(
            r#"{{"eventID":"shardId-000000000006:{number}","eventVersion":"1.0","eventSource":"aws:kinesis","awsRegion":"eu-west-1",
            "eventSourceARN":"{STREAM}/consumer/c:1","kinesis":{{"partitionKey":"user 1","sequenceNumber":"{number}",
            "approximateArrivalTimestamp":1700000000.25,"data":"{}"}}}}"#,
            STANDARD.encode(data)
        )
    }

    async fn put(app: &App, raw: &str) -> Result<(), Failure> {
        deliver_batch::<KinesisEvent, _, _>(app, on_records, raw).await
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[tokio::test]
    async fn a_record_is_json_text_or_binary() {
        let app = app();
        for (number, data) in [
            ("1", &b"{\"a\": 1.0}"[..]),
            ("2", b"hello"),
            ("3", &[0, 1]),
            ("3", &[0, 1]),
        ] {
            put(&app, &record(number, data)).await.unwrap();
        }
        let entries = entries(&app).await;
        assert_eq!(entries.len(), 3);
        let entry = &entries[0];
        assert_eq!((entry.source(), entry.subject()), (STREAM, Some("user 1")));
        assert_eq!(
            (entry.event_type(), entry.id()),
            ("com.amazonaws.kinesis.record", "shardId-000000000006:1")
        );
        assert_eq!(entry.time().unwrap().timestamp_subsec_millis(), 250);
        assert_eq!(entry.extensions()["sequence"], Attribute::from("1"));
        assert_eq!(
            entry.extensions()["shardid"],
            Attribute::from("shardId-000000000006")
        );
        assert!(entry.to_json().ends_with(r#""data":{"a": 1.0}}"#));
        assert_eq!(entries[1].data(), Some(&Data::Text("hello".into())));
        assert_eq!(entries[2].data(), Some(&Data::Binary(vec![0, 1])));
    }

    #[tokio::test]
    async fn an_aggregate_is_its_user_records() {
        let app = app();
        let users = [
            ("a".to_owned(), b"one".to_vec()),
            ("b".to_owned(), b"{}".to_vec()),
        ];
        let aggregate = aggregate(&users);
        put(&app, &record("9", &aggregate)).await.unwrap();
        put(&app, &record("9", &aggregate)).await.unwrap();
        let mut damaged = aggregate.clone();
        *damaged.last_mut().unwrap() ^= 1;
        put(&app, &record("10", &damaged)).await.unwrap();
        let entries = entries(&app).await;
        let ids: Vec<_> = entries
            .iter()
            .map(|entry| (entry.id(), entry.subject().unwrap()))
            .collect();
        let shard = "shardId-000000000006";
        let expected = [
            (format!("{shard}:9.0"), "a"),
            (format!("{shard}:9.1"), "b"),
            (format!("{shard}:10"), "user 1"),
        ];
        assert_eq!(ids, expected.each_ref().map(|(id, key)| (id.as_str(), *key)));
        assert_eq!(entries[2].data(), Some(&Data::Binary(damaged)));
    }

    #[tokio::test]
    async fn an_aggregate_of_more_records_than_there_is_memory_for_is_one_entry() {
        let message = |records: usize| [&[0x0A, 1, b'k'][..], &[0x1A, 0].repeat(records)].concat();
        let most = Bounds::of_process().entries() / ENTRY;
        let (whole, kept) = (app(), app());
        put(&whole, &record("1", &sealed(&message(most)))).await.unwrap();
        let first = &entries(&whole).await[0];
        assert_eq!(
            (first.subject(), first.data()),
            (Some("k"), Some(&Data::Text(String::new())))
        );
        let aggregate = sealed(&message(most + 1));
        put(&kept, &record("1", &aggregate)).await.unwrap();
        let entries = entries(&kept).await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].data(), Some(&Data::Binary(aggregate)));
    }

    #[tokio::test]
    async fn a_subscription_is_its_log_events() {
        let app = app();
        let message = r#"{"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"/aws/lambda/f","logStream":"2026/[1]x",
            "subscriptionFilters":["f"],"logEvents":[{"id":"1","timestamp":1700000000123,"message":"START"},
            {"id":"2","timestamp":1700000000124,"message":"{\"level\":\"INFO\"}"}]}"#;
        put(&app, &record("1", &gzip(message.as_bytes()))).await.unwrap();
        let control = message.replace("DATA_MESSAGE", "CONTROL_MESSAGE");
        put(&app, &record("2", &gzip(control.as_bytes()))).await.unwrap();
        let entries = entries(&app).await;
        assert_eq!(entries.len(), 2);
        assert_eq!(
            entries[0].source(),
            "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/f"
        );
        assert_eq!((entries[0].subject(), entries[0].id()), (Some("2026/[1]x"), "1"));
        assert!(entries[1].to_json().ends_with(r#""data":{"level":"INFO"}}"#));
    }

    #[tokio::test]
    async fn other_gzip_is_binary_and_bombs_are_refused() {
        let app = app();
        put(&app, &record("1", &gzip(b"{\"messageType\":\"OTHER\"}")))
            .await
            .unwrap();
        put(&app, &record("2", &[0x1F, 0x8B, 1, 2])).await.unwrap();
        assert!(
            entries(&app)
                .await
                .iter()
                .all(|entry| matches!(entry.data(), Some(Data::Binary(_))))
        );
        let wrong = gzip(br#"{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","logEvents":[{"id":5}]}"#);
        let failure = put(&app, &record("3", &wrong)).await.unwrap_err().to_string();
        assert!(failure.contains("`logEvents[0].id`"), "{failure}");
        let zeros = Bounds::of_process().unpacked() + 1;
        let failure = put(&app, &record("4", &gzip(&vec![b' '; zeros])))
            .await
            .unwrap_err()
            .to_string();
        assert!(
            failure.contains("more than 16777216 after decompression"),
            "{failure}"
        );
    }
}
