//! Executions as a whole: tokens, invocations, ends, pages.

use super::*;

#[test]
fn the_envelope_begins_with_the_execution() {
    let world = World::with(beginning("{\"a\":1}"));
    let id = world.arn.rsplit('/').next().unwrap();
    assert_eq!(
        world.envelope,
        json!({
            "DurableExecutionArn": *world.arn,
            "CheckpointToken": world.token,
            "InitialExecutionState": {"Operations": [{
                "Id": id,
                "Type": "EXECUTION",
                "Status": "STARTED",
                "Name": "order-7",
                "StartTimestamp": 1_796_003_510_434_i64,
                "ExecutionDetails": {"InputPayload": "{\"a\":1}"},
            }]},
            "UpdatedOperationIds": [],
        })
    );
    assert!(
        world.arn.starts_with(
            "arn:aws:lambda:eu-west-1:000000000000:function:f:$LATEST/durable-execution/order-7/"
        )
    );
}

#[test]
fn a_stale_token_is_refused_and_a_repeated_call_gets_its_answer() {
    let mut world = World::new();
    let first = world.token.clone();
    let answer = world.try_checkpoint(&first, Some("a"), step("s")).unwrap();
    assert_eq!(
        world.try_checkpoint(&first, Some("a"), step("s")).unwrap(),
        answer
    );
    for client_token in [Some("b"), None] {
        let stale = world.try_checkpoint(&first, client_token, json!([]));
        assert!(matches!(stale, Err(DurableRefusal::StaleToken(_))), "{stale:?}");
    }
    let second = answer["CheckpointToken"].as_str().unwrap();
    world.try_checkpoint(second, Some("c"), json!([])).unwrap();
    world.answer(json!({"Status": "SUCCEEDED"}));
    // Also after the end, when nothing else is accepted.
    assert_eq!(
        world.try_checkpoint(&first, Some("a"), step("s")).unwrap(),
        answer
    );
    assert!(world.try_checkpoint(second, Some("d"), json!([])).is_err());
}

#[test]
fn a_token_ends_with_its_invocation() {
    let mut world = World::new();
    world.checkpoint(wait("w", 1));
    let old = world.token.clone();
    world.pending();
    assert!(matches!(
        world.try_checkpoint(&old, None, json!([])),
        Err(DurableRefusal::StaleToken(_))
    ));
    world.pass(1);
    assert!(world.invoked());
    assert_ne!(world.token, old);
    assert!(matches!(
        world.try_checkpoint(&old, None, json!([])),
        Err(DurableRefusal::StaleToken(_))
    ));
}

#[test]
fn a_function_error_is_repeated_five_times_in_a_row() {
    let mut world = World::new();
    let first = world.envelope["InitialExecutionState"].clone();
    for _ in 0..4 {
        world.crash();
        assert!(!world.invoked());
        world.pass(5);
        assert!(world.invoked());
        assert_eq!(world.envelope["InitialExecutionState"], first);
    }
    world.crash();
    assert_eq!(
        world.described()["Error"],
        json!({"ErrorType": "Runtime.ExitError", "ErrorMessage": "exit 3"})
    );
    assert_eq!(world.status(), "FAILED");
}

#[test]
fn an_answer_begins_the_count_of_errors_again() {
    let mut world = World::new();
    for n in 0..4 {
        for _ in 0..4 {
            world.crash();
            world.pass(5);
            assert!(world.invoked());
        }
        world.checkpoint(wait(&format!("w{n}"), 1));
        world.pending();
        world.pass(1);
        assert!(world.invoked());
    }
    assert_eq!(world.status(), "RUNNING");
}

#[test]
fn pending_without_anything_to_wait_for_is_invoked_at_once_and_not_forever() {
    let mut world = World::new();
    for _ in 0..3 {
        world.pending();
        assert!(world.invoked());
    }
    world.pending();
    assert!(!world.invoked());
    assert_eq!(world.described()["Error"]["ErrorType"], "InvalidFunctionOutput");
}

