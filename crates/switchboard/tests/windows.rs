//! Tumbling windows: a state goes from record to record and from invocation to invocation, and back to where it was
//! before a failure.

use crate::support::instructions::{
    Action, Instruction, Log, Seen, answer, deliver, follow, instruction, kinesis, sink,
};
use aws_lambda_events::dynamodb::EventRecord;
use aws_lambda_events::kinesis::KinesisEventRecord;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use switchboard::{Context, Failure, Handler, Router, Windowed};

/// What Lambda carries from one invocation to the next.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
struct Totals {
    #[serde(default)]
    records: u64,
    #[serde(default)]
    seen: Vec<String>,
    #[serde(default)]
    ended: Option<bool>,
}

async fn total(step: Windowed<KinesisEventRecord, Totals>, cx: Context<Log>) -> Result<Totals, Failure> {
    match step {
        Windowed::Record {
            record, mut state, ..
        } => {
            follow(std::str::from_utf8(&record.kinesis.data)?, cx.state()).await?;
            state.records += 1;
            state.seen.push(record.kinesis.sequence_number);
            Ok(state)
        }
        Windowed::End {
            mut state,
            early,
            window,
        } => {
            assert!(window.start < window.end);
            cx.state().note(Seen::Finished(usize::MAX));
            state.ended = Some(early);
            Ok(state)
        }
    }
}

fn window(batch: &[Instruction], state: Value, last: bool, early: bool) -> String {
    let mut event: Value = serde_json::from_str(&kinesis(batch)).unwrap();
    event["window"] = json!({"start": "2026-03-01T17:00:00Z", "end": "2026-03-01T17:05:00Z"});
    event["state"] = state;
    event["shardId"] = json!("shardId-000000000006");
    event["eventSourceARN"] = json!("arn:aws:kinesis:eu-west-1:123456789012:stream/clicks");
    event["isFinalInvokeForWindow"] = json!(last);
    event["isWindowTerminatedEarly"] = json!(early);
    event.to_string()
}

fn router(log: &Log) -> Router<Log> {
    // Windows are folded one after another, whatever is asked for.
    Router::new(log.clone())
        .kinesis_window(total.concurrency(4))
        .dead_letters(sink(log))
}

const OK: Instruction = Instruction {
    what: Action::Ok,
    yields: 1,
    lane: 0,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_state_is_that_before_the_checkpoint(batch in proptest::collection::vec(instruction(), 1..20), last: bool) {
        let log = Log::default();
        let before = json!({"records": 3, "seen": ["a", "b", "c"]});
        let reply = deliver(router(&log), window(&batch, before, last, false));
        let checkpoint = batch.iter().position(|instruction| !matches!(instruction.what, Action::Ok | Action::Reject));
        let failures: Vec<Value> =
            checkpoint.iter().map(|index| json!({"itemIdentifier": index.to_string()})).collect();
        prop_assert_eq!(&reply["batchItemFailures"], &json!(failures));
        let folded: Vec<String> = (0..checkpoint.unwrap_or(batch.len()))
            .filter(|index| batch[*index].what == Action::Ok)
            .map(|index| index.to_string())
            .collect();
        let state: Totals = serde_json::from_value(reply["state"].clone()).unwrap();
        prop_assert_eq!(state.records as usize, 3 + folded.len());
        prop_assert_eq!(&state.seen[3..], &folded[..]);
        // A window does not end over a failure.
        prop_assert_eq!(state.ended, (last && checkpoint.is_none()).then_some(false));
    }
}

#[test]
fn a_window_starts_with_the_default_and_ends_once_its_last_invocation_comes() {
    let log = Log::default();
    let first = deliver(router(&log), window(&[OK, OK], json!({}), false, false));
    assert_eq!(
        first["state"],
        json!({"records": 2, "seen": ["0", "1"], "ended": null})
    );
    assert!(!log.all().contains(&Seen::Finished(usize::MAX)));
    let last = deliver(router(&log), window(&[], first["state"].clone(), true, false));
    assert_eq!(last["state"]["ended"], json!(false));
    assert_eq!(last["batchItemFailures"], json!([]));
}

#[test]
fn a_window_that_lambda_ended_early_says_so() {
    let log = Log::default();
    let reply = deliver(router(&log), window(&[OK], json!({}), false, true));
    assert_eq!(reply["state"]["ended"], json!(true));
}

async fn any_json(step: Windowed<EventRecord, Value>, _cx: Context<Log>) -> Result<Value, Failure> {
    match step {
        Windowed::Record { state, .. } => Ok(json!([state, 1.5])),
        Windowed::End { .. } => Err(Failure::msg("the report cannot be sent")),
    }
}

