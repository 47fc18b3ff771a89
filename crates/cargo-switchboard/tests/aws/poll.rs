//! `poll` on an emulator: what is done is deleted or passed, what fails comes again or is given up, and a killed process loses nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::account::Account;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A function that does what its records say, and the files it writes.
pub(crate) struct Faulty {
    directory: TempDir,
    account: Account,
}

impl Faulty {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            account: Account::with_function(name),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What the function has finished, in its order.
    pub(crate) fn finished(&self) -> Vec<String> {
        let ledger = fs::read_to_string(self.path("ledger")).unwrap_or_default();
        ledger.lines().map(str::to_owned).collect()
    }

    fn command(&self, verb: &str, words: &[&str]) -> Command {
        let test = std::env::current_exe().unwrap();
        let debug = test.parent().and_then(Path::parent).unwrap();
        let function = debug.join("examples").join("faulty");
        assert!(
            function.exists(),
            "cargo build --example faulty has to make {}",
            function.display()
        );
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-switchboard"));
        command.args(["switchboard", verb]).args(words);
        command
            .args(["--timeout", "1", "--format", "json", "--binary"])
            .arg(function);
        command
            .arg("--env")
            .arg(format!("FAULTY_LEDGER={}", self.path("ledger").display()));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The exit code, the objects on the standard output, and what was said.
    fn poll(&self, words: &[&str]) -> (i32, Vec<Value>, String) {
        self.said("poll", words)
    }

    /// The same for this command.
    pub(crate) fn said(&self, verb: &str, words: &[&str]) -> (i32, Vec<Value>, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(verb, words).output().unwrap();
        let out = String::from_utf8(stdout).unwrap();
        let objects = out
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        (
            status.code().unwrap(),
            objects,
            String::from_utf8(stderr).unwrap(),
        )
    }

    pub(crate) fn call(&self, service: &str, operation: &str, arguments: Value) -> Value {
        self.account.call(service, operation, arguments)
    }

    /// A queue whose messages are visible again after two seconds, and go to another one at the third receive.
    pub(crate) fn queue(&self, name: &str, is_fifo: bool) -> (String, String) {
        let suffix = if is_fifo { ".fifo" } else { "" };
        let make = |name: String, mut attributes: Value| {
            if is_fifo {
                attributes["FifoQueue"] = "true".into();
                attributes["ContentBasedDeduplication"] = "true".into();
            }
            let made = self.call(
                "sqs",
                "create_queue",
                json!({"QueueName": name, "Attributes": attributes}),
            );
            made["QueueUrl"].as_str().unwrap().to_owned()
        };
        let dead = make(format!("{name}-dead{suffix}"), json!({}));
        let attributes = json!({"QueueUrl": dead, "AttributeNames": ["QueueArn"]});
        let arn = self.call("sqs", "get_queue_attributes", attributes)["Attributes"]["QueueArn"].clone();
        let redrive = json!({"deadLetterTargetArn": arn, "maxReceiveCount": 2}).to_string();
        let queue = make(
            format!("{name}{suffix}"),
            json!({"VisibilityTimeout": "2", "RedrivePolicy": redrive}),
        );
        (queue, dead)
    }

    pub(crate) fn send(&self, queue: &str, body: &Value, group: Option<&str>) {
        let mut message = json!({"QueueUrl": queue, "MessageBody": body.to_string()});
        if let Some(group) = group {
            message["MessageGroupId"] = group.into();
        }
        self.call("sqs", "send_message", message);
    }

    /// How many messages the queue has, visible or not.
    pub(crate) fn count(&self, queue: &str) -> u64 {
        let names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ];
        let asked = json!({"QueueUrl": queue, "AttributeNames": names});
        let told = self.call("sqs", "get_queue_attributes", asked)["Attributes"].clone();
        names
            .iter()
            .map(|name| told[name].as_str().unwrap().parse::<u64>().unwrap())
            .sum()
    }

    /// A stream with one shard.
    pub(crate) fn stream(&self, name: &str) {
        self.call(
            "kinesis",
            "create_stream",
            json!({"StreamName": name, "ShardCount": 1}),
        );
    }

    fn put(&self, stream: &str, record: &Value) {
        let record = json!({"StreamName": stream, "PartitionKey": "k", "Data": record.to_string()});
        self.call("kinesis", "put_record", record);
    }

