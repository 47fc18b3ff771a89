//! The modes that Lambda runs a function in: many invocations at once on Managed Instances, SnapStart, and the end by
//! SIGTERM. Each time it is the function's log lines that show what went on.

use futures_util::future::join_all;
use lambda_sandbox::{Builder, Function, InvokeEvent, Outcome};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard_test_support::{batch, event, example, http_api, kinesis, s3};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// The example, and its lines as they come.
fn lifecycle() -> (Builder, Lines) {
    let (sender, received) = unbounded_channel();
    let builder = Function::builder(example("lifecycle"))
        .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
        .env("AWS_LAMBDA_LOG_LEVEL", "INFO")
        // Written in pieces, backtraces would come between the lines of others.
        .env("RUST_BACKTRACE", "0")
        .on_log(move |line| {
            // What is not JSON is of the panic hook.
            if let Ok(line) = serde_json::from_str(line) {
                // The test may have seen enough.
                let _ = sender.send(line);
            }
        });
    let lines = Lines {
        received,
        seen: Vec::new(),
    };
    (builder, lines)
}

fn one_at_a_time_and_several() -> [(Builder, Lines); 2] {
    let (several, lines) = lifecycle();
    [lifecycle(), (several.max_concurrency(4), lines)]
}

/// How long a line may take on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(120);

struct Lines {
    received: UnboundedReceiver<Value>,
    seen: Vec<Value>,
}

impl Lines {
    /// Waits until a line like this has come, if none has.
    async fn until(&mut self, is: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Some(line) = self.seen.iter().find(|line| is(line)) {
                return line.clone();
            }
            // A line that never comes is a failure, not a test that never ends.
            let line = timeout(PATIENCE, self.received.recv()).await;
            self.seen.push(line.expect("the line comes").unwrap());
        }
    }

    async fn said(&mut self, message: &str) -> Value {
        self.until(|line| line["message"] == message).await
    }

    /// All lines, once the function is gone.
    async fn all(mut self) -> Vec<Value> {
        while let Some(line) = self.received.recv().await {
            self.seen.push(line);
        }
        self.seen
    }
}

/// An event that tells the example what to do; its source, and the correlation id that its lines are to have.
struct ScriptedEvent {
    request_id: String,
    payload: String,
    source: &'static str,
    correlation_id: String,
}

const SOURCES: usize = 5;