#[test]
fn what_ends_during_the_invocation_is_not_slept_through() {
    let mut world = World::new();
    world.checkpoint(wait("a", 1));
    world.checkpoint(wait("b", 1000));
    world.pass(1);
    world.pending();
    assert!(world.invoked());
    world.pending();
    assert!(!world.invoked());
}

#[test]
fn answers_that_contradict_themselves_fail_the_execution() {
    for answer in [
        json!({"Status": "SUCCEEDED", "Error": {"ErrorType": "E"}}),
        json!({"Status": "FAILED", "Result": "1"}),
        json!({"Status": "RETRY"}),
        json!({"batchItemFailures": []}),
        json!("SUCCEEDED"),
    ] {
        let mut world = World::new();
        world.answer(answer.clone());
        assert_eq!(
            world.described()["Error"]["ErrorType"],
            "InvalidFunctionOutput",
            "{answer}"
        );
    }
}

#[test]
fn an_end_by_checkpoint_wins_over_the_answer() {
    let mut world = World::new();
    let end = json!([{"Id": "e", "Type": "EXECUTION", "Action": "SUCCEED", "Payload": "large"}]);
    assert_eq!(world.checkpoint(end), json!([]));
    world.answer(json!({"Status": "SUCCEEDED", "Result": ""}));
    assert_eq!(world.described()["Result"], "large");

    let mut world = World::new();
    let early = json!([{"Id": "e", "Type": "EXECUTION", "Action": "FAIL"}, start("s", "STEP")]);
    assert!(world.refused(early).contains("last"));
    world.checkpoint(
        json!([{"Id": "e", "Type": "EXECUTION", "Action": "FAIL", "Error": {"ErrorType": "Mine"}}]),
    );
    world.answer(json!({"Status": "FAILED"}));
    assert_eq!(world.described()["Error"], json!({"ErrorType": "Mine"}));
}

#[test]
fn an_execution_times_out_and_can_be_stopped() {
    let mut world = World::with(Beginning {
        timeout: Some(2),
        ..beginning("{}")
    });
    world.pass(2);
    assert_eq!(
        world.described()["Error"],
        json!({"ErrorMessage": "Execution timed out after 2 seconds."})
    );
    assert_eq!(world.status(), "TIMED_OUT");
    let token = world.token.clone();
    assert!(world.try_checkpoint(&token, None, json!([])).is_err());

    let mut world = World::new();
    let id = world.checkpoint(callback("c", json!({})))[0]["CallbackDetails"]["CallbackId"].clone();
    let (arn, now) = (Arc::clone(&world.arn), world.now);
    let stopped = world.machine.stop(&arn, None, now).unwrap();
    assert_eq!(stopped, now);
    assert_eq!(world.status(), "STOPPED");
    let late = world
        .machine
        .end_callback(id.as_str().unwrap(), Ok("1".into()), now);
    assert!(matches!(late, Err(DurableRefusal::NotFound(_))));
    assert_eq!(world.machine.stop(&arn, None, now.after(9)), Ok(now));
}

#[test]
fn a_name_starts_one_execution() {
    let mut world = World::new();
    let now = world.now;
    let same = world
        .machine
        .start(Some("order-7"), beginning("{}"), now)
        .unwrap();
    assert_eq!(same, world.arn);
    let other = world.machine.start(Some("order-7"), beginning("[]"), now);
    assert!(matches!(other, Err(DurableRefusal::AlreadyStarted(_))));
    for name in ["", "a b", "\u{e9}", &"n".repeat(65)] {
        let refused = world.machine.start(Some(name), beginning("{}"), now);
        assert!(matches!(refused, Err(DurableRefusal::Invalid(_))), "{name:?}");
    }
    let (a, b) = (
        world.machine.start(None, beginning("{}"), now),
        world.machine.start(None, beginning("{}"), now),
    );
    assert_ne!(a, b);
}

