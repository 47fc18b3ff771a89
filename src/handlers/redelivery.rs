//! Every sample, through the function's router, in any order and more than once: the journal ends up the same.

use super::testing::{app, entries, outcome};
use super::{App, router};
use lambda_runtime::LambdaEvent;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use switchboard::Payload;
use tower::Service as _;

/// The sources whose samples become entries.
const SOURCES: [&str; 4] = ["s3", "dynamodb", "kinesis", "cloudwatch_events"];

fn samples() -> Vec<PathBuf> {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
    let list = |source: &str| {
        std::fs::read_dir(events.join(source))
            .unwrap()
            .map(|file| file.unwrap().path())
    };
    let mut samples: Vec<_> = SOURCES.into_iter().flat_map(list).collect();
    samples.sort();
    samples
}

async fn deliver(app: &App, sample: &Path) {
    deliver_bytes(app, std::fs::read(sample).unwrap()).await;
}

async fn deliver_json(app: &App, event: &Value) {
    deliver_bytes(app, event.to_string().into_bytes()).await;
}

async fn deliver_bytes(app: &App, payload: Vec<u8>) {
    let text = String::from_utf8_lossy(&payload).into_owned();
    let event = LambdaEvent::new(Payload::new(payload), lambda_runtime::Context::default());
    let reply = router(app.clone()).call(event).await;
    let reply = format!("{:?}", reply.unwrap_or_else(|error| panic!("{text}: {error}")));
    assert!(!reply.contains("itemIdentifier"), "{text}: {reply}");
}

#[tokio::test]
async fn no_sample_is_taken_for_another() {
    let app = app();
    for sample in samples() {
        let before = entries(&app).await.len();
        deliver(&app, &sample).await;
        let new = entries(&app).await.len() - before;
        let silent = ["s3_test", "test_event", "control"]
            .iter()
            .any(|name| sample.to_str().unwrap().contains(name));
        assert_eq!(new == 0, silent, "{} made {new} entries", sample.display());
    }
}

/// Senders there are that give one id, or one sequencer, to all they send: samples, emulators.
#[tokio::test]
async fn one_id_for_different_events_loses_none() {
    let sample = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("events").join(name);
        serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap()
    };
    for (name, path, other) in [
        (
            "cloudwatch_events/ec2_running.json",
            "/detail/state",
            json!("stopped"),
        ),
        (
            "cloudwatch_events/ec2_running.json",
            "/time",
            json!("2026-10-05T18:45:12Z"),
        ),
        (
            "cloudwatch_events/ec2_running.json",
            "/detail-type",
            json!("Another"),
        ),
        ("s3/put.json", "/Records/0/s3/object/eTag", json!("other")),
        ("s3/put.json", "/Records/0/s3/object/size", json!(17)),
        (
            "s3/put.json",
            "/Records/0/eventTime",
            json!("2030-01-01T00:00:00.000Z"),
        ),
        (
            "dynamodb/modify.json",
            "/Records/0/dynamodb/NewImage",
            json!({"other": {"S": "x"}}),
        ),
        (
            "dynamodb/modify.json",
            "/Records/0/dynamodb/Keys",
            json!({"other": {"S": "x"}}),
        ),
        ("kinesis/json.json", "/Records/0/kinesis/data", json!("eHk=")),
        (
            "kinesis/json.json",
            "/Records/0/kinesis/partitionKey",
            json!("other"),
        ),
        (
            "kinesis/json.json",
            "/Records/0/kinesis/approximateArrivalTimestamp",
            json!(1900000000.25),
        ),
        (
            "dynamodb/modify.json",
            "/Records/0/dynamodb/ApproximateCreationDateTime",
            json!(1900000000),
        ),
    ] {
        let app = app();
        let first = sample(name);
        let mut second = first.clone();
        *second.pointer_mut(path).unwrap() = other;
        assert_ne!(first, second, "{name}{path}");
        for event in [&first, &second, &first, &second] {
            deliver_json(&app, event).await;
        }
        let records = first["Records"].as_array().map_or(1, Vec::len);
        let ids: Vec<String> = entries(&app)
            .await
            .iter()
            .map(|entry| entry.id().to_owned())
            .collect();
        assert_eq!(ids.len(), records + 1, "{name}{path}: {ids:?}");
    }
}

#[tokio::test]
async fn how_an_event_came_says_nothing_of_it() {
    let app = app();
    let event = json!({"version": "0", "id": "e-1", "detail-type": "Order Placed", "source": "shop",
        "time": "2026-03-01T10:00:00Z", "resources": [], "detail": {"order": 17, "lines": [1, 2]}});
    let mut replayed = event.clone();
    replayed["replay-name"] = "again".into();
    deliver_json(&app, &event).await;
    deliver_json(&app, &replayed).await;
    let laid_out = event.to_string().replace(
        r#""lines":[1,2],"order":17"#,
        r#" "order": 17, "lines": [ 1, 2 ] "#,
    );
    assert_ne!(laid_out, event.to_string());
    deliver_bytes(&app, laid_out.into_bytes()).await;
    let record = |configuration: &str| {
        json!({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "eventTime": "2026-03-01T10:00:00.123Z",
            "s3": {"configurationId": configuration, "bucket": {"name": "b"},
                "object": {"key": "k", "size": 1, "eTag": "e", "sequencer": "0A"}}}]})
    };
    deliver_json(&app, &record("one")).await;
    deliver_json(&app, &record("two")).await;
    assert_eq!(entries(&app).await.len(), 2);
}

/// With one sequencer for all changes it is the time that orders them, whatever comes first.
#[tokio::test]
async fn the_state_is_the_latest_where_all_changes_have_one_number() {
    let change = |name: &str, second: u8| {
        json!({"Records": [{"eventSource": "aws:s3", "eventName": name, "eventTime": format!("2026-03-01T10:00:0{second}.000Z"),
            "s3": {"bucket": {"name": "b"}, "object": {"key": "k", "sequencer": "0055AED6DCD90281E5"}}}]})
    };
    let changes = [
        change("ObjectCreated:Put", 1),
        change("ObjectRemoved:Delete", 2),
        change("ObjectCreated:Put", 3),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let app = app();
        for at in order {
            deliver_json(&app, &changes[at]).await;
        }
        let (states, identities) = outcome(&app).await;
        assert_eq!((states[0].1.as_str(), identities.len()), ("created", 3));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn samples_leave_the_same_journal_in_any_order(
        arrival in Just([samples(), samples(), samples()].concat()).prop_shuffle(),
    ) {
        super::testing::block_on(async {
            let (once, often) = (app(), app());
            for sample in samples() {
                deliver(&once, &sample).await;
            }
            for sample in arrival {
                deliver(&often, &sample).await;
            }
            prop_assert_eq!(outcome(&once).await, outcome(&often).await);
            Ok(())
        })?;
    }
}