    /// Starts the command, and kills it when the function has finished something more.
    fn kill(&self, words: &[&str]) {
        let before = self.finished().len();
        let mut child = self
            .command("poll", words)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started = Instant::now();
        while self.finished().len() == before && started.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(5));
        }
        end(&mut child);
    }
}

fn end(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

pub(crate) fn task(what: &str, id: &str) -> Value {
    json!({"do": what, "ms": 0, "id": id})
}

pub(crate) fn sum(objects: &[Value]) -> &Value {
    objects.iter().find(|object| object["type"] == "sum").unwrap()
}

#[test]
fn what_a_queue_holds_is_done_or_ends_at_the_dead_letter_queue() {
    let faulty = Faulty::new("poll-queue");
    let (queue, dead) = faulty.queue("poll-orders", false);
    for (what, id) in [("ok", "a"), ("fail", "b"), ("ok", "c")] {
        faulty.send(&queue, &task(what, id), None);
    }
    faulty.send(&queue, &json!({"other": 1}), None);
    let (code, shown, said) = faulty.poll(&["--queue", "poll-orders", "--peek"]);
    assert_eq!((code, shown.len()), (0, 4), "{said}");
    let filter = r#"{"body":{"do":[{"exists":true}]}}"#;
    let (code, shown, said) = faulty.poll(&["--queue", &queue, "--exit-when-empty", "--filter", filter]);
    assert_eq!(code, 1, "{said}");
    assert_eq!(sum(&shown)["done"], 2, "{shown:?} {said}");
    assert_eq!(sum(&shown)["filtered"], 1);
    let finished: BTreeSet<String> = faulty.finished().into_iter().collect();
    assert_eq!(finished, BTreeSet::from(["a".to_owned(), "c".to_owned()]));
    assert_eq!((faulty.count(&queue), faulty.count(&dead)), (0, 1));
}

#[test]
fn a_group_waits_for_its_failure_and_others_do_not() {
    let faulty = Faulty::new("poll-fifo");
    let (queue, dead) = faulty.queue("poll-steps", true);
    for (what, id, group) in [
        ("ok", "a1", "a"),
        ("fail", "a2", "a"),
        ("ok", "a3", "a"),
        ("ok", "b1", "b"),
    ] {
        faulty.send(&queue, &task(what, id), Some(group));
    }
    let (code, shown, said) = faulty.poll(&["--queue", "poll-steps.fifo", "--exit-when-empty"]);
    assert_eq!(code, 1, "{said}");
    let finished: BTreeSet<String> = faulty.finished().into_iter().collect();
    let expected = BTreeSet::from(["a1".to_owned(), "b1".to_owned()]);
    assert_eq!(finished, expected, "{shown:?} {said}");
    // What is behind a failure of its group is received as often as the failure, and goes where it goes.
    assert_eq!((faulty.count(&queue), faulty.count(&dead)), (0, 2));
}

#[test]
fn a_queue_that_a_mapping_reads_is_asked_about() {
    let faulty = Faulty::new("poll-shared");
    let (queue, _) = faulty.queue("poll-shared", false);
    let attributes = json!({"QueueUrl": queue, "AttributeNames": ["QueueArn"]});
    let arn = faulty.call("sqs", "get_queue_attributes", attributes)["Attributes"]["QueueArn"].clone();
    let mapping = json!({"FunctionName": "poll-shared", "EventSourceArn": arn, "BatchSize": 3});
    let uuid = faulty.call("lambda", "create_event_source_mapping", mapping)["UUID"].clone();
    let words = ["--mapping", uuid.as_str().unwrap(), "--exit-when-empty"];
    let (code, _, said) = faulty.poll(&words);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("poll-shared") && said.contains("--yes"), "{said}");
    let (code, _, said) = faulty.poll(&[&words[..], &["--yes"]].concat());
    assert_eq!(code, 0, "{said}");
    faulty.call("lambda", "delete_event_source_mapping", json!({"UUID": uuid}));
}

