//! Operations of each type, from their start to their end.

use super::super::execution::Execution;
use super::super::update::Update;
use super::*;

#[test]
fn a_step_is_counted_when_it_ends() {
    let mut world = World::new();
    let started = world.checkpoint(json!([start("s", "STEP")]));
    assert_eq!(started[0]["StepDetails"], json!({"Attempt": 0}));
    let ended = world.checkpoint(json!([{"Id": "s", "Type": "STEP", "Action": "SUCCEED", "Payload": "1"}]));
    assert_eq!(ended[0]["Status"], "SUCCEEDED");
    assert_eq!(ended[0]["StepDetails"], json!({"Attempt": 1, "Result": "1"}));
    assert_eq!(ended[0]["StartTimestamp"], 1_796_003_510.434_3);
    world.answer(json!({"Status": "SUCCEEDED", "Result": "7"}));
    assert_eq!(
        (&world.described()["Status"], &world.described()["Result"]),
        (&json!("SUCCEEDED"), &json!("7"))
    );
}

#[test]
fn the_service_counts_attempts_and_makes_a_step_ready() {
    let mut world = World::new();
    for attempt in 1..=2 {
        let pending = world.checkpoint(retry("s"));
        assert_eq!(pending[0]["Status"], "PENDING");
        assert_eq!(pending[0]["StepDetails"]["Attempt"], attempt);
        assert!(pending[0]["StepDetails"]["NextAttemptTimestamp"].is_number());
        world.pending();
        world.pass(2);
        assert!(!world.invoked());
        world.pass(1);
        assert!(world.invoked());
        let ready = world.operation("s");
        assert_eq!(ready["Status"], "READY");
        assert_eq!(
            ready["StepDetails"],
            json!({"Attempt": attempt, "Error": {"ErrorType": "E"}})
        );
        assert_eq!(world.envelope["UpdatedOperationIds"], json!(["s"]));
    }
    let ended = world.checkpoint(step("s"));
    assert_eq!(ended[0]["StepDetails"], json!({"Attempt": 3, "Result": "1"}));
}

#[test]
fn a_condition_keeps_its_state_in_a_retry() {
    let mut world = World::new();
    let pending = world.checkpoint(json!([
        start("c", "STEP"),
        {"Id": "c", "Type": "STEP", "Action": "RETRY", "Payload": "41", "StepOptions": {"NextAttemptDelaySeconds": 1}},
    ]));
    assert_eq!(pending[0]["StepDetails"]["Result"], "41");
    world.pending();
    world.pass(1);
    assert!(world.invoked());
    assert_eq!(world.operation("c")["StepDetails"]["Result"], "41");
    let again = world.checkpoint(json!([start("c", "STEP")]));
    assert_eq!(again[0]["StepDetails"], json!({"Attempt": 1}));
}

#[test]
fn a_step_whose_process_died_is_started_and_not_counted() {
    let mut world = World::new();
    world.checkpoint(json!([start("s", "STEP")]));
    world.crash();
    world.pass(5);
    assert!(world.invoked());
    assert_eq!(world.operation("s")["Status"], "STARTED");
    assert_eq!(world.operation("s")["StepDetails"]["Attempt"], 0);
    assert!(world.refused(json!([start("s", "STEP")])).contains("STARTED"));
}

#[test]
fn a_wait_ends_by_itself() {
    let mut world = World::new();
    let started = world.checkpoint(wait("w", 60));
    assert_eq!(
        started[0]["WaitDetails"]["ScheduledEndTimestamp"],
        1_796_003_570.434_3
    );
    world.pending();
    assert_eq!(world.machine.next_timer(false), Some(world.now.after(60)));
    world.pass(60);
    assert!(world.invoked());
    assert_eq!(world.operation("w")["Status"], "SUCCEEDED");
    assert_eq!(world.operation("w")["EndTimestamp"], 1_796_003_570_434_i64);
    assert_eq!(world.envelope["UpdatedOperationIds"], json!(["w"]));
}

#[test]
fn a_wait_that_ends_during_the_invocation_is_in_the_next_answer() {
    let mut world = World::new();
    world.checkpoint(wait("w", 1));
    world.pass(1);
    let news = world.checkpoint(json!([]));
    assert_eq!(
        (&news[0]["Id"], &news[0]["Status"]),
        (&json!("w"), &json!("SUCCEEDED"))
    );
    assert_eq!(world.checkpoint(json!([])), json!([]));
    // Not every SDK listens, so it is invoked again.
    world.pending();
    assert!(world.invoked());
}

#[test]
fn a_wait_can_be_cancelled_once() {
    let mut world = World::new();
    let cancel = json!([{"Id": "w", "Type": "WAIT", "Action": "CANCEL"}]);
    assert!(world.refused(cancel.clone()).contains("has not started"));
    world.checkpoint(wait("w", 60));
    assert_eq!(world.checkpoint(cancel.clone())[0]["Status"], "CANCELLED");
    assert_eq!(world.machine.next_timer(true), None);
    assert!(world.refused(cancel).contains("CANCELLED"));
}

