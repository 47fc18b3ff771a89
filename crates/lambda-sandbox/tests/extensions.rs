//! External extensions: their part in the life of an execution environment.

use std::os::unix::fs::symlink;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lambda_sandbox::{Builder, Error, Function, Outcome};
use serde_json::{Value, json};
use switchboard_test_support::client::{Mark, builder, error, reply};
use switchboard_test_support::{TempDir, example, files};

const CONTEXT: &str = r#"{"do":"context"}"#;

/// A function with extensions that follow a script, and all lines that they and the function write.
pub(crate) struct Extended {
    pub(crate) builder: Builder,
    pub(crate) lines: Arc<Mutex<Vec<String>>>,
    folder: TempDir,
}

impl Extended {
    pub(crate) fn new(script: &Value) -> Self {
        let folder = files(&[]);
        for name in script.as_object().unwrap().keys() {
            symlink(example("extension"), folder.path().join(name)).unwrap();
        }
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&lines);
        let builder = builder()
            .extensions(folder.path())
            .env("EXTENSIONS", script.to_string())
            .on_log(move |line| seen.lock().unwrap().push(line.to_owned()));
        Self {
            builder,
            lines,
            folder,
        }
    }

    pub(crate) async fn start(&self) -> Result<Function, Error> {
        self.builder.clone().start().await
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// The events that the extension of this name has received, as `INVOKE` or `SHUTDOWN REASON`.
    fn events(&self, name: &str) -> Vec<String> {
        let prefix = format!("{name}: ");
        let lines = self.lines();
        let said = lines.iter().filter_map(|line| line.strip_prefix(&prefix));
        let events = said.filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let text = |event: Value| {
            let reason = event["shutdownReason"]
                .as_str()
                .map(|reason| format!(" {reason}"));
            format!(
                "{}{}",
                event["eventType"].as_str().unwrap(),
                reason.unwrap_or_default()
            )
        };
        events.map(text).collect()
    }
}

fn said(outcome: &Outcome, line: &str) -> bool {
    outcome.logs.iter().any(|said| said == line)
}

#[tokio::test]
async fn extensions_start_before_the_function_hear_of_invocations_and_are_shut_down() {
    let extended = Extended::new(&json!({"one": {}, "two": {"events": ["SHUTDOWN"]}}));
    let function = extended.start().await.unwrap();
    let lines = extended.lines();
    let first = lines.iter().position(|line| line == "starting").unwrap();
    assert!(lines[..first].contains(&"one: starting".to_owned()), "{lines:?}");
    assert!(lines[..first].contains(&"two: starting".to_owned()), "{lines:?}");
    let outcome = function.invoke(CONTEXT).await.unwrap();
    assert_eq!(reply(&outcome)["count"], 1);
    let event = outcome
        .logs
        .iter()
        .find_map(|line| line.strip_prefix("one: "))
        .unwrap();
    let event: Value = serde_json::from_str(event).unwrap();
    assert_eq!(event["requestId"], *outcome.request_id);
    assert_eq!(event["deadlineMs"], reply(&outcome)["deadline"]);
    reply(&function.invoke(CONTEXT).await.unwrap());
    function.shutdown().await;
    assert_eq!(extended.events("one"), ["INVOKE", "INVOKE", "SHUTDOWN spindown"]);
    assert_eq!(extended.events("two"), ["SHUTDOWN spindown"]);
    assert!(extended.lines().contains(&"two: ending".to_owned()));
}

#[tokio::test]
async fn an_invocation_ends_when_all_extensions_have_finished_it() {
    let extended = Extended::new(&json!({"slow": {"invoke": "150"}, "deaf": {"events": []}}));
    let function = extended.start().await.unwrap();
    for _ in 0..2 {
        let outcome = function.invoke(CONTEXT).await.unwrap();
        assert!(said(&outcome, "slow: has paused"), "{outcome:?}");
        assert!(outcome.duration < Duration::from_millis(150), "{outcome:?}");
    }
}

#[tokio::test]
async fn each_environment_has_extensions_of_its_own() {
    let extended = Extended::new(&json!({"one": {}}));
    let function = Arc::new(
        extended
            .builder
            .clone()
            .max_environments(2)
            .start()
            .await
            .unwrap(),
    );
    let mark = Mark::new().await;
    let (payload, invoker) = (mark.meet(), Arc::clone(&function));
    let first = tokio::spawn(async move { invoker.invoke(payload).await.unwrap() });
    let met = mark.met().await;
    assert_eq!(function.invoke(CONTEXT).await.unwrap().environment, 2);
    drop(met);
    first.await.unwrap();
    function.shutdown().await;
    let starts = extended.lines();
    assert_eq!(starts.iter().filter(|line| *line == "one: starting").count(), 2);
    let ends = extended.events("one");
    assert_eq!(
        ends.iter().filter(|event| *event == "SHUTDOWN spindown").count(),
        2
    );
}

