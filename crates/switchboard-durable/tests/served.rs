//! A durable function, served as by Lambda, with a ledger of what it does.

use lambda_sandbox::http::PayloadFormat;
use lambda_sandbox::{Durable, DurableSettings, Function, Gateway, Outcome};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use switchboard_test_support::client::{Reply, send};
use switchboard_test_support::example;
use tokio::net::TcpListener;

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) function: Arc<Function>,
    durable: Arc<Durable>,
    directory: tempfile::TempDir,
}

impl Served {
    /// Serves an example, with a clock of this speed.
    pub(crate) async fn start(name: &str, ledger: &str, timeout: Duration, speed: f64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let function = Function::builder(example(name))
            .durable_at(address)
            .env(ledger, directory.path().join("ledger"))
            .env("RUST_BACKTRACE", "0")
            .max_environments(4)
            .init_timeout(Duration::from_secs(60))
            .timeout(timeout);
        let function = Arc::new(function.start().await.unwrap());
        let settings = DurableSettings::new().time_scale(speed);
        let durable = Arc::new(Durable::new(Arc::clone(&function), settings));
        let gateway = Gateway::new(Arc::clone(&function), PayloadFormat::Http).durable(Arc::clone(&durable));
        tokio::spawn(gateway.serve(listener));
        Self {
            address,
            function,
            durable,
            directory,
        }
    }

    /// Starts an execution, and waits for its end.
    pub(crate) async fn invoke(&self, event: impl Into<String>) -> Outcome {
        self.durable.invoke(event.into()).await.unwrap()
    }

    /// The result of an execution that has succeeded.
    pub(crate) async fn result(&self, event: impl Into<String>) -> (Value, Vec<String>) {
        let outcome = self.invoke(event).await;
        let result = outcome
            .result
            .unwrap_or_else(|error| panic!("{error}: {:?}", outcome.logs));
        (serde_json::from_slice(&result).unwrap(), outcome.logs)
    }

    /// The lines of the ledger, sorted.
    pub(crate) fn ledger(&self) -> Vec<String> {
        let lines = std::fs::read_to_string(self.directory.path().join("ledger")).unwrap_or_default();
        let mut lines: Vec<_> = lines.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let reply = send(self.address, &format!("GET /2025-12-01/{path}"), &[], b"").await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        send(self.address, &format!("POST {path}"), headers, body.as_bytes()).await
    }

    /// Waits for an event of an execution's history.
    pub(crate) async fn event(&self, arn: &str, event_type: &str) -> Value {
        let path = format!("durable-executions/{arn}/history?IncludeExecutionData=true");
        let found = async {
            loop {
                let history = self.get(&path).await;
                let mut events = history["Events"].as_array().unwrap().iter();
                if let Some(event) = events.find(|event| event["EventType"] == event_type) {
                    return event.clone();
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), found)
            .await
            .unwrap()
    }

    /// The names of the child contexts that were begun.
    pub(crate) async fn contexts(&self) -> Vec<String> {
        let listed = self.get("functions/any/durable-executions").await;
        let arn = listed["DurableExecutions"][0]["DurableExecutionArn"]
            .as_str()
            .unwrap()
            .to_owned();
        let history = self
            .get(&format!("durable-executions/{arn}/history?MaxItems=1000"))
            .await;
        let events = history["Events"].as_array().unwrap().iter();
        let begun = events.filter(|event| event["EventType"] == "ContextStarted");
        begun
            .filter_map(|event| event["Name"].as_str().map(str::to_owned))
            .collect()
    }
}