#[test]
fn any_json_is_a_state_and_a_failed_end_comes_again() {
    let record = json!({"eventSource": "aws:dynamodb", "eventID": "e", "eventName": "INSERT", "awsRegion": "r",
        "dynamodb": {"Keys": {"id": {"S": "a"}}, "SequenceNumber": "1", "SizeBytes": 1}});
    let mut event: Value = serde_json::from_str(&window(&[], json!([1, "x"]), false, false)).unwrap();
    event["Records"] = json!([record]);
    let router = || Router::new(Log::default()).dynamodb_window(any_json);
    let reply = deliver(router(), event.to_string());
    assert_eq!(
        reply,
        json!({"state": {"switchboardState": [[1, "x"], 1.5]}, "batchItemFailures": []})
    );
    event["isFinalInvokeForWindow"] = json!(true);
    let error = answer(router(), event.to_string()).unwrap_err().to_string();
    assert!(
        error.contains("1 of 2")
            && error.contains("window's end")
            && error.contains("the report cannot be sent"),
        "{error}"
    );
}

async fn count(step: Windowed<KinesisEventRecord, u64>, _cx: Context<Log>) -> Result<u64, Failure> {
    match step {
        Windowed::Record { state, .. } => Ok(state + 1),
        Windowed::End { state, .. } => Ok(state),
    }
}

#[test]
fn a_state_that_is_not_an_object_is_carried_in_one_and_a_wrong_one_is_an_error() {
    let router = || Router::new(Log::default()).kinesis_window(count);
    let deliver = |batch: &[Instruction], state| deliver(router(), window(batch, state, false, false));
    let first = deliver(&[OK, OK], json!({}));
    assert_eq!(first["state"], json!({"switchboardState": 2}));
    let next = deliver(&[OK], first["state"].clone());
    assert_eq!(next["state"], json!({"switchboardState": 3}));
    // As it was carried before there was an object around it.
    assert_eq!(deliver(&[OK], json!(2))["state"], json!({"switchboardState": 3}));
    for wrong in [json!({"a": "secret"}), json!({"switchboardState": "secret"})] {
        let answer = answer(router(), window(&[OK], wrong, false, false));
        let error = answer.unwrap_err().to_string();
        assert!(
            error.contains("`state` is unreadable") && !error.contains("secret"),
            "{error}"
        );
    }
}

async fn keep(step: Windowed<KinesisEventRecord, Value>, _cx: Context<Log>) -> Result<Value, Failure> {
    match step {
        Windowed::Record { state, .. } | Windowed::End { state, .. } => Ok(state),
    }
}

/// What a handler may give back: any JSON, also such as is put around others.
fn states() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z\"]{0,4}".prop_map(Value::from),
        Just(json!({})),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            inner.clone().prop_map(|state| json!({"switchboardState": state})),
            (inner.clone(), inner).prop_map(|(one, other)| json!({"switchboardState": one, "z": other})),
        ]
    })
}

proptest! {
    #[test]
    fn every_state_comes_back_as_it_was_and_is_an_object_on_the_way(state in states()) {
        let router = || Router::new(Log::default()).kinesis_window(keep);
        let echo = |state| deliver(router(), window(&[OK], state, false, false))["state"].clone();
        let seen = Arc::new(Mutex::new(Vec::new()));
        // What is carried is what the handler gives back…
        let give = {
            let state = state.clone();
            move |_: Windowed<KinesisEventRecord, Value>, _: Context<Log>| {
                let state = state.clone();
                async move { Ok::<_, Failure>(state) }
            }
        };
        let given = Router::new(Log::default()).kinesis_window(give);
        let carried = deliver(given, window(&[OK], json!({}), false, false))["state"].clone();
        prop_assert!(carried.is_object());
        // … what comes of it is what it gave back, and so on.
        let note = {
            let seen = Arc::clone(&seen);
            move |step: Windowed<KinesisEventRecord, Value>, _: Context<Log>| {
                let (Windowed::Record { state, .. } | Windowed::End { state, .. }) = step;
                seen.lock().unwrap().push(state.clone());
                async move { Ok::<_, Failure>(state) }
            }
        };
        let noting = Router::new(Log::default()).kinesis_window(note);
        deliver(noting, window(&[OK], carried.clone(), false, false));
        prop_assert_eq!(&seen.lock().unwrap()[..], &[state][..]);
        prop_assert_eq!(echo(carried.clone()), carried);
    }
}

/// What the handler of a window saw: its times, what stands in, and whether it ended, early or not.
type Framed = (String, String, Vec<&'static str>, Option<bool>);

fn frames(event: Value) -> Vec<Framed> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let note = move |step: Windowed<KinesisEventRecord, Totals>, cx: Context<Log>| {
        let (window, state, ended) = match step {
            Windowed::Record { window, state, .. } => (window, state, None),
            Windowed::End { window, state, early } => (window, state, Some(early)),
        };
        let time = |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339();
        let framed = (time(window.start), time(window.end), cx.filled().to_vec(), ended);
        noted.lock().unwrap().push(framed);
        async move { Ok::<_, Failure>(state) }
    };
    let reply = deliver(
        Router::new(Log::default()).kinesis_window(note),
        event.to_string(),
    );
    assert_eq!(reply["batchItemFailures"], json!([]), "{event}");
    assert!(reply["state"].is_object(), "{event}");
    let seen = seen.lock().unwrap();
    seen.clone()
}

