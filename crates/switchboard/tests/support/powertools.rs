//! Idempotency tables on an emulator of DynamoDB, and functions of Powertools that share them.

use aws_sdk_dynamodb::Client;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};
use switchboard::idempotency::Dynamodb;
use switchboard_test_support::emulator::{client, create_table, variable};

/// A table of its own, as Powertools' documentation has it made.
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) name: &'static str,
}

impl Table {
    pub(crate) async fn create(name: &'static str) -> Self {
        create_table(name, "id", &[], "").await;
        Self {
            client: client(),
            name,
        }
    }

    pub(crate) fn store(&self) -> Dynamodb {
        Dynamodb::new(self.client.clone(), self.name)
    }

    /// Calls the function of `tests/powertools/function.py`: what became of it.
    pub(crate) fn python(&self, key: &str, validation: &str, event: &Value) -> Value {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/powertools/function.py");
        let mut python = Command::new(variable("POWERTOOLS_PYTHON"));
        self.call("python", python.arg(script), key, validation, event)
    }

    /// Calls the function of `tests/powertools/powertools.mjs`: what became of it.
    pub(crate) fn typescript(&self, key: &str, validation: &str, event: &Value) -> Value {
        let mut node = Command::new("node");
        self.call(
            "typescript",
            node.args([TYPESCRIPT, "function"]),
            key,
            validation,
            event,
        )
    }

    fn call(&self, by: &str, function: &mut Command, key: &str, validation: &str, event: &Value) -> Value {
        let call = json!({"endpoint": variable("AWS_ENDPOINT_URL_DYNAMODB"), "table": self.name, "prefix": "orders",
            "key": key, "validation": validation, "event": event, "result": {"by": by}});
        serde_json::from_str(&told(function, call.to_string())).unwrap()
    }
}

const TYPESCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/powertools/powertools.mjs");

/// What a program writes to its standard output, given this on its standard input.
fn told(program: &mut Command, input: String) -> String {
    let mut program = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = program.stdin.take().unwrap();
    // Beside the reading, as both pipes hold less than all of it.
    let writing = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = program.wait_with_output().unwrap();
    writing.join().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// So many documents with the hash that Powertools for Python gives each, behind a tab, a line each.
pub(crate) fn documents(count: usize) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/powertools/documents.py");
    let mut python = Command::new(variable("POWERTOOLS_PYTHON"));
    told(python.args([script, &count.to_string(), "1"]), String::new())
}

/// The hashes that Powertools for TypeScript gives documents, a line each.
pub(crate) fn hashes_of_typescript(documents: &[&str]) -> Vec<String> {
    let mut node = Command::new("node");
    let hashes = told(node.args([TYPESCRIPT, "hashes"]), documents.join("\n"));
    hashes.lines().map(ToOwned::to_owned).collect()
}
