//! Amazon S3: one journal entry per notification, and a catalogue of the objects.
//!
//! Entries follow the CloudEvents adapter for S3; their data is the unchanged record. An object's state is `created` or
//! `deleted`, ordered by `sequencer`, so a late or repeated notification cannot restore an old state. A record without
//! `sequencer` only competes with others without one, by `eventTime`.
//!
//! * Only events that create or remove an object change its state. Events about tags, ACLs, restores and transitions do
//!   not, because S3 does not order them. They become entries with the object's key as `subject`.
//!
//! * In a versioned bucket, the state is that of the key: a delete marker deletes it. The removal of one version is the
//!   state of that version, `<object's ARN>?versionId=<version>`, and not of the key, whose newest version may be
//!   another one.

use super::App;
use super::record::{facts, or_default, unless_filled, unparsed};
use crate::journal::{Entry, Identity, Order, StateChange, WRITTEN_BY, printable, uri_reference};
use aws_lambda_events::s3::S3EventRecord;
use chrono::{DateTime, Utc};
use serde_json::json;
use switchboard::event::s3::decode_key;
use switchboard::source::Fingerprint;
use switchboard::{Context, Failure};

/// Records what happened to an object.
///
/// # Errors
/// The record has no bucket or no key, or the journal cannot be written.
pub async fn on_object(record: S3EventRecord, cx: Context<App>) -> Result<(), Failure> {
    let notice = ObjectEvent::read(
        &record,
        unless_filled(cx.filled(), "eventTime", record.event_time),
    )?;
    let identity = notice.identity();
    let change = notice.change(&identity);
    let entry = Entry::builder(notice.id(&identity), notice.source(), notice.event_type())
        .subject(printable(&notice.key))
        .time(notice.time)
        .identity(identity)
        .extension(WRITTEN_BY, "s3")
        .json(unparsed(&cx)?)
        .build()?;
    cx.state().append(entry, change).await?;
    Ok(())
}

/// What a record says about an object.
struct ObjectEvent<'r> {
    record: &'r S3EventRecord,
    bucket: &'r str,
    key: String,
    /// Emulators send an empty version or `null` for unversioned buckets; S3 sends `null` for objects that were stored
    /// without a version.
    version: Option<&'r str>,
    /// The event's name without `s3:`, which some records have.
    event: &'r str,
    time: Option<DateTime<Utc>>,
}

