//! The life of a function's process: start, crash, timeout, kill, shutdown.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use switchboard_test_support::client::{Mark, builder, echo, error, lives, reply, start};

#[tokio::test]
async fn a_function_answers_and_keeps_its_process() {
    let function = start().await;
    let first = reply(&function.invoke(r#"{"do":"context"}"#).await.unwrap());
    let second = reply(&function.invoke(r#"{"do":"context"}"#).await.unwrap());
    assert_eq!(first["pid"], second["pid"]);
    assert_eq!(first["pid"], json!(function.pid()));
    assert_eq!(second["count"], 2);
    assert!(function.init_duration() > Duration::ZERO);
    assert!(!cfg!(target_os = "linux") || function.peak_memory().unwrap() > 1 << 20);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_memory_of_a_function_is_that_of_all_its_processes() {
    let wrapper = switchboard_test_support::files(&[("bootstrap", &format!("{}\nexit", echo().display()))]);
    let function = lambda_sandbox::Function::builder("/bin/sh").arg(wrapper.path().join("bootstrap"));
    let function = function.start().await.unwrap();
    let alone = start().await;
    let payload = r#"{"do":"large","bytes":4000000}"#;
    for function in [&function, &alone] {
        reply(&function.invoke(payload).await.unwrap());
    }
    let (wrapped, alone) = (function.peak_memory().unwrap(), alone.peak_memory().unwrap());
    // The function's memory, and a little for the shell.
    assert!(wrapped > alone / 10 * 8, "{wrapped} {alone}");
}

#[tokio::test]
async fn an_exit_is_reported_and_the_process_started_again() {
    let function = start().await;
    let before = function.pid();
    let outcome = function.invoke(r#"{"do":"exit","code":1}"#).await.unwrap();
    let message = format!(
        "RequestId: {} Error: Runtime exited with error: exit status 1",
        outcome.request_id
    );
    assert_eq!(error(&outcome), ("Runtime.ExitError", &*message));
    assert_eq!(outcome.logs, ["exiting"]);
    assert_eq!(function.pid(), None);

    let outcome = function.invoke(r#"{"do":"context"}"#).await.unwrap();
    assert_eq!(reply(&outcome)["count"], 1);
    assert!(outcome.init_duration.is_some());
    assert_eq!(outcome.logs, ["starting"]);
    assert_ne!(function.pid(), before);
}

#[tokio::test]
async fn a_crash_is_reported_by_its_signal() {
    let function = start().await;
    let outcome = function.invoke(r#"{"do":"abort"}"#).await.unwrap();
    assert_eq!(error(&outcome).0, "Runtime.ExitError");
    assert!(
        error(&outcome)
            .1
            .contains("Error: Runtime exited with error: signal: aborted"),
        "{outcome:?}"
    );
    let outcome = function.invoke(r#"{"do":"exit","code":0}"#).await.unwrap();
    assert!(
        error(&outcome)
            .1
            .ends_with("Error: Runtime exited without providing a reason"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_timeout_kills_the_process_and_the_next_event_starts_it_again() {
    let function = builder()
        .timeout(Duration::from_millis(250))
        .start()
        .await
        .unwrap();
    let mark = Mark::new().await;
    let pid = function.pid().unwrap();
    let outcome = function.invoke(mark.hang()).await.unwrap();
    let (error_type, message) = error(&outcome);
    assert_eq!(error_type, "Sandbox.Timedout");
    let end = format!("Z {} Task timed out after 0.25 seconds", outcome.request_id);
    assert!(message.ends_with(&end), "{message}");
    assert_eq!(outcome.duration, Duration::from_millis(250));
    assert!(!lives(pid));
    assert_eq!(
        reply(&function.invoke(r#"{"do":"context"}"#).await.unwrap())["count"],
        1
    );
}

#[tokio::test]
async fn a_kill_ends_the_invocation_that_runs() {
    let function = start().await;
    let mark = Mark::new().await;
    let (outcome, ()) = tokio::join!(function.invoke(mark.hang()), async {
        mark.reached().await;
        function.kill().await;
    });
    assert!(
        error(&outcome.unwrap())
            .1
            .ends_with("Error: Runtime exited with error: signal: killed")
    );
    assert_eq!(
        reply(&function.invoke(r#"{"do":"context"}"#).await.unwrap())["count"],
        1
    );
}

#[tokio::test]
async fn a_process_killed_between_invocations_is_started_again() {
    let function = start().await;
    for _ in 0..3 {
        function.kill().await;
        assert_eq!(
            reply(&function.invoke(r#"{"do":"context"}"#).await.unwrap())["count"],
            1
        );
    }
}

#[tokio::test]
async fn shutdown_ends_what_runs_and_what_waits() {
    let function = start().await;
    let mark = Mark::new().await;
    let pid = function.pid().unwrap();
    let (running, waiting, ()) = tokio::join!(function.invoke(mark.hang()), function.invoke("{}"), async {
        mark.reached().await;
        function.shutdown().await;
    });
    assert_eq!(error(&running.unwrap()).0, "Runtime.ExitError");
    assert!(waiting.unwrap_err().is_closed());
    assert!(function.invoke("{}").await.unwrap_err().is_closed());
    assert!(!lives(pid));
}

#[tokio::test]
async fn dropping_the_function_kills_the_process() {
    let function = start().await;
    let pid = function.pid().unwrap();
    drop(function);
    while lives(pid) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn callers_queue_in_order() {
    let function = start().await;
    let calls = (0..20).map(|_| function.invoke(r#"{"do":"context"}"#));
    let outcomes = futures_util::future::join_all(calls).await;
    let counts: Vec<_> = outcomes
        .iter()
        .map(|outcome| reply(outcome.as_ref().unwrap())["count"].clone())
        .collect();
    assert_eq!(counts, (1..=20).map(|n| json!(n)).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_invocation_given_up_does_not_disturb_the_next() {
    let function = start().await;
    let abandoned = function.invoke(r#"{"do":"sleep","ms":50}"#);
    assert!(
        tokio::time::timeout(Duration::from_millis(5), abandoned)
            .await
            .is_err()
    );
    assert_eq!(
        reply(&function.invoke(r#"{"mine":1}"#).await.unwrap()),
        json!({"mine": 1})
    );
}

#[tokio::test]
async fn an_init_error_is_shown_with_its_message_and_the_log() {
    let error = builder().env("ECHO_INIT", "error").start().await.unwrap_err();
    let init = error.init().unwrap();
    assert_eq!(
        (&*init.error_type, &*init.message),
        ("BadConfiguration", "SWITCHBOARD_STORE is odd")
    );
    assert_eq!(error.logs(), ["starting", "reported: 202"]);
    assert!(error.to_string().contains("SWITCHBOARD_STORE is odd"), "{error}");
}

#[tokio::test]
async fn an_exit_before_the_first_poll_is_an_init_error() {
    let error = builder().env("ECHO_INIT", "exit").start().await.unwrap_err();
    assert_eq!(
        error.init().unwrap().message,
        "Error: Runtime exited with error: exit status 3"
    );
    assert_eq!(error.logs(), ["starting"]);
}

#[tokio::test]
async fn initialisation_has_a_limit() {
    let limit = Duration::from_millis(200);
    let error = builder()
        .env("ECHO_INIT", "hang")
        .init_timeout(limit)
        .start()
        .await
        .unwrap_err();
    assert_eq!(error.init().unwrap().error_type, "Sandbox.Timedout");
}

#[tokio::test]
async fn a_missing_binary_is_an_error_with_its_name() {
    let error = lambda_sandbox::Function::builder("/no/such/function")
        .start()
        .await
        .unwrap_err();
    assert!(error.init().is_none());
    assert!(
        error.to_string().starts_with("cannot start /no/such/function: "),
        "{error}"
    );
}

#[tokio::test]
async fn logs_belong_to_their_invocation() {
    let function = start().await;
    for name in ["a", "b"] {
        let payload = json!({"do": "log", "lines": 1000, "name": name}).to_string();
        let logs = function.invoke(payload).await.unwrap().logs;
        let expected: Vec<String> = (0..1000).map(|n| format!("line {n} of {name}")).collect();
        assert_eq!(logs, expected);
    }
}

#[tokio::test]
async fn lines_are_reported_immediately() {
    let (lines, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let function = builder()
        .on_log(move |line| lines.send(line.to_owned()).unwrap())
        .start()
        .await
        .unwrap();
    assert_eq!(heard.recv().await.unwrap(), "starting");
    function.invoke(r#"{"do":"log","name":"x"}"#).await.unwrap();
    assert_eq!(heard.recv().await.unwrap(), "line 0 of x");
}

#[tokio::test]
async fn the_environment_is_lambdas() {
    let function = builder()
        .name("hello")
        .memory_mb(512)
        .env("MINE", "1")
        .start()
        .await
        .unwrap();
    let env = reply(&function.invoke(r#"{"do":"environment"}"#).await.unwrap());
    let echo = echo();
    let expected = [
        ("AWS_LAMBDA_FUNCTION_NAME", "hello"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/hello"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("LAMBDA_TASK_ROOT", echo.parent().unwrap().to_str().unwrap()),
        ("MINE", "1"),
        ("TZ", ":UTC"),
    ];
    for (name, value) in expected {
        assert_eq!(env[name], value, "{name}");
    }
    assert_eq!(env["AWS_REGION"], env["AWS_DEFAULT_REGION"]);
    assert!(
        env["AWS_LAMBDA_LOG_STREAM_NAME"]
            .as_str()
            .unwrap()
            .contains("/[$LATEST]")
    );
    assert!(
        env["AWS_LAMBDA_RUNTIME_API"]
            .as_str()
            .unwrap()
            .starts_with("127.0.0.1:")
    );
    assert_eq!(env.get("AWS_EXECUTION_ENV"), None);
}

#[tokio::test]
async fn output_comes_byte_by_byte_in_the_order_it_was_written() {
    let written = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&written);
    let function = builder()
        .on_output(move |piece| sink.lock().unwrap().extend_from_slice(piece))
        .start()
        .await
        .unwrap();
    let bytes = b"a\r\n\xff\0\nno end";
    let write = json!({"do": "write", "bytes": bytes.as_slice()}).to_string();
    let outcome = function.invoke(write).await.unwrap();
    assert_eq!(
        *written.lock().unwrap(),
        [b"starting\n", bytes.as_slice()].concat()
    );
    assert_eq!(outcome.logs, ["a", "\u{fffd}\0", "no end"]);
}

#[tokio::test]
async fn each_invocations_end_is_reported_after_its_last_line() {
    let (told, mut tales) = tokio::sync::mpsc::unbounded_channel();
    let lines = told.clone();
    let function = builder()
        .on_log(move |line| lines.send(line.to_owned()).unwrap())
        .on_end(move |finished| {
            let knows = [finished.init_duration.is_some(), finished.peak_memory.is_some()];
            let payload = String::from_utf8_lossy(finished.payload);
            let failed = finished.outcome.result.is_err();
            told.send(format!("{payload} {failed} {knows:?}")).unwrap();
        })
        .start()
        .await
        .unwrap();
    let log = r#"{"do":"log","name":"x"}"#;
    for payload in [log, log, r#"{"do":"exit"}"#, "1"] {
        function.invoke(payload).await.unwrap();
    }
    drop(function);
    let mut all = Vec::new();
    while let Some(tale) = tales.recv().await {
        all.push(tale);
    }
    let linux = cfg!(target_os = "linux");
    let expected = [
        "starting".to_owned(),
        "line 0 of x".to_owned(),
        format!("{log} false [true, {linux}]"),
        "line 0 of x".to_owned(),
        format!("{log} false [false, {linux}]"),
        "exiting".to_owned(),
        r#"{"do":"exit"} true [false, false]"#.to_owned(),
        "starting".to_owned(),
        format!("1 false [true, {linux}]"),
    ];
    assert_eq!(all, expected);
}