#[test]
fn a_stream_is_bisected_to_the_record_that_fails_and_goes_on_behind_it() {
    let faulty = Faulty::new("poll-stream");
    faulty.stream("poll-clicks");
    for (what, id) in [("ok", "a"), ("ok", "b"), ("fail", "c"), ("ok", "d")] {
        faulty.put("poll-clicks", &task(what, id));
    }
    let (code, shown, said) = faulty.poll(&["--stream", "poll-clicks", "--peek", "--limit", "3"]);
    assert_eq!((code, shown.len()), (0, 3), "{said}");
    let (failed, checkpoints) = (faulty.path("failed.jsonl"), faulty.path("checkpoints.json"));
    let words = [
        "--stream",
        "poll-clicks",
        "--start",
        "trim-horizon",
        "--bisect",
        "--max-retries",
        "0",
        "--exit-when-empty",
        "--on-failure",
        failed.to_str().unwrap(),
        "--checkpoints",
        checkpoints.to_str().unwrap(),
    ];
    let (code, shown, said) = faulty.poll(&words);
    assert_eq!(code, 1, "{said}");
    assert_eq!(faulty.finished(), ["a", "b", "d"], "{shown:?} {said}");
    let record: Value = serde_json::from_str(&fs::read_to_string(&failed).unwrap()).unwrap();
    assert_eq!(record["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(record["KinesisBatchInfo"]["batchSize"], 1);
    assert_eq!(record["payload"]["Records"].as_array().unwrap().len(), 1);
    // A second run goes on where the first one was.
    faulty.put("poll-clicks", &task("ok", "e"));
    let (code, _, said) = faulty.poll(&words);
    assert_eq!(code, 0, "{said}");
    assert_eq!(faulty.finished(), ["a", "b", "d", "e"], "{said}");
}

#[test]
fn changes_of_a_table_are_delivered() {
    let faulty = Faulty::new("poll-table");
    let table = json!({"TableName": "poll-items", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}});
    faulty.call("dynamodb", "create_table", table);
    for id in ["a", "b"] {
        let item = json!({"pk": {"S": id}, "do": {"S": "ok"}, "ms": {"S": "0"}, "id": {"S": id}});
        faulty.call(
            "dynamodb",
            "put_item",
            json!({"TableName": "poll-items", "Item": item}),
        );
    }
    let words = [
        "--table",
        "poll-items",
        "--start",
        "trim-horizon",
        "--exit-when-empty",
    ];
    let (code, shown, said) = faulty.poll(&words);
    assert_eq!(code, 0, "{shown:?} {said}");
    assert_eq!(faulty.finished(), ["a", "b"], "{said}");
}

#[test]
fn a_killed_process_loses_nothing() {
    let faulty = Faulty::new("poll-kill");
    let (queue, _) = faulty.queue("poll-killed", false);
    let policy = json!({"QueueUrl": queue, "Attributes": {"RedrivePolicy": ""}});
    faulty.call("sqs", "set_queue_attributes", policy);
    faulty.stream("poll-killed");
    let ids = |kind: &str| {
        (0..20)
            .map(|number| format!("{kind}{number:02}"))
            .collect::<Vec<_>>()
    };
    for id in ids("q") {
        faulty.send(&queue, &task("ok", &id), None);
    }
    let words = ["--queue", "poll-killed", "--batch-size", "3", "--exit-when-empty"];
    for _ in 0..3 {
        faulty.kill(&words);
    }
    // What the killed ones had is visible again after two seconds, while the command waits for four.
    let (code, _, said) = faulty.poll(&words);
    assert_eq!(code, 0, "{said}");
    let finished: BTreeSet<String> = faulty.finished().into_iter().collect();
    assert_eq!(finished, ids("q").into_iter().collect());
    assert_eq!(faulty.count(&queue), 0);

    for id in ids("s") {
        faulty.put("poll-killed", &task("ok", &id));
    }
    let checkpoints = faulty.path("checkpoints.json");
    let words = [
        "--stream",
        "poll-killed",
        "--start",
        "trim-horizon",
        "--batch-size",
        "3",
        "--exit-when-empty",
        "--checkpoints",
        checkpoints.to_str().unwrap(),
    ];
    for _ in 0..3 {
        faulty.kill(&words);
    }
    let (code, _, said) = faulty.poll(&words);
    assert_eq!(code, 0, "{said}");
    let mut first: Vec<String> = Vec::new();
    for id in faulty.finished() {
        if id.starts_with('s') && !first.contains(&id) {
            first.push(id);
        }
    }
    assert_eq!(first, ids("s"));
}
