//! `run` with several execution environments, with an authorizer, and what the function's environment has.

use serde_json::{Value, json};
use switchboard_test_support::client::{Mark, echo, send};

use crate::shell::{Running, err, out, switchboard, text, with_echo};
use switchboard_test_support::{example, files};

#[tokio::test]
async fn a_function_that_invokes_itself_gets_its_answer() {
    let run = Running::start(&[]);
    let call = |payload: Value| json!({"do": "call", "address": run.address.to_string(), "payload": payload});
    let answer = run
        .invoke(&call(call(json!({"do": "log", "name": "the innermost"}))).to_string())
        .await;
    assert!(
        answer["pid"].is_u64() && answer["reply"]["pid"].is_u64(),
        "{answer}"
    );
    assert_ne!(answer["pid"], answer["reply"]["pid"]);
    let mut run = run;
    run.interrupt();
    let notes = run.notes();
    assert!(notes.contains(" 3| line 0 of the innermost"), "{notes}");
    assert!(notes.contains("environment 3"), "{notes}");
}

#[tokio::test]
async fn requests_at_once_run_side_by_side() {
    let mut run = Running::start(&["--max-environments", "3"]);
    let (mark, address) = (Mark::new().await, run.address);
    let headers = mark.address();
    let requests: Vec<_> = (0..3)
        .map(|_| {
            let connect = headers.clone();
            tokio::spawn(async move {
                let headers = [("x-echo-do", "meet"), ("x-echo-connect", &*connect)];
                send(address, "GET /", &headers, b"").await.json()["pid"].clone()
            })
        })
        .collect();
    // All have begun before one of them ends.
    let met = [mark.met().await, mark.met().await, mark.met().await];
    drop(met);
    let mut pids = Vec::new();
    for request in requests {
        pids.push(request.await.unwrap().as_u64().unwrap());
    }
    pids.sort_unstable();
    pids.dedup();
    assert_eq!(pids.len(), 3);
    assert_eq!(run.interrupt(), Some(0));
    let living = |pid: &u64| switchboard_test_support::client::lives(u32::try_from(*pid).unwrap());
    assert!(!pids.iter().any(living));
}