#[tokio::test]
async fn what_goes_wrong_while_extensions_are_initialised_fails_the_initialisation() {
    for (script, kind, text) in [
        (
            json!({"init": "exit"}),
            "Extension.Crash",
            "the extension one exited: exit status 7",
        ),
        (
            json!({"init": "error"}),
            "Extension.InitError",
            "the extension one failed to initialise: Mine.Broken",
        ),
        (
            json!({"init": "hang"}),
            "Sandbox.Timedout",
            "did not ask for an event within 1.50 seconds",
        ),
        (
            json!({"register": false}),
            "Sandbox.Timedout",
            "did not register within 1.50 seconds",
        ),
    ] {
        let extended = Extended::new(&json!({"one": script, "two": {}}));
        let builder = extended.builder.clone().init_timeout(Duration::from_millis(1500));
        let failed = builder.start().await.unwrap_err();
        let error = failed.init().unwrap();
        assert_eq!(error.error_type, kind, "{error}");
        assert!(error.message.contains(text), "{error}");
        assert!(
            failed.logs().contains(&"one: starting".to_owned()),
            "{:?}",
            failed.logs()
        );
        // The others hear of it if they have registered by then.
        if kind == "Sandbox.Timedout" {
            assert_eq!(extended.events("two"), ["SHUTDOWN failure"]);
        }
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_executed_is_a_launch_error() {
    let folder = files(&[("readme.txt", "not a program")]);
    let failed = builder().extensions(folder.path()).start().await.unwrap_err();
    let error = failed.init().unwrap();
    assert_eq!(error.error_type, "Extension.LaunchError");
    assert!(
        error
            .message
            .contains("the extension readme.txt: Permission denied"),
        "{error}"
    );
    let missing = folder.path().join("none");
    let failed = builder().extensions(missing).start().await.unwrap_err();
    assert!(
        failed
            .to_string()
            .starts_with("cannot read the extensions' folder"),
        "{failed}"
    );
}

#[tokio::test]
async fn an_extension_that_ends_fails_the_invocation_and_the_next_one_has_a_new_environment() {
    for (what, kind, text) in [
        (
            "exit",
            "Extension.Crash",
            "Error: the extension one exited: exit status 7",
        ),
        (
            "error",
            "Extension.ExitError",
            "Error: the extension one is about to exit: Mine.Broken",
        ),
    ] {
        let extended = Extended::new(&json!({"one": {"invoke": what}, "two": {}}));
        let function = extended.start().await.unwrap();
        let mark = Mark::new().await;
        let outcome = function.invoke(mark.hang()).await.unwrap();
        let message = format!("RequestId: {} {text}", outcome.request_id);
        assert_eq!(error(&outcome), (kind, &*message));
        let mark = Mark::new().await;
        let again = function.invoke(mark.hang()).await.unwrap();
        assert_eq!((error(&again).0, again.init_duration.is_some()), (kind, true));
        function.shutdown().await;
        assert_eq!(extended.events("two")[..2], ["INVOKE", "SHUTDOWN failure"]);
    }
}

#[tokio::test]
async fn a_timeout_and_a_crash_shut_the_extensions_down_with_their_reasons() {
    let extended = Extended::new(&json!({"one": {}}));
    let function = extended.builder.clone().timeout(Duration::from_millis(300));
    let function = function.start().await.unwrap();
    let mark = Mark::new().await;
    let outcome = function.invoke(mark.hang()).await.unwrap();
    assert_eq!(error(&outcome).0, "Sandbox.Timedout");
    let outcome = function.invoke(r#"{"do":"exit","code":1}"#).await.unwrap();
    assert_eq!(error(&outcome).0, "Runtime.ExitError");
    assert!(outcome.init_duration.is_some());
    assert_eq!(reply(&function.invoke(CONTEXT).await.unwrap())["count"], 1);
    function.shutdown().await;
    let ends = ["SHUTDOWN timeout", "SHUTDOWN failure", "SHUTDOWN spindown"];
    let events = extended.events("one");
    let shutdowns: Vec<_> = events
        .iter()
        .filter(|event| event.starts_with("SHUTDOWN"))
        .collect();
    assert_eq!(shutdowns, ends);
}

#[tokio::test]
async fn an_extension_that_does_not_finish_in_time_ends_the_environment_but_not_the_answer() {
    let extended = Extended::new(&json!({"one": {"invoke": "hang", "shutdown": "hang"}}));
    let function = extended.builder.clone().timeout(Duration::from_millis(300));
    let function = function.start().await.unwrap();
    let first = function.invoke(CONTEXT).await.unwrap();
    let second = function.invoke(CONTEXT).await.unwrap();
    assert_eq!(
        (&reply(&first)["count"], &reply(&second)["count"]),
        (&json!(1), &json!(1))
    );
    assert!(second.init_duration.is_some());
}

#[tokio::test]
async fn extensions_that_do_not_exit_are_killed_after_two_seconds() {
    let extended = Extended::new(&json!({"one": {"shutdown": "hang"}, "two": {"events": ["INVOKE"]}}));
    let function = extended.start().await.unwrap();
    let begun = std::time::Instant::now();
    function.shutdown().await;
    let took = begun.elapsed();
    assert!(
        took >= Duration::from_millis(1900) && took < Duration::from_secs(4),
        "{took:?}"
    );
    assert_eq!(extended.events("one"), ["SHUTDOWN spindown"]);
    assert!(extended.events("two").is_empty());
    drop(extended.folder);
}

#[tokio::test]
async fn on_managed_instances_extensions_may_only_ask_for_shutdown() {
    let extended = Extended::new(&json!({"one": {}, "two": {"events": ["SHUTDOWN"]}}));
    let builder = extended.builder.clone().max_concurrency(4);
    let failed = builder
        .init_timeout(Duration::from_millis(1500))
        .start()
        .await
        .unwrap_err();
    assert_eq!(failed.init().unwrap().error_type, "Sandbox.Timedout");
    let lines = extended.lines();
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("one: registration refused")
                && line.contains("Extension.InvalidEventType")),
        "{lines:?}"
    );
}