fn callback_id(operations: &Value) -> String {
    operations[0]["CallbackDetails"]["CallbackId"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_callback_gets_text_and_ends_once() {
    let mut world = World::new();
    let id = callback_id(&world.checkpoint(callback(
        "c",
        json!({"TimeoutSeconds": 0, "HeartbeatTimeoutSeconds": 0}),
    )));
    assert!(
        id.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
    );
    assert_eq!(world.machine.next_timer(true), None);
    world.pending();
    assert!(!world.invoked());
    let now = world.now;
    world
        .machine
        .end_callback(&id, Ok("\"done\"".into()), now)
        .unwrap();
    assert!(world.invoked());
    assert_eq!(
        world.operation("c")["CallbackDetails"],
        json!({"CallbackId": id, "Result": "\"done\""})
    );
    assert_eq!(world.envelope["UpdatedOperationIds"], json!([]));
    for result in [Ok("again".into()), Err(ErrorObject::default())] {
        let again = world.machine.end_callback(&id, result, now);
        assert!(matches!(again, Err(DurableRefusal::NotFound(_))), "{again:?}");
    }
    assert!(matches!(
        world.machine.heartbeat("bm9uZQ==", now),
        Err(DurableRefusal::NotFound(_))
    ));
}

#[test]
fn callbacks_time_out_without_heartbeats() {
    let mut world = World::new();
    let id = callback_id(&world.checkpoint(callback(
        "c",
        json!({"TimeoutSeconds": 100, "HeartbeatTimeoutSeconds": 10}),
    )));
    world.pending();
    for _ in 0..3 {
        world.pass(9);
        let now = world.now;
        world.machine.heartbeat(&id, now).unwrap();
    }
    world.pass(10);
    assert!(world.invoked());
    assert_eq!(world.operation("c")["Status"], "TIMED_OUT");
    assert_eq!(
        world.operation("c")["CallbackDetails"]["Error"]["ErrorType"],
        "Callback.Heartbeat"
    );
    assert_eq!(world.machine.next_timer(true), None);
    let late = world.machine.end_callback(&id, Ok("1".into()), world.now);
    assert_eq!(late, Err(DurableRefusal::CallbackTimeout));
}

#[test]
fn callbacks_time_out_with_heartbeats_too() {
    let mut world = World::new();
    world.checkpoint(callback("c", json!({"TimeoutSeconds": 2})));
    world.pending();
    world.pass(2);
    assert!(world.invoked());
    assert_eq!(
        world.operation("c")["CallbackDetails"]["Error"]["ErrorType"],
        "Callback.Timeout"
    );
}

#[test]
fn contexts_have_children_that_stay() {
    let mut world = World::new();
    let child = json!([
        start("k", "CONTEXT"),
        {"Id": "s", "Type": "STEP", "Action": "START", "ParentId": "k"},
        {"Id": "s", "Type": "STEP", "Action": "SUCCEED", "ParentId": "k", "Payload": "1"},
        {"Id": "k", "Type": "CONTEXT", "Action": "SUCCEED", "Payload": "", "ContextOptions": {"ReplayChildren": true}},
    ]);
    let answer = world.checkpoint(child);
    assert_eq!(
        answer[0]["ContextDetails"],
        json!({"ReplayChildren": true, "Result": ""})
    );
    world.crash();
    world.pass(5);
    assert!(world.invoked());
    assert_eq!(world.operation("s")["ParentId"], "k");
    for parent in ["nobody", "s"] {
        let orphan = json!([{"Id": "x", "Type": "STEP", "Action": "START", "ParentId": parent}]);
        assert!(world.refused(orphan).contains("ParentId"), "{parent}");
    }
}

#[test]
fn what_an_operation_is_never_changes() {
    let mut world = World::new();
    world.checkpoint(json!([
        start("k", "CONTEXT"),
        {"Id": "s", "Type": "STEP", "Action": "START", "ParentId": "k", "Name": "n", "SubType": "Step"},
    ]));
    let end = |member: &str, value: &str| {
        let mut end = json!({"Id": "s", "Type": "STEP", "Action": "SUCCEED"});
        end[member] = value.into();
        json!([end])
    };
    for (member, value) in [
        ("Name", "m"),
        ("SubType", "Wait"),
        ("ParentId", "o"),
        ("Type", "CONTEXT"),
    ] {
        let refused = world.refused(end(member, value));
        assert!(refused.contains(member), "{refused}");
    }
    assert_eq!(world.checkpoint(end("Name", "n"))[0]["Status"], "SUCCEEDED");
}

#[test]
fn a_refused_checkpoint_changes_nothing() {
    let mut world = World::new();
    let mut updates = step("s");
    updates.as_array_mut().unwrap().push(start("s", "WAIT"));
    let refused = world.refused(updates);
    assert!(refused.starts_with("Updates[2]"), "{refused}");
    assert_eq!(world.checkpoint(json!([])), json!([]));
    assert_eq!(world.checkpoint(step("s"))[0]["StepDetails"]["Attempt"], 1);
}

#[test]
fn there_are_at_most_3000_operations() {
    let mut world = World::new();
    for call in 0..10 {
        let updates: Vec<Value> = (0..300).map(|n| start(&format!("s{call}-{n}"), "STEP")).collect();
        world.checkpoint(updates.into());
    }
    assert!(world.refused(json!([start("one-more", "STEP")])).contains("3000"));
    // Known ones may still end, and so may the execution.
    world.checkpoint(json!([{"Id": "s0-0", "Type": "STEP", "Action": "SUCCEED"}]));
    world.checkpoint(json!([{"Id": "e", "Type": "EXECUTION", "Action": "SUCCEED", "Payload": "1"}]));
    assert_eq!(world.status(), "SUCCEEDED");
}

#[test]
fn payloads_are_bounded() {
    let mut world = World::new();
    let of =
        |size: usize| json!([{"Id": "s", "Type": "STEP", "Action": "SUCCEED", "Payload": "x".repeat(size)}]);
    assert!(world.refused(of((6 << 20) + 1)).contains("6291456"));
    world.checkpoint(of(1000));
}

#[test]
fn what_an_execution_writes_is_bounded() {
    let mut execution = Execution::new(
        "arn".into(),
        "id",
        "name".to_owned(),
        beginning("{}"),
        Time::default(),
    );
    execution.written = 100_000_000 - 10;
    let of = |size: usize| {
        let step = json!([{"Id": "s", "Type": "STEP", "Action": "SUCCEED", "Payload": "x".repeat(size)}]);
        serde_json::from_value::<Vec<Update>>(step).unwrap()
    };
    assert_eq!(execution.check(&of(10)), Ok(()));
    let refused = execution.check(&of(11)).unwrap_err().to_string();
    assert!(refused.contains("100000000"), "{refused}");
}

fn invoke(payload: &str) -> Value {
    json!([{"Id": "i", "Type": "CHAINED_INVOKE", "Action": "START", "Payload": payload,
        "ChainedInvokeOptions": {"FunctionName": "other:$LATEST"}}])
}

#[test]
fn a_chained_invoke_ends_with_its_execution() {
    let mut world = World::new();
    world.checkpoint(invoke("{\"q\":1}"));
    let parent = Arc::clone(&world.arn);
    world.pending();
    let calls = world.machine.take_calls();
    assert_eq!(
        (&*calls[0].function, &*calls[0].payload),
        ("other:$LATEST", "{\"q\":1}")
    );
    let now = world.now;
    world
        .machine
        .call_execution(&calls[0], beginning("{\"q\":1}"), now);
    assert!(world.invoked());
    assert_eq!(
        world.envelope["InitialExecutionState"]["Operations"][0]["ExecutionDetails"]["InputPayload"],
        "{\"q\":1}"
    );
    world.answer(json!({"Status": "SUCCEEDED", "Result": "\"ok\""}));
    assert!(world.invoked());
    assert_eq!(world.arn, parent);
    assert_eq!(
        world.operation("i")["ChainedInvokeDetails"],
        json!({"Result": "\"ok\""})
    );
    assert_eq!(world.envelope["UpdatedOperationIds"], json!(["i"]));
}

#[test]
fn what_becomes_of_a_chained_execution_becomes_of_the_operation() {
    for (answer, status, error_type) in [
        (
            json!({"Status": "FAILED", "Error": {"ErrorType": "Mine"}}),
            "FAILED",
            "Mine",
        ),
        (Value::Null, "TIMED_OUT", "ChainedInvoke.Timeout"),
        (
            json!({"Status": "SUCCEEDED", "Result": "x".repeat((1 << 20) + 1)}),
            "FAILED",
            "",
        ),
    ] {
        let mut world = World::new();
        world.checkpoint(invoke("{}"));
        world.pending();
        let call = world.machine.take_calls().remove(0);
        let now = world.now;
        let child = Beginning {
            timeout: Some(9),
            ..beginning("{}")
        };
        world.machine.call_execution(&call, child, now);
        assert!(world.invoked());
        match answer {
            Value::Null => world.pass(9),
            answer => world.answer(answer),
        }
        assert!(world.invoked());
        assert_eq!(world.operation("i")["Status"], status);
        let error = &world.operation("i")["ChainedInvokeDetails"]["Error"];
        assert_eq!(error["ErrorType"].as_str().unwrap_or_default(), error_type);
    }
}