#[test]
fn pages_begin_at_the_first_operation_without_a_marker() {
    let mut world = World::new();
    for n in 0..150 {
        world.checkpoint(step(&format!("s{n}")));
    }
    let page = |world: &World, marker: Option<&str>, most| -> Value {
        serde_json::from_slice(
            &world
                .machine
                .state(&world.arn, &world.token, marker, most)
                .unwrap(),
        )
        .unwrap()
    };
    let ids = |page: &Value| page["Operations"].as_array().unwrap().len();
    for marker in [None, Some("")] {
        let first = page(&world, marker, None);
        assert_eq!(
            (ids(&first), &first["Operations"][0]["Type"]),
            (100, &json!("EXECUTION"))
        );
        let second = page(&world, first["NextMarker"].as_str(), None);
        assert_eq!((ids(&second), second.get("NextMarker")), (51, None));
        assert_eq!(second["Operations"][0]["Id"], "s99");
    }
    assert_eq!(ids(&page(&world, None, Some(1000))), 151);
    for (token, marker) in [
        ("old", None),
        (&*world.token, Some("41:27")),
        (&world.token, Some("operation-151")),
    ] {
        assert!(
            world.machine.state(&world.arn, token, marker, None).is_err(),
            "{marker:?}"
        );
    }
}

#[test]
fn a_large_history_is_paged_and_a_large_input_is_not() {
    let mut world = World::with(beginning(&"x".repeat(6 << 20)));
    for n in 0..8 {
        let step = json!([{"Id": format!("s{n}"), "Type": "STEP", "Action": "SUCCEED", "Payload": "x".repeat(1 << 20)}]);
        world.checkpoint(step);
    }
    world.crash();
    world.pass(5);
    assert!(world.invoked());
    let state = &world.envelope["InitialExecutionState"];
    let shown = state["Operations"].as_array().unwrap().len();
    assert_eq!(
        state["Operations"][0]["ExecutionDetails"]["InputPayload"]
            .as_str()
            .unwrap()
            .len(),
        6 << 20
    );
    assert!((2..8).contains(&shown), "{shown}");
    let mut marker = state["NextMarker"].as_str().map(str::to_owned);
    let mut seen = shown;
    while let Some(next) = marker {
        let page = world
            .machine
            .state(&world.arn, &world.token, Some(&next), Some(1000))
            .unwrap();
        let page: Value = serde_json::from_slice(&page).unwrap();
        seen += page["Operations"].as_array().unwrap().len();
        marker = page["NextMarker"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, 9);
}

#[test]
fn the_history_tells_what_happened() {
    let mut world = World::new();
    world.checkpoint(retry("s"));
    world.pending();
    world.pass(3);
    assert!(world.invoked());
    world.checkpoint(step("s"));
    world.checkpoint(callback("c", json!({"TimeoutSeconds": 1})));
    world.pending();
    world.pass(1);
    assert!(world.invoked());
    world.answer(json!({"Status": "SUCCEEDED", "Result": "1"}));
    let page = Default::default();
    let history = world.machine.history(&world.arn, &page, true).unwrap();
    let events = history["Events"].as_array().unwrap();
    let types: Vec<_> = events
        .iter()
        .map(|event| event["EventType"].as_str().unwrap())
        .collect();
    assert_eq!(
        types,
        [
            "ExecutionStarted",
            "StepStarted",
            "StepFailed",
            "InvocationCompleted",
            "StepStarted",
            "StepSucceeded",
            "CallbackStarted",
            "InvocationCompleted",
            "CallbackTimedOut",
            "InvocationCompleted",
            "ExecutionSucceeded",
        ]
    );
    let details = &events[2]["StepFailedDetails"];
    assert_eq!(
        details["RetryDetails"],
        json!({"CurrentAttempt": 1, "NextAttemptDelaySeconds": 3})
    );
    assert_eq!(
        events[5]["StepSucceededDetails"]["RetryDetails"],
        json!({"CurrentAttempt": 2})
    );
    assert!(events[6]["CallbackStartedDetails"]["CallbackId"].is_string());
    let without = world.machine.history(&world.arn, &page, false).unwrap();
    assert_eq!(
        without["Events"][5]["StepSucceededDetails"]["Result"],
        json!({"Truncated": true})
    );
}
