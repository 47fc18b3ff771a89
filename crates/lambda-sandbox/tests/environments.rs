//! Several execution environments of one function, and their replacement.

use std::sync::Arc;
use std::time::Duration;

use lambda_sandbox::http::PayloadFormat;
use lambda_sandbox::{Function, Gateway, InvokeEvent, Outcome};
use serde_json::{Value, json};
use switchboard_test_support::client::{Mark, builder, lives, reply, send};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const CONTEXT: &str = r#"{"do":"context"}"#;

async fn started(environments: u32) -> Arc<Function> {
    let function = builder().max_environments(environments);
    Arc::new(function.start().await.unwrap())
}

fn invoke(function: &Arc<Function>, payload: String) -> JoinHandle<Outcome> {
    let function = Arc::clone(function);
    tokio::spawn(async move { function.invoke(payload).await.unwrap() })
}

async fn pid(function: &Function) -> Value {
    reply(&function.invoke(CONTEXT).await.unwrap())["pid"].clone()
}

#[tokio::test]
async fn invocations_at_once_run_side_by_side_and_their_environments_are_used_again() {
    let function = started(3).await;
    let mark = Mark::new().await;
    let running: Vec<_> = (0..3).map(|_| invoke(&function, mark.meet())).collect();
    // All three have begun before one of them ends.
    let met = [mark.met().await, mark.met().await, mark.met().await];
    assert_eq!(function.environments(), 3);
    drop(met);
    let (mut numbers, mut pids) = (Vec::new(), Vec::new());
    for running in running {
        let outcome = running.await.unwrap();
        numbers.push(outcome.environment);
        pids.push(reply(&outcome)["pid"].as_u64().unwrap());
        assert_eq!(outcome.init_duration.is_some(), outcome.environment > 1);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3]);
    let again = function.invoke(CONTEXT).await.unwrap();
    assert_eq!((again.environment, again.init_duration), (1, None));
    assert!(pids.contains(&reply(&again)["pid"].as_u64().unwrap()));
    function.shutdown().await;
    assert!(pids.iter().all(|pid| !lives(u32::try_from(*pid).unwrap())));
}

#[tokio::test]
async fn beyond_the_limit_an_invocation_waits_and_that_is_reported() {
    let (waits, mut waited) = tokio::sync::mpsc::unbounded_channel();
    let function = builder()
        .max_environments(2)
        .on_wait(move || waits.send(()).unwrap());
    let function = Arc::new(function.start().await.unwrap());
    let mark = Mark::new().await;
    let running = [invoke(&function, mark.meet()), invoke(&function, mark.meet())];
    let met = [mark.met().await, mark.met().await];
    let third = invoke(&function, CONTEXT.to_owned());
    waited.recv().await.unwrap();
    assert!(!third.is_finished());
    drop(met);
    assert!(third.await.unwrap().environment <= 2);
    for running in running {
        reply(&running.await.unwrap());
    }
    assert_eq!(function.environments(), 2);
}