impl<'r> ObjectEvent<'r> {
    fn read(record: &'r S3EventRecord, time: Option<DateTime<Utc>>) -> Result<Self, Failure> {
        let need = |value: &'r Option<String>, path| {
            let missing = || Failure::msg(format!("the record has no `{path}`, so it names no object"));
            value.as_deref().ok_or_else(missing)
        };
        let event = or_default(record.event_name.as_deref(), "unknown");
        let version = record.s3.object.version_id.as_deref();
        Ok(Self {
            record,
            bucket: need(&record.s3.bucket.name, "s3.bucket.name")?,
            key: decode_key(need(&record.s3.object.key, "s3.object.key")?).into_owned(),
            version: version.filter(|version| !["", "null"].contains(version)),
            event: event.strip_prefix("s3:").unwrap_or(event),
            time,
        })
    }

    fn source(&self) -> String {
        let region = or_default(self.record.aws_region.as_deref(), "unknown");
        uri_reference(&format!("aws:s3.{region}.{}", self.bucket)).into_owned()
    }

    fn event_type(&self) -> String {
        printable(&format!("com.amazonaws.s3.{}", self.event)).into_owned()
    }

    fn id(&self, identity: &Identity) -> String {
        match (self.request_id("x-amz-request-id"), self.request_id("x-amz-id-2")) {
            ("", _) => identity.to_id(),
            (request, "") => printable(request).into_owned(),
            (request, host) => printable(&format!("{request}.{host}")).into_owned(),
        }
    }

    fn request_id(&self, name: &str) -> &'r str {
        self.record.response_elements.get(name).map_or("", String::as_str)
    }

    /// One request may affect many objects, and one change may be announced twice. The object, its sequencer and the
    /// record's content distinguish a change from all others. If no sequencer orders the event, the request id is part
    /// of it, too.
    fn identity(&self) -> Identity {
        let sequencer = self.record.s3.object.sequencer.as_deref().unwrap_or_default();
        let version = self.version.unwrap_or_default();
        let said = self.said();
        let what = [
            "s3",
            self.bucket,
            &self.key,
            version,
            self.event,
            sequencer,
            &said,
        ];
        if self.state().is_some() && !sequencer.is_empty() {
            return Identity::new(what);
        }
        // Tags may be set twice on the same object.
        Identity::new(what.into_iter().chain([self.request_id("x-amz-request-id")]))
    }

    /// Distinguishes changes to which a sender gave one sequencer, as emulators do. It does not include how S3 came to
    /// announce the change, for example the configuration's name.
    fn said(&self) -> String {
        let object = &self.record.s3.object;
        let (time, size) = (
            self.time.map(|time| time.to_rfc3339()),
            object.size.map(|size| size.to_string()),
        );
        let texts = [time.as_deref(), size.as_deref(), object.e_tag.as_deref()];
        texts
            .into_iter()
            .fold(Fingerprint::new(), Fingerprint::text)
            .to_string()
    }

    fn state(&self) -> Option<&'static str> {
        let (family, _) = self.event.split_once(':').unwrap_or((self.event, ""));
        match family {
            "ObjectCreated" => Some("created"),
            "ObjectRemoved" | "LifecycleExpiration" => Some("deleted"),
            _ => None,
        }
    }

    fn change(&self, identity: &Identity) -> Option<StateChange> {
        let state = self.state()?;
        let object = &self.record.s3.object;
        let arn = format!("arn:aws:s3:::{}", self.bucket);
        let urn = format!(
            "{}/{}",
            or_default(self.record.s3.bucket.arn.as_deref(), &arn),
            self.key
        );
        let (resource_type, urn) = match self.version {
            // A delete marker has a version, too, but it deletes the key.
            Some(version) if self.event.ends_with(":Delete") => {
                ("s3.object_version", format!("{urn}?versionId={version}"))
            }
            _ => ("s3.object", urn),
        };
        let order = object.sequencer.as_deref().and_then(Order::sequencer);
        let time = Order::time(self.time);
        // A time is less than every sequencer, so a hand-made event cannot override S3's order.
        let order = match order {
            Some(order) => order.then(time),
            None => time,
        };
        Some(StateChange {
            urn,
            resource_type,
            state: state.to_owned(),
            order: order.tie(identity.as_str()),
            data: facts(json!({ "size": object.size, "eTag": object.e_tag, "versionId": self.version })),
        })
    }
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests {
    use super::super::testing::{app, block_on, entries, outcome, resources};
    use super::*;
    use aws_lambda_events::s3::S3Event;
    use proptest::prelude::*;
    use switchboard::testing::deliver;

    fn record(event: &str, key: &str, sequencer: &str, version: Option<&str>) -> String {
        let version = version
            .map(|version| format!(r#","versionId":"{version}""#))
            .unwrap_or_default();
        format!(
            r#"{{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1","eventTime":"2026-03-01T10:00:00.123Z",
            "eventName":"{event}","userIdentity":{{"principalId":"A"}},"requestParameters":{{"sourceIPAddress":"192.0.2.1"}},
            "responseElements":{{"x-amz-request-id":"R{sequencer}","x-amz-id-2":"a/b+c="}},"s3":{{"bucket":{{"name":"photos",
            "arn":"arn:aws:s3:::photos"}},"object":{{"key":"{key}","size":7,"sequencer":"{sequencer}"{version}}}}},
            "glacierEventData":{{"x":1}}}}"#
        )
    }

    async fn put(app: &App, raw: &str) {
        deliver::<S3Event, _, _, _>(app, on_object, raw).await.unwrap();
    }

    #[tokio::test]
    async fn an_entry_is_what_the_adapter_says() {
        let app = app();
        let raw = record("s3:ObjectCreated:Put", "a+b%2Bc/%C3%BC%0A.txt", "0A", None);
        put(&app, &raw).await;
        let entry = &entries(&app).await[0];
        assert_eq!(entry.id(), "R0A.a/b+c=");
        assert_eq!(entry.source(), "aws:s3.eu-west-1.photos");
        assert_eq!(entry.event_type(), "com.amazonaws.s3.ObjectCreated:Put");
        assert_eq!(entry.subject(), Some("a b+c/ü%0A.txt"));
        assert!(entry.to_json().contains(r#""time":"2026-03-01T10:00:00.123Z""#));
        assert!(entry.to_json().contains("glacierEventData"));
        let resource = &resources(&app).await[0];
        assert_eq!(resource.urn, "arn:aws:s3:::photos/a b+c/ü\n.txt");
        assert_eq!(
            (resource.resource_type.as_str(), resource.state.as_str()),
            ("s3.object", "created")
        );
        assert_eq!(resource.data.as_ref().unwrap().get(), r#"{"size":7}"#);
    }

    #[tokio::test]
    async fn one_request_that_names_many_objects_loses_none() {
        let app = app();
        for key in ["a", "b", "c", "b"] {
            put(&app, &record("ObjectRemoved:Delete", key, "1", None)).await;
        }
        assert_eq!(entries(&app).await.len(), 3);
    }

    #[tokio::test]
    async fn what_is_missing_is_left_out_or_named() {
        let app = app();
        let bare = r#"{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}"#;
        put(&app, bare).await;
        let entry = &entries(&app).await[0];
        assert_eq!((entry.time(), entry.id().len()), (None, 16));
        let no_key = bare.replace(r#""key":"k""#, "");
        let failure = deliver::<S3Event, _, _, _>(&app, on_object, &no_key)
            .await
            .unwrap_err();
        assert!(failure.to_string().contains("no `s3.object.key`"));
    }

    #[tokio::test]
    async fn an_absent_version_has_several_forms() {
        for version in [None, Some(""), Some("null")] {
            let app = app();
            put(&app, &record("ObjectCreated:Put", "k", "1", version)).await;
            put(&app, &record("ObjectRemoved:Delete", "k", "2", version)).await;
            let states = outcome(&app).await.0;
            assert_eq!(
                states,
                [("arn:aws:s3:::photos/k".to_owned(), "deleted".to_owned())]
            );
        }
    }

    /// As S3 documents it, the shorter is padded with zeros on the right.
    #[tokio::test]
    async fn sequencers_may_differ_in_length() {
        let app = app();
        put(
            &app,
            &record("ObjectCreated:Put", "k", "0055AED6DCD90281E5AA", None),
        )
        .await;
        put(
            &app,
            &record("ObjectRemoved:Delete", "k", "0055AED6DCD9028200", None),
        )
        .await;
        assert_eq!(outcome(&app).await.0[0].1, "deleted");
    }

    #[tokio::test]
    async fn a_record_without_sequencer_does_not_overrule_one_with() {
        let app = app();
        put(&app, &record("ObjectCreated:Put", "k", "1", None)).await;
        put(&app, &record("ObjectRemoved:Delete", "k", "", None)).await;
        assert_eq!(outcome(&app).await.0[0].1, "created");
        assert_eq!(entries(&app).await.len(), 2);
    }

    #[tokio::test]
    async fn a_removed_version_is_not_the_keys_end() {
        let app = app();
        put(&app, &record("ObjectCreated:Put", "k", "1", Some("v1"))).await;
        put(&app, &record("ObjectRemoved:Delete", "k", "3", Some("v0"))).await;
        put(&app, &record("ObjectTagging:Put", "k", "4", Some("v1"))).await;
        let (states, _) = outcome(&app).await;
        let expected = [
            ("arn:aws:s3:::photos/k", "created"),
            ("arn:aws:s3:::photos/k?versionId=v0", "deleted"),
        ];
        assert_eq!(
            states,
            expected.map(|(urn, state)| (urn.to_owned(), state.to_owned()))
        );
        put(
            &app,
            &record("ObjectRemoved:DeleteMarkerCreated", "k", "5", Some("v2")),
        )
        .await;
        assert_eq!(outcome(&app).await.0[0].1, "deleted");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn late_and_repeated_notifications_change_nothing(
            arrival in proptest::collection::vec(0usize..6, 0..12).prop_flat_map(|extra| {
                Just((0..6).chain(extra).collect::<Vec<usize>>()).prop_shuffle()
            }),
        ) {
            let names = ["ObjectCreated:Put", "ObjectRemoved:Delete"];
            let sequencers = ["00D", "00D1", "0E", "0E0F", "0E1", "1"];
            let raws: Vec<String> = (0..6).map(|n| record(names[n % 2], "k", sequencers[n], None)).collect();
            block_on(async {
                let app = app();
                for at in arrival {
                    put(&app, &raws[at]).await;
                }
                let (states, identities) = outcome(&app).await;
                prop_assert_eq!(states[0].1.as_str(), "deleted");
                prop_assert_eq!(identities.len(), 6);
                Ok(())
            })?;
        }
    }
}