/// The `number`-th event, of one source or another.
fn scripted(number: usize, scripted: &str) -> ScriptedEvent {
    let id = format!("id-{number}");
    let (payload, source) = match number % SOURCES {
        0 => {
            let mut record = s3(scripted);
            record["responseElements"]["x-amz-request-id"] = id.clone().into();
            (batch([record]), "s3")
        }
        1 => {
            let mut record = kinesis(number, scripted.as_bytes());
            record["eventID"] = id.clone().into();
            (batch([record]), "kinesis")
        }
        2 => (
            batch([
                json!({"messageId": id, "receiptHandle": "r", "body": scripted, "awsRegion": "eu-west-1",
                "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
                "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}}),
            ]),
            "sqs",
        ),
        3 => {
            let mut event = event(&json!({"told": scripted}));
            event["id"] = id.clone().into();
            (event.to_string(), "cloudwatch_events")
        }
        _ => {
            let mut request = http_api("GET", &format!("/{scripted}"));
            request["requestContext"]["requestId"] = id.clone().into();
            (request.to_string(), "api_gateway_http")
        }
    };
    ScriptedEvent {
        request_id: format!("{number:08}-0000-4000-8000-000000000000"),
        payload,
        source,
        correlation_id: id,
    }
}

async fn invoke(function: &Function, scripted: &ScriptedEvent) -> Outcome {
    let event = InvokeEvent::from(scripted.payload.clone()).request_id(&scripted.request_id);
    function.invoke(event).await.unwrap()
}

const AT_ONCE: usize = 64;

/// What the `number`-th invocation does: of each kind of failure there is one per source.
fn task(number: usize) -> String {
    let what = ["fail", "panic", "hang"].get(number / SOURCES).unwrap_or(&"well");
    format!("{what}-{number}")
}

/// Round after round, each event is in the hands of the function when the last of them arrives.
async fn round(
    function: &Function,
    first: usize,
    task: impl Fn(usize) -> String,
) -> Vec<(ScriptedEvent, String, Outcome)> {
    let events = (first..first + AT_ONCE).map(|number| (scripted(number, &task(number)), task(number)));
    join_all(events.map(async |(scripted, task)| {
        let outcome = invoke(function, &scripted).await;
        (scripted, task, outcome)
    }))
    .await
}

#[tokio::test]
async fn of_64_invocations_at_once_each_line_belongs_to_its_own() {
    let (builder, lines) = lifecycle();
    let function = builder
        .max_concurrency(64)
        .timeout(Duration::from_secs(3))
        .env("LIFECYCLE_TOGETHER", "64")
        .env("POWERTOOLS_METRICS_NAMESPACE", "Modes")
        .start()
        .await
        .unwrap();
    let pid = function.pid();
    let mut rounds = round(&function, 0, task).await;
    // Nothing that went wrong costs a worker: there are 64 again.
    rounds.extend(round(&function, AT_ONCE, |number| format!("well-{number}")).await);
    assert_eq!(function.pid(), pid);
    assert_eq!(function.shutdown().await, Some(0));
    drop(function);
    let mut by_invocation: HashMap<String, Vec<Value>> = HashMap::new();
    for line in lines.all().await {
        if let Some(id) = line["function_request_id"].as_str() {
            by_invocation.entry(id.to_owned()).or_default().push(line);
        }
    }
    assert_eq!(by_invocation.len(), 2 * AT_ONCE);
    for (scripted, task, outcome) in &rounds {
        belongs(scripted, task, &by_invocation[&scripted.request_id]);
        ended(scripted, task, outcome, &by_invocation[&scripted.request_id]);
    }
}

/// All lines are of the invocation, and all of the invocation's lines are there.
fn belongs(of: &ScriptedEvent, task: &str, lines: &[Value]) {
    for line in lines {
        assert_eq!(line["source"], of.source, "{line}");
        assert_eq!(line["function_request_id"], *of.request_id, "{line}");
        if line["_aws"].is_null() {
            assert_eq!(line["requestId"], *of.request_id, "{line}");
            assert_eq!(line["cold_start"], false, "{line}");
            assert!(line["task_id"].is_null(), "{line}");
        }
        if !line["told"].is_null() {
            assert_eq!(line["told"], task, "{line}");
            assert_eq!(line["correlation_id"], *of.correlation_id, "{line}");
        }
    }
    let said = |message| lines.iter().filter(|line| line["message"] == message).count();
    let documents = lines.iter().filter(|line| !line["_aws"].is_null());
    // On a machine that is busy enough, what is kept is written before a handler that hangs was dropped in time: then what
    // came of it makes a document of its own. The invocation counts once.
    let ran_out = said("the invocation's time runs out");
    assert!(documents.clone().count() <= 1 + ran_out, "{task}: {lines:#?}");
    let invocations: Vec<&Value> = documents.filter_map(|line| line.get("Invocations")).collect();
    assert_eq!(invocations, [1], "{task}: {lines:#?}");
    let well = usize::from(task.starts_with("well"));
    assert_eq!((said("begun"), said("done")), (1, well), "{task}: {lines:#?}");
}

/// Each failure is told of by a line, and by the answer that its source understands.
fn ended(of: &ScriptedEvent, task: &str, outcome: &Outcome, lines: &[Value]) {
    let errors: Vec<String> = lines
        .iter()
        .filter(|line| line["level"] == "ERROR")
        .map(Value::to_string)
        .collect();
    let (what, _) = task.split_once('-').unwrap();
    let word = match (what, of.source) {
        ("well", _) => {
            assert_eq!(
                (errors.len(), outcome.result.is_ok()),
                (0, true),
                "{task}: {errors:?}"
            );
            return;
        }
        // Of an HTTP service only a panic is a failure.
        ("fail", "api_gateway_http") => return assert!(outcome.result.is_ok()),
        ("fail", _) => "as told",
        ("panic", _) => "panicked: as told",
        (_, "api_gateway_http") => {
            let reply: Value = serde_json::from_slice(outcome.result.as_ref().unwrap()).unwrap();
            assert_eq!(reply["statusCode"], 504, "{task}: {reply}");
            "the HTTP service was dropped, because the invocation's time ran out"
        }
        _ => "the handler was dropped, because the invocation's time ran out",
    };
    assert!(
        errors.iter().any(|line| line.contains(word)),
        "{task}: {lines:#?}"
    );
}

#[tokio::test]
async fn a_function_with_a_tokio_runtime_of_its_own_serves_them_too() {
    let function = Function::builder(example("observed"))
        .max_concurrency(8)
        .start()
        .await
        .unwrap();
    let requests = (0..8).map(|number| {
        let mut request = http_api("GET", "/hello");
        request["requestContext"]["requestId"] = format!("id-{number}").into();
        function.invoke(request.to_string())
    });
    for (number, outcome) in join_all(requests).await.into_iter().enumerate() {
        let line: Value = serde_json::from_str(&outcome.unwrap().logs[0]).unwrap();
        assert_eq!(line["correlation_id"], format!("id-{number}"));
    }
}

#[tokio::test]
async fn a_concurrency_that_is_not_a_number_is_an_initialisation_error() {
    for bad in ["0", "many", "-1"] {
        let (builder, _) = lifecycle();
        let started = builder.env("AWS_LAMBDA_MAX_CONCURRENCY", bad).start().await;
        let error = started.unwrap_err();
        let expected = format!(
            "AWS_LAMBDA_MAX_CONCURRENCY is {bad:?}, but must be a whole number from 1 on, as Lambda sets it, or unset"
        );
        assert_eq!(error.init().unwrap().message, expected);
    }
}

#[tokio::test]
async fn snap_start_reaches_the_state_before_the_snapshot_and_after_the_restore() {
    let (builder, mut lines) = lifecycle();
    let function = builder.snap_start().start().await.unwrap();
    let before = lines.said("before the snapshot").await;
    assert!(before["requestId"].is_null(), "{before}");
    for (number, cold_start) in [(0, true), (1, false)] {
        invoke(&function, &scripted(number, &format!("well-{number}")))
            .await
            .result
            .unwrap();
        let done = lines
            .until(|line| line["told"] == format!("well-{number}") && line["message"] == "done")
            .await;
        assert_eq!(done["connection"], "made after the restore");
        assert_eq!(
            (&done["restored"], &done["cold_start"]),
            (&json!(1), &json!(cold_start))
        );
    }
    let messages = lines.seen.iter().map(|line| line["message"].as_str().unwrap());
    let expected = [
        "before the snapshot",
        "after the restore",
        "begun",
        "done",
        "begun",
        "done",
    ];
    assert!(messages.eq(expected), "{:#?}", lines.seen);
}

#[tokio::test]
async fn without_snap_start_its_hooks_are_not_run() {
    let (builder, mut lines) = lifecycle();
    let function = builder.start().await.unwrap();
    invoke(&function, &scripted(0, "well-0")).await.result.unwrap();
    let done = lines.said("done").await;
    assert_eq!(
        (&done["connection"], &done["restored"]),
        (&json!("made at start"), &json!(0))
    );
    assert_eq!(lines.seen.len(), 2, "{:#?}", lines.seen);
}

#[tokio::test]
async fn a_hook_that_fails_is_an_error_of_the_initialisation_or_the_restore() {
    let (builder, _) = lifecycle();
    let failing = |hook: &str| builder.clone().snap_start().env("LIFECYCLE_FAIL", hook);
    let error = failing("before_snapshot").start().await.unwrap_err();
    assert_eq!(
        error.init().unwrap().message,
        "the hook before_snapshot failed: as told"
    );
    let function = failing("after_restore").start().await.unwrap();
    let outcome = invoke(&function, &scripted(0, "well-0")).await;
    assert_eq!(
        outcome.result.unwrap_err().message,
        "the hook after_restore failed: as told"
    );
}

#[tokio::test]
async fn what_is_under_way_at_sigterm_is_ended_before_the_last_word() {
    for (builder, mut lines) in one_at_a_time_and_several() {
        let function = builder.start().await.unwrap();
        let slow = scripted(0, "slow-0");
        let (outcome, code) = tokio::join!(invoke(&function, &slow), async {
            lines.said("begun").await;
            function.shutdown().await
        });
        assert_eq!((outcome.result.is_ok(), code), (true, Some(0)));
        lines.said("stopped").await;
        let messages = lines.seen.iter().map(|line| line["message"].as_str().unwrap());
        assert!(messages.eq(["begun", "done", "stopped"]), "{:#?}", lines.seen);
    }
}

#[tokio::test]
async fn what_does_not_end_after_sigterm_fails_with_a_line_and_metrics_of_its_own() {
    for (builder, mut lines) in one_at_a_time_and_several() {
        let builder = builder.env("POWERTOOLS_METRICS_NAMESPACE", "Modes");
        let function = builder.timeout(Duration::from_secs(60)).start().await.unwrap();
        let hangs = scripted(3, "hang-3");
        let (outcome, code) = tokio::join!(invoke(&function, &hangs), async {
            lines.said("begun").await;
            function.shutdown().await
        });
        assert_eq!(code, Some(0));
        assert_eq!(outcome.result.unwrap_err().error_type, "Stopped");
        let line = lines
            .said("the process was stopped before the invocation ended")
            .await;
        assert_eq!(
            (&line["level"], &line["requestId"]),
            (&json!("ERROR"), &json!(hangs.request_id))
        );
        lines.said("stopped").await;
        let documents = lines.seen.iter().filter(|line| !line["_aws"].is_null());
        let ids: Vec<&Value> = documents.map(|line| &line["function_request_id"]).collect();
        assert_eq!(ids, [&json!(hangs.request_id)]);
    }
}

/// To one process, not to what it has started.
fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

#[tokio::test]
async fn a_second_signal_ends_what_is_under_way_and_the_hooks_are_run() {
    for (builder, mut lines) in one_at_a_time_and_several() {
        let function = builder.timeout(Duration::from_secs(60)).start().await.unwrap();
        let hangs = scripted(3, "hang-3");
        let (outcome, ()) = tokio::join!(invoke(&function, &hangs), async {
            lines.said("begun").await;
            // No third: it could come while the hooks run, and would end them.
            for name in ["TERM", "INT"] {
                signal(name, function.pid().unwrap());
            }
        });
        assert_eq!(outcome.result.unwrap_err().error_type, "Stopped");
        lines.said("stopped").await;
        drop(function);
        let again = |line: &Value| {
            line["message"]
                .as_str()
                .is_some_and(|text| text.contains("asked to stop again"))
        };
        assert!(!lines.all().await.iter().any(again));
    }
}

#[test]
fn a_signal_while_the_hooks_run_ends_them_and_says_so() {
    let (address, _, is_polled) = bare_runtime_api();
    let mut process = at("lifecycle", &address)
        .env("LIFECYCLE_LAST", "hangs")
        .env("AWS_LAMBDA_LOG_LEVEL", "INFO")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    is_polled.recv().unwrap();
    signal("TERM", process.id());
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("stopping") {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "the hook has not run");
    }
    signal("TERM", process.id());
    assert_eq!(process.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(
        rest.contains("WARN") && rest.contains("asked to stop again"),
        "{rest}"
    );
    assert!(!rest.contains("stopped"), "{rest}");
}

#[tokio::test]
async fn without_a_hook_nothing_listens_to_sigterm() {
    let function = Function::builder(example("observed")).start().await.unwrap();
    assert_eq!(function.shutdown().await, None);
}

/// The example, in the classic mode, at a Runtime API of the test's own.
fn at(name: &str, runtime_api: &str) -> Command {
    let mut command = Command::new(example(name));
    command
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env_remove("AWS_LAMBDA_MAX_CONCURRENCY");
    command
}

/// No two events have an id or a trace in common.
static EVENTS: AtomicUsize = AtomicUsize::new(0);

/// Answers one request after another on a connection: with these events as long as there are any, and with that it has heard.
fn serve(stream: TcpStream, events: &Mutex<VecDeque<String>>, over: &std::sync::mpsc::Sender<()>) {
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    loop {
        let (mut line, mut head) = (String::new(), String::new());
        reader.read_line(&mut head).unwrap();
        let mut length = 0;
        while reader.read_line(&mut line).unwrap() > 2 {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        reader.read_exact(&mut vec![0; length]).unwrap();
        let (status, body) = match head.split(' ').next() {
            Some("POST") => ("202 Accepted", "{}".to_owned()),
            Some("GET") => match events.lock().unwrap().pop_front() {
                Some(event) => ("200 OK", event),
                None => return over.send(()).unwrap(),
            },
            _ => return,
        };
        let number = EVENTS.fetch_add(1, Ordering::Relaxed);
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             lambda-runtime-aws-request-id: {number:08}-e9f4-11e8-9739-2dfe598c3fcd\r\n\
             lambda-runtime-trace-id: Root=1-5759e988-{number:024};Parent=53995c3f42cd8ad8;Sampled=0\r\n\
             lambda-runtime-deadline-ms: 4102444800000\r\n\
             lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-central-1:123456789012:function:f\r\n\r\n",
            body.len()
        );
        writer.write_all((head + &body).as_bytes()).unwrap();
    }
}

#[test]
fn one_connection_serves_events_of_every_size() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let events = [1, 12, 60, 900].map(|records| batch((0..records).map(|n| kinesis(n, &[b'x'; 600]))));
    assert!(events[1].len() > 8 * 1024 && events[3].len() > 1024 * 1024);
    let events = Mutex::new((0..5).flat_map(|_| events.clone()).collect());
    let (over, is_over) = std::sync::mpsc::channel();
    let connections = Arc::new(AtomicUsize::new(0));
    let accepted = Arc::clone(&connections);
    std::thread::spawn(move || {
        std::thread::scope(|scope| {
            for stream in listener.incoming() {
                accepted.fetch_add(1, Ordering::Relaxed);
                let (events, over) = (&events, over.clone());
                scope.spawn(move || serve(stream.unwrap(), events, &over));
            }
        });
    });
    let mut process = at("observed", &address).stdout(Stdio::null()).spawn().unwrap();
    let over = is_over.recv_timeout(Duration::from_secs(60));
    process.kill().unwrap();
    process.wait().unwrap();
    over.unwrap();
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}

/// A Runtime API that has no extensions and never an event; notes what it is asked for.
fn bare_runtime_api() -> (String, Arc<Mutex<Vec<String>>>, std::sync::mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (polled, is_polled) = std::sync::mpsc::channel();
    let notes = Arc::clone(&asked);
    std::thread::spawn(move || {
        // A poll is never answered, so its connection is kept.
        let mut polls = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            reader.read_line(&mut line).unwrap();
            let path = line.split(' ').nth(1).unwrap().to_owned();
            let poll = path.ends_with("/invocation/next");
            notes.lock().unwrap().push(path);
            if poll {
                polls.push(stream);
                polled.send(()).unwrap();
            } else {
                let answer = "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    (address, asked, is_polled)
}

#[test]
fn an_extension_is_registered_for_a_hook_only_and_can_be_done_without() {
    let poll = "/2018-06-01/runtime/invocation/next".to_owned();
    let register = "/2020-01-01/extension/register".to_owned();
    for (name, paths, code) in [
        ("observed", vec![poll.clone()], None),
        ("lifecycle", vec![register, poll.clone()], Some(0)),
    ] {
        let (address, asked, is_polled) = bare_runtime_api();
        let mut process = at(name, &address).stdout(Stdio::piped()).spawn().unwrap();
        is_polled.recv().unwrap();
        let kill = Command::new("kill")
            .arg(process.id().to_string())
            .status()
            .unwrap();
        assert!(kill.success());
        assert_eq!(process.wait().unwrap().code(), code, "{name}");
        assert_eq!(*asked.lock().unwrap(), paths, "{name}");
        let mut output = String::new();
        process.stdout.unwrap().read_to_string(&mut output).unwrap();
        let warned = output.contains("no extension could be registered: Lambda may send no SIGTERM");
        assert_eq!(warned, code.is_some(), "{output}");
    }
}
