//! The handler: from an event to its entry.

use super::super::App;
use super::super::record::{or_default, unless_filled};
use super::detail::{self, ResourceName, ResourceState};
use crate::journal::{Entry, Identity, Order, StateChange, WRITTEN_BY, printable, uri_reference};
use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use switchboard::source::Fingerprint;
use switchboard::{Context, Failure};

/// Appends an event.
///
/// # Errors
/// The event has no `source`, its detail is not of the shape AWS documents (the message names the JSON path), or the
/// journal cannot be written.
pub async fn on_event(event: CloudWatchEvent<Box<RawValue>>, cx: Context<App>) -> Result<(), Failure> {
    let time = unless_filled(cx.filled(), "time", event.time);
    let envelope = Envelope::read(&event)?;
    let identity = envelope.identity(time);
    let state = detail::state(envelope.source, envelope.detail_type, event.detail.as_deref())?;
    let change = state.map(|state| envelope.change(state, time, &identity));
    let entry = envelope.entry(time, identity, change.as_ref(), replay(cx.raw()))?;
    cx.state().append(entry, change).await?;
    Ok(())
}

type Event = CloudWatchEvent<Box<RawValue>>;

/// The event around the detail.
struct Envelope<'e> {
    event: &'e Event,
    source: &'e str,
    detail_type: &'e str,
}

impl<'e> Envelope<'e> {
    fn read(event: &'e Event) -> Result<Self, Failure> {
        let source = event.source.as_deref().filter(|source| !source.is_empty());
        Ok(Self {
            event,
            source: source.ok_or_else(|| Failure::msg("the event has no `source`"))?,
            detail_type: or_default(event.detail_type.as_deref(), "unknown"),
        })
    }

    /// The event's id and its content, because hand-made events lack an id and some senders use one for all events. The
    /// name of a replay is not part of it.
    fn identity(&self, time: Option<DateTime<Utc>>) -> Identity {
        let event = self.event;
        let time = time.map(|time| time.to_rfc3339());
        let texts = [
            Some(self.detail_type),
            time.as_deref(),
            event.account_id.as_deref(),
            event.region.as_deref(),
        ];
        let said = texts.into_iter().fold(Fingerprint::new(), Fingerprint::text);
        let said = event
            .resources
            .iter()
            .fold(said, |said, resource| said.text(Some(resource)));
        let detail = event.detail.as_deref().map_or("", RawValue::get);
        let said = said.json(detail.as_bytes()).to_string();
        Identity::new([
            "events",
            self.source,
            event.id.as_deref().unwrap_or_default(),
            &said,
        ])
    }

    fn event_type(&self) -> String {
        // A type may have spaces, but they are awkward in URLs and headers; `detailtype` keeps the original.
        let words = self.detail_type.split_whitespace().collect::<Vec<_>>().join("-");
        let kind = match self.source.strip_prefix("aws.") {
            Some(service) => format!("com.amazonaws.{service}.{words}"),
            None => format!("{}.{words}", self.source),
        };
        printable(&kind).into_owned()
    }

    fn entry(
        &self,
        time: Option<DateTime<Utc>>,
        identity: Identity,
        change: Option<&StateChange>,
        replay: Option<String>,
    ) -> Result<Entry, Failure> {
        let event = self.event;
        let id = event.id.as_deref().filter(|id| !id.is_empty());
        let id = id.map_or_else(|| identity.to_id(), |id| printable(id).into_owned());
        let mut entry = Entry::builder(id, uri_reference(self.source), self.event_type())
            .time(time)
            .identity(identity)
            .extension(WRITTEN_BY, "cloudwatch_events");
        let extensions = [
            ("detailtype", Some(self.detail_type)),
            ("awsaccount", event.account_id.as_deref()),
            ("awsregion", event.region.as_deref()),
            ("replayname", replay.as_deref()),
        ];
        for (name, value) in extensions {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                entry = entry.extension(name, printable(value).into_owned());
            }
        }
        let resource = event
            .resources
            .first()
            .map(String::as_str)
            .filter(|resource| !resource.is_empty());
        if let Some(subject) = resource.or(change.map(|change| change.urn.as_str())) {
            entry = entry.subject(printable(subject));
        }
        if let Some(detail) = &event.detail {
            entry = entry.json(detail.clone());
        }
        Ok(entry.build()?)
    }

    fn change(&self, state: ResourceState, time: Option<DateTime<Utc>>, identity: &Identity) -> StateChange {
        let region = self.event.region.as_deref().unwrap_or_default();
        let account = self.event.account_id.as_deref().unwrap_or_default();
        StateChange {
            urn: match state.name {
                ResourceName::Arn(arn) => arn,
                ResourceName::Resource { service, resource } => {
                    // An ARN that AWS sends has the partition; one that is made here must guess it.
                    let named = self
                        .event
                        .resources
                        .iter()
                        .find(|arn| arn.ends_with(&format!(":{resource}")));
                    named
                        .cloned()
                        .unwrap_or_else(|| format!("arn:aws:{service}:{region}:{account}:{resource}"))
                }
            },
            resource_type: state.resource_type,
            state: state.state,
            order: Order::time(time).rank(state.rank).tie(identity.as_str()),
            data: state.data,
        }
    }
}