fn framed(pointer: &str, value: Option<Value>) -> Value {
    let mut event: Value = serde_json::from_str(&window(&[OK], json!({}), false, false)).unwrap();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = event.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => parent.insert(key.to_owned(), value),
        None => parent.remove(key),
    };
    event
}

const START: &str = "2026-03-01T17:00:00+00:00";
const END: &str = "2026-03-01T17:05:00+00:00";

#[test]
fn flags_of_a_window_come_in_any_spelling() {
    let yes = [
        json!(true),
        json!("true"),
        json!("True"),
        json!([true]),
        json!(1),
        json!("1"),
    ];
    let no = [
        json!(false),
        json!("false"),
        json!("FALSE"),
        json!([false]),
        json!(0),
        json!("0"),
    ];
    for (pointer, early) in [
        ("/isFinalInvokeForWindow", false),
        ("/isWindowTerminatedEarly", true),
    ] {
        for value in &yes {
            let seen = frames(framed(pointer, Some(value.clone())));
            let expected = [None, Some(early)];
            assert_eq!(
                seen.iter().map(|seen| seen.3).collect::<Vec<_>>(),
                expected,
                "{pointer} {value}"
            );
            assert!(seen.iter().all(|seen| seen.2.is_empty()));
        }
        for value in &no {
            let seen = frames(framed(pointer, Some(value.clone())));
            assert_eq!(
                seen,
                [(START.to_owned(), END.to_owned(), Vec::new(), None)],
                "{pointer} {value}"
            );
        }
        for value in [None, Some(Value::Null), Some(json!(""))] {
            let seen = frames(framed(pointer, value));
            let instruction = vec![&pointer[1..]];
            assert_eq!(
                seen,
                [(START.to_owned(), END.to_owned(), instruction, None)],
                "{pointer}"
            );
        }
    }
    let wrong = framed("/isFinalInvokeForWindow", Some(json!("secret")));
    let error = answer(router(&Log::default()), wrong.to_string())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("unreadable at `isFinalInvokeForWindow`") && !error.contains("secret"),
        "{error}"
    );
}

#[test]
fn times_of_a_window_come_in_any_spelling() {
    for value in [
        json!("2026-03-01T17:00:00.000Z"),
        json!("2026-03-01T18:00:00+01:00"),
        json!("2026-03-01T17:00:00+0000"),
        json!("2026-03-01T17:00:00"),
        json!(1772384400),
        json!(1772384400000_u64),
        json!("1772384400000"),
        json!(["2026-03-01T17:00:00Z"]),
    ] {
        let seen = frames(framed("/window/start", Some(value.clone())));
        assert_eq!(
            seen,
            [(START.to_owned(), END.to_owned(), Vec::new(), None)],
            "{value}"
        );
    }
    for value in [None, Some(Value::Null), Some(json!(""))] {
        let seen = frames(framed("/window/end", value));
        assert_eq!((&*seen[0].0, &seen[0].2), (START, &vec!["window.end"]));
        assert!(&*seen[0].1 > END);
    }
    // It is told apart from a batch without a window by its other members.
    for value in [None, Some(Value::Null), Some(json!([])), Some(json!({}))] {
        let mut event = framed("/window", value);
        event["isFinalInvokeForWindow"] = json!(true);
        let seen = frames(event);
        assert_eq!(seen.len(), 2);
        assert!(
            seen.iter().all(|seen| !seen.2.is_empty() && &*seen.0 > START),
            "{seen:?}"
        );
    }
    let wrong = framed("/window/start", Some(json!("secret")));
    let error = answer(router(&Log::default()), wrong.to_string())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("unreadable at `window.start`") && !error.contains("secret"),
        "{error}"
    );
}

#[test]
fn what_is_empty_is_the_start_of_any_state() {
    for value in [
        None,
        Some(Value::Null),
        Some(json!({})),
        Some(json!([])),
        Some(json!("")),
    ] {
        let started = deliver(
            router(&Log::default()),
            framed("/state", value.clone()).to_string(),
        );
        assert_eq!(started["state"]["records"], 1, "{value:?}");
        let counting = Router::new(Log::default()).kinesis_window(count);
        let counted = deliver(counting, framed("/state", value).to_string());
        assert_eq!(counted["state"], json!({"switchboardState": 1}));
    }
    for value in [json!("text"), json!(5), json!({"records": "text"})] {
        let event = framed("/state", Some(value)).to_string();
        assert!(answer(router(&Log::default()), event).is_err());
    }
}
