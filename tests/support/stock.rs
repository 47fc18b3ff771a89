//! The stock function in a process of its own, on a journal of its own.

use super::http_api;
use lambda_sandbox::{Builder, Function, FunctionError, Outcome};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub(crate) struct Stock {
    pub(crate) function: Arc<Function>,
    directory: TempDir,
}

impl Stock {
    pub(crate) async fn start() -> Self {
        Self::start_with(|builder| builder).await
    }

    pub(crate) async fn start_with(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let builder = on_journal(&directory);
        let function = Arc::new(configure(builder).start().await.unwrap());
        Self { function, directory }
    }

    /// Another process on the same journal.
    pub(crate) async fn sibling(&self) -> Function {
        on_journal(&self.directory).start().await.unwrap()
    }

    pub(crate) async fn invoke(&self, payload: impl Into<Vec<u8>>) -> Outcome {
        self.function.invoke(payload.into()).await.unwrap()
    }

    /// The reply to an event that does not fail the invocation.
    pub(crate) async fn reply(&self, payload: impl Into<Vec<u8>>) -> Value {
        let reply = self.invoke(payload).await.result.unwrap();
        serde_json::from_slice(&reply).unwrap()
    }

    pub(crate) async fn error(&self, payload: impl Into<Vec<u8>>) -> FunctionError {
        self.invoke(payload).await.result.unwrap_err()
    }

    /// Asks by an HTTP API's event; the answer's body is text.
    pub(crate) async fn get(&self, url: &str) -> Value {
        self.reply(http_api("GET", url).to_string()).await
    }

    /// All pages of a list.
    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
        let (mut items, mut next) = (Vec::new(), Some(format!("{path}?limit=1000")));
        while let Some(url) = next {
            let page = self.get(&url).await;
            assert_eq!(page["statusCode"], 200, "{page}");
            let body = page["body"].as_str().unwrap();
            items.extend(serde_json::from_str::<Vec<Value>>(body).unwrap());
            next = page["headers"]["link"]
                .as_str()
                .map(|link| next_page(link).to_owned());
        }
        items
    }

    pub(crate) async fn entries(&self) -> Vec<Value> {
        self.list("/events").await
    }

    /// The entries without their order, then the state of every resource.
    pub(crate) async fn journal(&self) -> (Vec<String>, Vec<Value>) {
        let mut entries: Vec<_> = self.entries().await.iter().map(Value::to_string).collect();
        entries.sort();
        (entries, self.list("/resources").await)
    }

    /// Where its journal is.
    pub(crate) fn journal_file(&self) -> PathBuf {
        file(&self.directory)
    }

    /// How many entries there are, without asking the function.
    pub(crate) fn count(&self) -> usize {
        let connection = rusqlite::Connection::open(self.journal_file()).unwrap();
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        let count = connection.query_row("SELECT count(*) FROM entry", [], |row| row.get::<_, u32>(0));
        match count {
            // Before the first event.
            Err(error) if error.to_string().contains("no such table") => 0,
            count => usize::try_from(count.unwrap()).unwrap(),
        }
    }
}

fn file(directory: &TempDir) -> PathBuf {
    directory.path().join("journal.sqlite")
}

fn on_journal(directory: &TempDir) -> Builder {
    let store = format!("sqlite:{}", file(directory).display());
    builder().env("SWITCHBOARD_STORE", store)
}

/// The function, untouched by what the tests' own environment says of logs.
pub(crate) fn builder() -> Builder {
    let builder = Function::builder(env!("CARGO_BIN_EXE_switchboard")).timeout(Duration::from_secs(60));
    let quiet = ["AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"];
    quiet
        .into_iter()
        .fold(builder, |builder, name| builder.env(name, ""))
}

/// The address in a `Link` to the next page.
pub(crate) fn next_page(link: &str) -> &str {
    let url = link
        .strip_prefix('<')
        .and_then(|link| link.strip_suffix(">; rel=\"next\""));
    url.unwrap_or_else(|| panic!("no link to a next page: {link}"))
}
