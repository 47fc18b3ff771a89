//! The extensions that a process has registered, and the events that wait for them.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use bytes::Bytes;
use serde_json::json;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::headers::Delivered;
use crate::sync::lock;

/// The extensions of a process.
pub(super) struct Extensions {
    /// By identifier.
    all: Mutex<HashMap<String, Extension>>,
    arrived: Notify,
    /// Changes whenever an extension asks for its next event.
    asked: watch::Sender<()>,
}

/// A registered extension.
struct Extension {
    name: String,
    on_invoke: bool,
    waiting: VecDeque<Bytes>,
    /// Whether it waits for its next event.
    is_ready: bool,
}

/// Why an extension was not registered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum RegistrationError {
    /// Another extension has this name.
    NameTaken,
    /// There may be ten.
    TooMany,
}

/// How many extensions Lambda allows.
const LIMIT: usize = 10;

impl Default for Extensions {
    fn default() -> Self {
        Self {
            all: Mutex::default(),
            arrived: Notify::new(),
            asked: watch::Sender::new(()),
        }
    }
}

impl Extensions {
    /// Registers an extension, with or without `INVOKE` events, and returns its identifier.
    pub(super) fn register(&self, name: &str, on_invoke: bool) -> Result<String, RegistrationError> {
        let mut all = lock(&self.all);
        if all.values().any(|known| known.name == name) {
            return Err(RegistrationError::NameTaken);
        }
        if all.len() == LIMIT {
            return Err(RegistrationError::TooMany);
        }
        let id = Uuid::new_v4().to_string();
        let extension = Extension {
            name: name.to_owned(),
            on_invoke,
            waiting: VecDeque::new(),
            is_ready: false,
        };
        all.insert(id.clone(), extension);
        Ok(id)
    }

    /// Queues an `INVOKE` event for each extension that receives them.
    pub(super) fn invoked(&self, request_id: &str, delivered: &Delivered) {
        let mut all = lock(&self.all);
        let mut subscribers = all.values_mut().filter(|known| known.on_invoke).peekable();
        if subscribers.peek().is_none() {
            return;
        }
        let event = Bytes::from(invoke_event(request_id, delivered));
        for subscriber in subscribers {
            subscriber.is_ready = false;
            subscriber.waiting.push_back(event.clone());
        }
        self.arrived.notify_waiters();
    }

    /// Waits for the next event of an extension; `None` if there is no such extension.
    pub(super) async fn next(&self, id: &str) -> Option<Bytes> {
        loop {
            let arrived = self.arrived.notified();
            if let Some(event) = self.take(id)? {
                return Some(event);
            }
            arrived.await;
        }
    }

    /// An event that waits for an extension, if there is one. If not, the extension is ready for the next.
    fn take(&self, id: &str) -> Option<Option<Bytes>> {
        let mut all = lock(&self.all);
        let extension = all.get_mut(id)?;
        let event = extension.waiting.pop_front();
        extension.is_ready = event.is_none();
        self.asked.send_replace(());
        Some(event)
    }

    /// Waits until each extension that receives events has asked for the next one, which means that it has finished the last.
    pub(super) async fn all_ready(&self) {
        let mut asked = self.asked.subscribe();
        // Cannot fail: this holds the sender.
        let _ = asked.wait_for(|()| self.are_ready()).await;
    }

    fn are_ready(&self) -> bool {
        let all = lock(&self.all);
        all.values().all(|known| known.is_ready || !known.on_invoke)
    }
}

/// An `INVOKE` event as the Extensions API sends it.
fn invoke_event(request_id: &str, delivered: &Delivered) -> String {
    let tracing = json!({"type": "X-Amzn-Trace-Id", "value": delivered.trace_id});
    json!({
        "eventType": "INVOKE",
        "deadlineMs": delivered.deadline_ms,
        "requestId": request_id,
        "invokedFunctionArn": delivered.function_arn,
        "tracing": tracing,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    fn delivered() -> Delivered {
        Delivered {
            deadline_ms: 5,
            function_arn: "arn".to_owned(),
            trace_id: "Root=1".to_owned(),
        }
    }

    #[tokio::test]
    async fn an_extension_gets_each_invocation_once_and_is_ready_when_it_asks_again() {
        let extensions = Extensions::default();
        let id = extensions.register("flush", true).unwrap();
        extensions.register("quiet", false).unwrap();
        extensions.invoked("a", &delivered());
        let event: serde_json::Value = serde_json::from_slice(&extensions.next(&id).await.unwrap()).unwrap();
        assert_eq!(
            (&event["eventType"], &event["requestId"]),
            (&json!("INVOKE"), &json!("a"))
        );
        assert_eq!(
            (&event["deadlineMs"], &event["invokedFunctionArn"]),
            (&json!(5), &json!("arn"))
        );
        assert_eq!(
            event["tracing"],
            json!({"type": "X-Amzn-Trace-Id", "value": "Root=1"})
        );
        let mut ready = Box::pin(extensions.all_ready());
        assert!(ready.as_mut().now_or_never().is_none());
        assert!(extensions.next(&id).now_or_never().is_none());
        ready.await;
    }

    #[tokio::test]
    async fn an_extension_that_waits_wakes_up() {
        let extensions = Extensions::default();
        let id = extensions.register("flush", true).unwrap();
        let mut next = Box::pin(extensions.next(&id));
        assert!(next.as_mut().now_or_never().is_none());
        extensions.invoked("a", &delivered());
        assert!(next.await.is_some());
        assert!(extensions.next("unknown").await.is_none());
    }

    #[test]
    fn names_are_unique_and_there_are_ten() {
        let extensions = Extensions::default();
        for number in 0..10 {
            extensions.register(&number.to_string(), false).unwrap();
        }
        assert_eq!(extensions.register("3", false), Err(RegistrationError::NameTaken));
        assert_eq!(extensions.register("x", false), Err(RegistrationError::TooMany));
    }
}
