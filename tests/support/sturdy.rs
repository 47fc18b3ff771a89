//! A function that is given bad input, and what has to hold whatever it is.

use super::{Stock, batch, s3};
use lambda_sandbox::Outcome;
use serde_json::Value;

/// A payload's value; no log and no error may hold it.
pub(crate) const SECRET: &str = "hunter2-correct-horse";

/// A function that logs as much as it may without `TRACE`, and has to live on.
pub(crate) struct Sturdy {
    pub(crate) stock: Stock,
    pid: Option<u32>,
}

impl Sturdy {
    pub(crate) async fn start() -> Self {
        let stock = Stock::start_with(|builder| builder.env("AWS_LAMBDA_LOG_LEVEL", "DEBUG")).await;
        let pid = stock.function.pid();
        Self { stock, pid }
    }

    pub(crate) async fn invoke(&self, payload: impl Into<Vec<u8>>) -> Outcome {
        let outcome = self.stock.invoke(payload).await;
        let told = outcome.logs.iter().find(|line| line.contains(SECRET));
        assert_eq!(told, None);
        if let Err(error) = &outcome.result {
            assert!(
                !String::from_utf8_lossy(&error.payload).contains(SECRET),
                "{error}"
            );
        }
        outcome
    }

    /// What the function makes of a payload: `Ok` with the reply, or `Err` with the error's type and message.
    pub(crate) async fn answer(&self, payload: impl Into<Vec<u8>>) -> Result<Value, (String, String)> {
        match self.invoke(payload).await.result {
            Ok(reply) => Ok(serde_json::from_slice(&reply).unwrap()),
            Err(error) => Err((error.error_type, error.message)),
        }
    }

    /// Fails the invocation with an error of this type, in whose message all these parts stand.
    pub(crate) async fn refuses(&self, payload: impl Into<Vec<u8>>, error_type: &str, parts: &[&str]) {
        let (is, message) = self.answer(payload).await.unwrap_err();
        assert_eq!(is, error_type, "{message}");
        for part in parts {
            assert!(message.contains(part), "{part:?} in {message}");
        }
        self.works().await;
    }

    /// The same process still takes a good event and keeps it.
    pub(crate) async fn works(&self) {
        let before = self.stock.count();
        let key = format!("good/{before}");
        assert_eq!(self.answer(batch([s3(&key)])).await, Ok(Value::Null));
        assert_eq!(self.stock.count(), before + 1);
        assert_eq!(self.stock.function.pid(), self.pid);
    }
}
