//! Adds a source that does not exist, Tollbooth, in four places, and takes an event of it all the way through the library.
//!
//! The places are `source/facts/tollbooth.rs`, a line in `source/name.rs`, `event/tollbooth.rs` and a sample,
//! `tests/made_up/tollbooth.json`. `tests/rows.rs` checks that there are no others. CONTRIBUTING.md walks through them.

use crate::event::tollbooth::{Passage, TollboothEvent};
use crate::handler::{Context, Failure, Payload};
use crate::router::Router;
use crate::source::{Source, detect};
use lambda_runtime::{LambdaEvent, Service as _};

const SAMPLE: &str = include_str!("../tests/made_up/tollbooth.json");

async fn on_passage(passage: Passage, cx: Context<()>) -> Result<(), Failure> {
    assert_eq!(cx.source(), Source::Tollbooth);
    match passage.toll {
        0 => Err(Failure::msg(format!("{} is not paid", passage.passage_id))),
        _ => Ok(()),
    }
}

async fn answer(payload: &str) -> String {
    let mut router = Router::new(()).on::<TollboothEvent>(on_passage);
    let event = LambdaEvent::new(
        Payload::new(payload.as_bytes().to_vec()),
        lambda_runtime::Context::default(),
    );
    let reply = router.call(event).await.unwrap();
    serde_json::to_string(&reply).unwrap()
}

#[test]
fn it_is_identified_and_has_its_names() {
    let detected = detect(SAMPLE.as_bytes());
    assert_eq!(
        detected.to_string(),
        r#"tollbooth (Records[0].eventSource = "example:tollbooth")"#
    );
    for name in ["tollbooth", "turnpike"] {
        assert_eq!(name.parse(), Ok(Source::Tollbooth));
    }
    assert!(Source::ALL.contains(&Source::Tollbooth) && !Source::Tollbooth.is_http());
}

#[tokio::test]
async fn it_is_routed_and_answered_as_its_facts_say() {
    assert_eq!(
        answer(SAMPLE).await,
        r#"{"batchItemFailures":[{"itemIdentifier":"p-2"}]}"#
    );
    let paid = SAMPLE.replace("\"toll\": 0", "\"toll\": 4");
    assert_eq!(answer(&paid).await, r#"{"batchItemFailures":[]}"#);
}