#[tokio::test]
async fn an_environment_that_crashed_does_not_take_the_others_with_it() {
    let function = started(2).await;
    let mark = Mark::new().await;
    let running = invoke(&function, mark.meet());
    let met = mark.met().await;
    let crashed = function.invoke(r#"{"do":"exit"}"#).await.unwrap();
    assert_eq!(
        (
            crashed.environment,
            crashed.result.unwrap_err().error_type.as_str()
        ),
        (2, "Runtime.ExitError")
    );
    drop(met);
    assert_eq!(running.await.unwrap().environment, 1);
    // The one that runs is preferred.
    assert_eq!(function.invoke(CONTEXT).await.unwrap().environment, 1);
}

#[tokio::test]
async fn a_function_may_invoke_itself() {
    let function = started(3).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gateway = Gateway::new(Arc::clone(&function), PayloadFormat::Http);
    let serving = tokio::spawn(gateway.serve(listener));
    let call = |payload: Value| json!({"do": "call", "address": address.to_string(), "payload": payload});
    let payload = call(call(json!({"do": "context"}))).to_string();
    let line = "POST /2015-03-31/functions/f/invocations";
    let answer = send(address, line, &[], payload.as_bytes()).await.json();
    let pids = [
        &answer["pid"],
        &answer["reply"]["pid"],
        &answer["reply"]["reply"]["pid"],
    ];
    assert!(pids.iter().all(|pid| pid.is_u64()), "{answer}");
    assert!(
        pids[0] != pids[1] && pids[1] != pids[2] && pids[0] != pids[2],
        "{answer}"
    );
    serving.abort();
}

#[tokio::test]
async fn a_restart_replaces_idle_processes_and_lets_the_others_finish() {
    let function = started(2).await;
    let mark = Mark::new().await;
    let running = invoke(&function, mark.meet());
    let met = mark.met().await;
    let idle = pid(&function).await;
    function.restart().await.unwrap();
    assert!(!lives(u32::try_from(idle.as_u64().unwrap()).unwrap()));
    drop(met);
    let finished = reply(&running.await.unwrap());
    let first = pid(&function).await;
    assert!(
        first != finished["pid"] && first != idle,
        "{first} {finished} {idle}"
    );
    assert_eq!(pid(&function).await, first);
}

#[tokio::test]
async fn a_restart_reports_what_the_new_process_says() {
    let directory = switchboard_test_support::files(&[]);
    let program = directory.path().join("function");
    std::os::unix::fs::symlink(switchboard_test_support::client::echo(), &program).unwrap();
    let function = Function::builder(&program).start().await.unwrap();
    std::fs::remove_file(&program).unwrap();
    std::os::unix::fs::symlink("/bin/false", &program).unwrap();
    let error = function.restart().await.unwrap_err();
    assert_eq!(error.init().unwrap().error_type, "Runtime.ExitError");
    std::fs::remove_file(&program).unwrap();
    std::os::unix::fs::symlink(switchboard_test_support::client::echo(), &program).unwrap();
    assert!(pid(&function).await.is_u64());
}

#[tokio::test]
async fn held_invocations_get_the_new_process() {
    let function = started(1).await;
    let before = pid(&function).await;
    function.hold(Duration::from_secs(600));
    let held = invoke(&function, CONTEXT.to_owned());
    function.restart().await.unwrap();
    assert!(!held.is_finished());
    function.release();
    let after = reply(&held.await.unwrap());
    assert_ne!(after["pid"], before);
    assert_eq!(after["count"], 1);
}

#[tokio::test]
async fn invocations_are_not_held_for_longer_than_that() {
    let function = started(1).await;
    function.hold(Duration::from_millis(1));
    assert!(pid(&function).await.is_u64());
}

#[tokio::test]
async fn idle_environments_are_ended_and_busy_ones_are_not() {
    let (ends, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let function = builder()
        .max_environments(2)
        .idle_timeout(Duration::from_millis(200))
        .on_idle(move |number| ends.send(number).unwrap());
    let function = Arc::new(function.start().await.unwrap());
    let mark = Mark::new().await;
    let running = invoke(&function, mark.meet());
    let met = mark.met().await;
    let idle = function.invoke(CONTEXT).await.unwrap();
    assert_eq!(idle.environment, 2);
    assert_eq!(ended.recv().await, Some(2));
    assert!(!lives(
        u32::try_from(reply(&idle)["pid"].as_u64().unwrap()).unwrap()
    ));
    assert_eq!(function.environments(), 1);
    drop(met);
    assert_eq!(reply(&running.await.unwrap())["count"], 1);
    // Then nothing runs until the next invocation.
    assert_eq!(ended.recv().await, Some(1));
    assert_eq!(function.environments(), 0);
    let again = function.invoke(CONTEXT).await.unwrap();
    assert_eq!((again.environment, again.init_duration.is_some()), (1, true));
}

#[tokio::test]
async fn a_process_with_several_invocations_is_idle_when_it_has_none() {
    let (ends, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let function = builder()
        .max_concurrency(4)
        .idle_timeout(Duration::from_millis(200))
        .on_idle(move |number| ends.send(number).unwrap());
    let function = Arc::new(function.start().await.unwrap());
    let before = pid(&function).await;
    assert_eq!(ended.recv().await, Some(1));
    assert_ne!(pid(&function).await, before);
}

#[tokio::test]
async fn an_environment_that_was_ended_serves_any_tenant() {
    let (ends, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let function = builder()
        .tenant_isolation()
        .max_environments(2)
        .idle_timeout(Duration::from_millis(200))
        .on_idle(move |number| ends.send(number).unwrap());
    let function = function.start().await.unwrap();
    let of = |tenant: &str| InvokeEvent::from(CONTEXT).tenant_id(tenant);
    assert_eq!(function.invoke(of("north")).await.unwrap().environment, 1);
    assert_eq!(ended.recv().await, Some(1));
    assert_eq!(function.invoke(of("south")).await.unwrap().environment, 1);
}