#[tokio::test]
async fn one_environment_shows_no_number_and_runs_one_after_another() {
    let mut run = Running::start(&["--max-environments", "1"]);
    let mark = Mark::new().await;
    let (payload, address) = (mark.meet(), run.address);
    let line = "POST /2015-03-31/functions/f/invocations";
    let first = tokio::spawn(async move { send(address, line, &[], payload.as_bytes()).await.json() });
    let met = mark.met().await;
    let second = tokio::spawn(async move { send(address, line, &[], br#"{"do":"context"}"#).await.json() });
    run.wait_for_note("the execution environment is busy", 1).await;
    drop(met);
    assert_eq!(first.await.unwrap()["pid"], second.await.unwrap()["pid"]);
    run.interrupt();
    assert!(!run.notes().contains("environment 1"));
}

#[tokio::test]
async fn an_authorizer_says_who_calls() {
    let jwt = json!({"jwt": {"claims": {"sub": "ada"}, "scopes": ["orders/read"]}});
    let files = files(&[("jwt.json", &jwt.to_string())]);
    let file = files.path().join("jwt.json");
    let mut run = Running::start(&["--authorizer", text(&file)]);
    let event = send(run.address, "GET /orders", &[("x-echo-event", "1")], b"")
        .await
        .json();
    assert_eq!(event["requestContext"]["authorizer"], jwt);
    assert_eq!(event["requestContext"]["http"]["path"], "/orders");
    run.interrupt();
    // Before anything is built.
    let words = [
        "run",
        "--payload",
        "rest",
        "--authorizer",
        text(&file),
        "--binary",
        "/no/such/binary",
    ];
    let output = switchboard(&words).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("jwt.json: $.jwt: expected "),
        "{}",
        err(&output)
    );
}

#[test]
fn log_lines_are_json_unless_the_user_says_otherwise() {
    let files = files(&[("event.json", r#"{"do":"environment"}"#)]);
    let event = files.path().join("event.json");
    let format = |words: &[&str], inherited: Option<&str>| {
        let mut command = with_echo(&["invoke", text(&event)]);
        command.args(words).env_remove("AWS_LAMBDA_LOG_FORMAT");
        if let Some(inherited) = inherited {
            command.env("AWS_LAMBDA_LOG_FORMAT", inherited);
        }
        let output = command.output().unwrap();
        let environment: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", err(&output)));
        environment["AWS_LAMBDA_LOG_FORMAT"].as_str().unwrap().to_owned()
    };
    assert_eq!(format(&[], None), "JSON");
    assert_eq!(format(&["--env", "AWS_LAMBDA_LOG_FORMAT=Text"], None), "Text");
    assert_eq!(format(&[], Some("Text")), "Text");
}

#[test]
fn a_wait_of_more_than_a_second_says_what_is_waited_for() {
    let files = files(&[("event.json", r#"{"do":"sleep","ms":1500}"#)]);
    let event = files.path().join("event.json");
    let output = with_echo(&["invoke", text(&event)]).output().unwrap();
    let note = format!("waiting for the answer to {} …", event.display());
    assert!(err(&output).contains(&note), "{}", err(&output));
    // The standard error is the function's.
    let output = with_echo(&["invoke", "--raw", text(&event)]).output().unwrap();
    assert_eq!(err(&output), "starting\n");
}

#[tokio::test]
async fn an_authorizer_that_is_called_decides_who_gets_through() {
    let itself = [
        "--authorizer-function",
        "--payload",
        "rest",
        "--authorizer-payload",
        "token",
    ];
    let other = echo();
    let other = [
        "--authorizer-binary",
        text(&other),
        "--identity-source",
        "$request.header.X-Key",
    ];
    let allowed = r#"{"do":"reply","reply":{"isAuthorized":true,"principalId":"ada","policyDocument":{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}}"#;
    for (words, header) in [(&itself[..], "authorization"), (&other[..], "x-key")] {
        let mut run = Running::start(words);
        let headers = [
            (header, allowed),
            ("x-echo-authorizer", allowed),
            ("x-echo-event", "yes"),
        ];
        let event = send(run.address, "GET /", &headers, b"").await.json();
        let told = &event["requestContext"]["authorizer"];
        assert!(
            told["principalId"] == "ada" || told["lambda"].is_null(),
            "{event}"
        );
        let nobody = send(run.address, "GET /", &headers[1..], b"").await;
        assert_eq!(nobody.status, 401);
        run.wait_for_note(&format!("lacks the header {header}"), 1).await;
        assert_eq!(run.interrupt(), Some(0));
    }
    for (words, part) in [
        (
            vec!["--authorizer-function", "--payload", "function-url"],
            "no Lambda authorizer",
        ),
        (vec!["--identity-source", "none"], "--authorizer-function"),
        (
            vec!["--authorizer-function", "--authorizer-payload", "token"],
            "in format `2.0`",
        ),
        (
            vec!["--authorizer-function", "--identity-source", "Authorization"],
            "$request.header.NAME",
        ),
    ] {
        let output = with_echo(&["run", "--port", "0"]).args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains(part), "{}", err(&output));
    }
}

#[tokio::test]
async fn tenants_have_environments_of_their_own_and_requests_name_theirs_in_a_header() {
    let mut run = Running::start(&["--tenant-isolation", "--tenant-header", "x-tenant"]);
    let pid = async |tenant: &str| {
        let headers = [("x-tenant", tenant), ("x-echo-do", "context")];
        let context = send(run.address, "GET /", &headers, b"").await.json();
        assert_eq!(context["tenant"], tenant);
        context["pid"].clone()
    };
    let (north, south) = (pid("north").await, pid("south").await);
    assert_ne!(north, south);
    assert_eq!(pid("north").await, north);
    let payload = files(&[("event.json", r#"{"do":"context"}"#)]);
    let file = payload.path().join("event.json");
    let endpoint = format!("http://{}", run.address);
    let invoke = |more: &[&str]| {
        let words = [
            &["invoke", "--endpoint", &endpoint],
            more,
            &[file.to_str().unwrap()],
        ]
        .concat();
        switchboard(&words).output().unwrap()
    };
    let invoked = invoke(&["--tenant-id", "south"]);
    assert_eq!(
        serde_json::from_slice::<Value>(&invoked.stdout).unwrap()["pid"],
        south
    );
    let refused = invoke(&[]);
    assert!(out(&refused).contains("Add a valid tenant ID"), "{refused:?}");
    assert_eq!(run.interrupt(), Some(0));
}

#[tokio::test]
async fn the_record_of_an_event_that_fails_goes_to_a_file_or_to_an_address() {
    let folder = files(&[]);
    let file = folder.path().join("failed.jsonl");
    let mark = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/failed", mark.local_addr().unwrap());
    for destination in [file.to_str().unwrap(), &address] {
        let mut run = Running::start(&["--retries", "0", "--on-failure", destination]);
        let headers = [("x-amz-invocation-type", "Event")];
        let path = "POST /2015-03-31/functions/f/invocations";
        let payload = br#"{"do":"error","type":"Mine","message":"no"}"#;
        assert_eq!(send(run.address, path, &headers, payload).await.status, 202);
        let record = match destination == address {
            true => posted(&mark).await,
            false => appended(&file).await,
        };
        assert_eq!(record["requestContext"]["approximateInvokeCount"], 1);
        assert_eq!(record["responsePayload"]["errorType"], "Mine");
        assert_eq!(run.interrupt(), Some(0));
    }
}

/// The first line of the file, once it has one.
async fn appended(file: &std::path::Path) -> Value {
    loop {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if let Some((line, _)) = text.split_once('\n') {
            return serde_json::from_str(line).unwrap();
        }
        tokio::task::yield_now().await;
    }
}

/// The body of the request that comes.
async fn posted(listener: &tokio::net::TcpListener) -> Value {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut read = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let length = connection.read(&mut buffer).await.unwrap();
        read.extend_from_slice(&buffer[..length]);
        let text = String::from_utf8_lossy(&read);
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body);
        if let Some(record) = body.and_then(|body| serde_json::from_str(body).ok()) {
            assert!(text.starts_with("POST /failed HTTP/1.1\r\n"), "{text}");
            connection
                .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
                .await
                .unwrap();
            return record;
        }
    }
}

#[tokio::test]
async fn an_idle_environment_is_ended_and_the_next_invocation_shows_its_start() {
    let mut run = Running::start(&["--idle-timeout", "1"]);
    let first = run.invoke(r#"{"do":"context"}"#).await;
    run.wait_for_note("environment 1 was ended after 1 s without an invocation", 1)
        .await;
    let second = run.invoke(r#"{"do":"context"}"#).await;
    assert_ne!(first["pid"], second["pid"]);
    run.wait_for_note("init ", 2).await;
    run.interrupt();
    let mut run = Running::start(&["--idle-timeout", "1", "--format", "json"]);
    loop {
        let line: Value = serde_json::from_str(&run.line()).unwrap();
        if line["type"] == "idle" {
            assert_eq!(line, json!({"type": "idle", "environment": 1, "seconds": 1}));
            break;
        }
    }
    run.interrupt();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_reply_of_100_mb_passes_through_in_little_memory() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut run = Running::start(&["--payload", "function-url"]);
    send(run.address, "GET /", &[("x-echo-do", "stream")], b"").await;
    let before = run.peak_memory();
    let mut client = tokio::net::TcpStream::connect(run.address).await.unwrap();
    let request = format!(
        "GET / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nx-echo-do: flood\r\n\r\n",
        run.address
    );
    client.write_all(request.as_bytes()).await.unwrap();
    let (mut size, mut buffer) = (0, vec![0; 1 << 16]);
    loop {
        match client.read(&mut buffer).await.unwrap() {
            0 => break,
            length => size += length,
        }
    }
    assert!(size > 100 << 20, "{size}");
    let grown = run.peak_memory() - before;
    assert!(grown < 24 << 20, "{grown} of {size} bytes");
    run.interrupt();
}

#[tokio::test]
async fn a_folder_of_extensions_is_started_beside_the_function() {
    let folder = files(&[("event.json", r#"{"do":"context"}"#)]);
    let extensions = files(&[]);
    std::os::unix::fs::symlink(example("extension"), extensions.path().join("watcher")).unwrap();
    let event = folder.path().join("event.json");
    let words = ["invoke", text(&event), "--extensions", text(extensions.path())];
    let output = with_echo(&words).output().unwrap();
    let reply: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(reply["count"], 1, "{}", err(&output));
    for event in ["INVOKE", "SHUTDOWN"] {
        let line = format!("\"eventType\":\"{event}\"");
        assert!(err(&output).contains(&line), "{}", err(&output));
    }
    let mut run = Running::start(&["--extensions", text(extensions.path())]);
    assert_eq!(run.invoke(r#"{"do":"context"}"#).await["count"], 1);
    assert_eq!(run.interrupt(), Some(0));
    let notes = run.notes();
    assert!(notes.contains("watcher: ending"), "{notes}");
}

#[test]
fn only_managed_instances_have_a_timeout_over_half_an_hour() {
    for (more, message) in [
        (&[][..], "needs --max-concurrency"),
        (&["--max-concurrency", "2"], ""),
    ] {
        let words = [&["invoke", "--timeout", "5400", "events"], more].concat();
        let output = with_echo(&words).output().unwrap();
        assert_eq!(
            err(&output).contains("needs --max-concurrency"),
            !message.is_empty(),
            "{output:?}"
        );
    }
}