/// The name of the replay that an event comes from, which the typed event does not have.
fn replay(raw: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Replayed {
        #[serde(rename = "replay-name")]
        name: Option<String>,
    }
    serde_json::from_slice::<Replayed>(raw).ok()?.name
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests {
    use super::super::super::testing::{app, block_on, entries, outcome, resources};
    use super::*;
    use crate::journal::Attribute;
    use proptest::prelude::*;
    use switchboard::testing::deliver;

    const EXECUTION: &str = "arn:aws:states:eu-west-1:123456789012:execution:m:x";

    fn event(source: &str, detail_type: &str, id: &str, time: &str, more: &str) -> String {
        format!(
            r#"{{"version":"0","id":"{id}","detail-type":"{detail_type}","source":"{source}","account":"123456789012",
            "time":"{time}","region":"eu-west-1"{more}}}"#
        )
    }

    fn execution(id: &str, second: u8, status: &str) -> String {
        let detail = format!(
            r#","resources":["{EXECUTION}"],"detail":{{"executionArn":"{EXECUTION}","status":"{status}"}}"#
        );
        let time = format!("2026-03-01T10:00:{second:02}Z");
        event(
            "aws.states",
            "Step Functions Execution Status Change",
            id,
            &time,
            &detail,
        )
    }

    async fn put(app: &App, raw: &str) -> Result<(), Failure> {
        deliver::<Event, _, _, _>(app, on_event, raw).await
    }

    #[tokio::test]
    async fn an_entry_is_the_envelope_and_the_detail_as_it_came() {
        let app = app();
        let detail = format!("{}{}", "[".repeat(500), "]".repeat(500));
        let more = format!(r#","resources":["arn:x","arn:y"],"replay-name":"again","detail":{detail}"#);
        put(
            &app,
            &event("my shop", "Order  Placed", "7", "2026-03-01T10:00:00Z", &more),
        )
        .await
        .unwrap();
        let entry = &entries(&app).await[0];
        assert_eq!(
            (entry.source(), entry.event_type()),
            ("my%20shop", "my shop.Order-Placed")
        );
        assert_eq!((entry.subject(), entry.id()), (Some("arn:x"), "7"));
        for (name, value) in [
            ("detailtype", "Order  Placed"),
            ("awsaccount", "123456789012"),
            ("awsregion", "eu-west-1"),
            ("replayname", "again"),
        ] {
            assert_eq!(entry.extensions()[name], Attribute::from(value));
        }
        assert!(entry.to_json().ends_with(&format!("\"data\":{detail}}}")));
        assert!(resources(&app).await.is_empty());
    }

    #[tokio::test]
    async fn the_last_state_of_instances_and_jobs_is_kept() {
        let app = app();
        let ec2 = |id, time, state| {
            let more = format!(r#","resources":[],"detail":{{"instance-id":"i-1","state":"{state}"}}"#);
            event(
                "aws.ec2",
                "EC2 Instance State-change Notification",
                id,
                time,
                &more,
            )
        };
        put(&app, &ec2("1", "2026-03-01T10:00:00Z", "terminated"))
            .await
            .unwrap();
        put(&app, &ec2("2", "2026-03-01T10:00:00Z", "shutting-down"))
            .await
            .unwrap();
        put(&app, &ec2("3", "2026-03-01T09:59:59Z", "running"))
            .await
            .unwrap();
        let job = r#","resources":[],"detail":{"jobId":"j","jobName":"n","status":"RUNNABLE"}"#;
        put(
            &app,
            &event(
                "aws.batch",
                "Batch Job State Change",
                "4",
                "2026-03-01T10:00:00Z",
                job,
            ),
        )
        .await
        .unwrap();
        let states = outcome(&app).await.0;
        let expected = [
            ("arn:aws:batch:eu-west-1:123456789012:job/j", "RUNNABLE"),
            ("arn:aws:ec2:eu-west-1:123456789012:instance/i-1", "terminated"),
        ];
        assert_eq!(
            states,
            expected.map(|(urn, state)| (urn.to_owned(), state.to_owned()))
        );
        assert_eq!(entries(&app).await[0].subject(), Some(expected[1].0));
        assert_eq!(
            entries(&app).await[0].event_type(),
            "com.amazonaws.ec2.EC2-Instance-State-change-Notification"
        );
    }

    #[tokio::test]
    async fn a_detail_of_another_shape_is_named_by_its_path() {
        let app = app();
        for (detail, path) in [
            (r#","detail":{"jobId":"j","status":{"a":1}}"#, "detail.status"),
            ("", "detail"),
        ] {
            let raw = event(
                "aws.batch",
                "Batch Job State Change",
                "1",
                "2026-03-01T10:00:00Z",
                detail,
            );
            let failure = put(&app, &raw).await.unwrap_err().to_string();
            assert!(failure.contains(&format!("`{path}`")), "{failure}");
        }
        assert!(entries(&app).await.is_empty());
    }

    #[tokio::test]
    async fn what_is_missing_is_left_out() {
        let app = app();
        let bare = r#"{"source":"aws.events","detail-type":"Scheduled Event"}"#;
        put(&app, bare).await.unwrap();
        put(&app, bare).await.unwrap();
        let entries = entries(&app).await;
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].time(), entries[0].data()), (None, None));
        assert!(put(&app, r#"{"source":"","detail-type":"x"}"#).await.is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn late_and_repeated_events_change_nothing(
            arrival in proptest::collection::vec(0usize..4, 0..12).prop_flat_map(|extra| {
                Just((0..4).chain(extra).collect::<Vec<usize>>()).prop_shuffle()
            }),
        ) {
            let raws = [
                execution("a", 1, "RUNNING"), execution("b", 2, "FAILED"),
                execution("d", 3, "RUNNING"), execution("c", 3, "SUCCEEDED"),
            ];
            block_on(async {
                let app = app();
                for at in arrival {
                    put(&app, &raws[at]).await.unwrap();
                }
                let (states, identities) = outcome(&app).await;
                prop_assert_eq!(&states, &[(EXECUTION.to_owned(), "SUCCEEDED".to_owned())]);
                prop_assert_eq!(identities.len(), 4);
                Ok(())
            })?;
        }
    }
}
