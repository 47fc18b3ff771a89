//! The extensions of an execution environment: registered, waiting for events, failed.
//!
//! An *external* extension is a program of its own, and is expected under the name of its file. Any other is *internal*: part of the
//! function's process.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::headers::{Delivered, since_epoch};
use super::telemetry;
use crate::function::FunctionError;
use crate::sync::lock;

/// The extensions of an execution environment.
pub(crate) struct Extensions {
    state: Mutex<RegistryState>,
    arrived: Notify,
    /// Changes whenever an extension registers or asks for its next event.
    changed: watch::Sender<()>,
    /// The first failure. It is the environment's.
    failure: watch::Sender<Option<FunctionError>>,
    /// Whether extensions may receive the event of each invocation. Managed Instances refuse them.
    invoke_events: bool,
}

#[derive(Default)]
struct RegistryState {
    /// By identifier.
    all: HashMap<String, Extension>,
    /// The names of external extensions.
    external: Vec<String>,
    /// Whether initialisation has ended, after which none registers.
    is_closed: bool,
    /// Whether the environment ends, so that extensions are meant to exit.
    is_ending: bool,
}

/// A registered extension.
struct Extension {
    name: String,
    is_external: bool,
    events: Vec<ExtensionEvent>,
    waiting: VecDeque<Bytes>,
    /// Whether it waits for its next event.
    is_ready: bool,
    /// The type of the error that it reported, and when. It is about to exit.
    error: Option<(Phase, String)>,
}

/// What an extension may register for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ExtensionEvent {
    Invoke,
    Shutdown,
}

/// Why an execution environment ends, as extensions are told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ShutdownReason {
    /// It is no longer needed.
    Spindown,
    /// An invocation took too long.
    Timeout,
    /// The runtime or an extension failed.
    Failure,
}

/// Why an extension was not registered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum RegistrationError {
    /// Another extension has this name.
    NameTaken,
    /// There may be ten.
    TooMany,
    /// Initialisation has ended.
    Closed,
}

/// In what an extension has failed, by its own report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Phase {
    Init,
    Exit,
}

/// How many extensions Lambda allows.
pub(crate) const LIMIT: usize = 10;

impl Extensions {
    pub(super) fn new(invoke_events: bool) -> Self {
        Self {
            state: Mutex::default(),
            arrived: Notify::new(),
            changed: watch::Sender::new(()),
            failure: watch::Sender::new(None),
            invoke_events,
        }
    }

    /// Says which external extensions are going to register.
    pub(crate) fn expect(&self, names: Vec<String>) {
        lock(&self.state).external = names;
    }

    /// The first of these events that the extension of this name may not receive.
    pub(super) fn refused<'e>(&self, name: &str, events: &'e [String]) -> Option<&'e str> {
        let is_external = lock(&self.state).is_expected(name);
        let admits = |event: &&String| match ExtensionEvent::named(event) {
            Some(ExtensionEvent::Invoke) => self.invoke_events,
            Some(ExtensionEvent::Shutdown) => is_external,
            None => false,
        };
        let refused = events.iter().find(|event| !admits(event));
        refused.map(String::as_str)
    }

    /// Registers an extension for these events, and returns its identifier.
    pub(super) fn register(&self, name: &str, events: &[String]) -> Result<String, RegistrationError> {
        let mut state = lock(&self.state);
        if state.is_closed {
            return Err(RegistrationError::Closed);
        }
        if state.all.values().any(|known| known.name == name) {
            return Err(RegistrationError::NameTaken);
        }
        let is_external = state.is_expected(name);
        let internal = state.all.values().filter(|known| !known.is_external).count();
        if !is_external && internal + state.external.len() >= LIMIT {
            return Err(RegistrationError::TooMany);
        }
        let id = Uuid::new_v4().to_string();
        let extension = Extension {
            name: name.to_owned(),
            is_external,
            events: events
                .iter()
                .filter_map(|event| ExtensionEvent::named(event))
                .collect(),
            waiting: VecDeque::new(),
            is_ready: false,
            error: None,
        };
        state.all.insert(id.clone(), extension);
        self.changed.send_replace(());
        Ok(id)
    }

    /// Queues an `INVOKE` event for each extension that receives them.
    pub(super) fn invoked(&self, request_id: &str, delivered: &Delivered) {
        let mut state = lock(&self.state);
        let mut subscribers = state.receiving(ExtensionEvent::Invoke).peekable();
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

    /// Queues a `SHUTDOWN` event for each extension that receives it. They have until `limit` from now. Failures no longer count.
    pub(crate) fn shut_down(&self, reason: ShutdownReason, limit: Duration) {
        let mut state = lock(&self.state);
        let event = Bytes::from(shutdown_event(reason, limit));
        for subscriber in state.receiving(ExtensionEvent::Shutdown) {
            // Of an invocation that has failed it needs to know nothing.
            subscriber.waiting.clear();
            subscriber.waiting.push_back(event.clone());
        }
        self.arrived.notify_waiters();
    }

    /// Says that the environment ends, so that an extension that exits does not fail it.
    pub(crate) fn is_ending(&self) {
        lock(&self.state).is_ending = true;
    }

    /// Says that initialisation has ended. From now on no extension registers.
    pub(crate) fn close(&self) {
        lock(&self.state).is_closed = true;
    }

    /// Waits for the next event of an extension; `None` if there is no such extension, or if it has reported an error.
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
        let mut state = lock(&self.state);
        let extension = state.all.get_mut(id)?;
        if extension.error.is_some() {
            return None;
        }
        let event = extension.waiting.pop_front();
        extension.is_ready = event.is_none();
        self.changed.send_replace(());
        Some(event)
    }

    /// Waits until each extension that receives `INVOKE` events has asked for the next one, which means that it has finished the
    /// last.
    pub(crate) async fn all_finished(&self) {
        self.until(RegistryState::have_finished).await;
    }

    /// Whether an extension still works on the invocation.
    pub(crate) fn are_busy(&self) -> bool {
        !lock(&self.state).have_finished()
    }

    /// Waits until all external extensions have registered.
    pub(crate) async fn all_registered(&self) {
        self.until(|state| state.missing().is_empty()).await;
    }

    /// Waits until all extensions have asked for their first event, which ends initialisation.
    pub(crate) async fn all_ready(&self) {
        self.until(|state| state.all.values().all(|known| known.is_ready))
            .await;
    }

    async fn until(&self, reached: impl Fn(&RegistryState) -> bool) {
        let mut changed = self.changed.subscribe();
        // Cannot fail: this holds the sender.
        let _ = changed.wait_for(|()| reached(&lock(&self.state))).await;
    }

    /// The names of the extensions that initialisation waits for.
    pub(crate) fn late(&self) -> Vec<String> {
        let state = lock(&self.state);
        let unready = state.all.values().filter(|known| !known.is_ready);
        let unready = unready.map(|known| known.name.clone());
        let mut names: Vec<_> = state.missing().into_iter().chain(unready).collect();
        names.sort_unstable();
        names
    }

    /// Whether the external extension of this name exits by itself after a `SHUTDOWN` event.
    pub(crate) fn hears_shutdown(&self, name: &str) -> bool {
        let mut state = lock(&self.state);
        state
            .receiving(ExtensionEvent::Shutdown)
            .any(|known| known.is_external && known.name == name)
    }

    /// Whether an extension in the function's process is registered.
    pub(crate) fn has_internal(&self) -> bool {
        lock(&self.state).all.values().any(|known| !known.is_external)
    }

    /// The name of the extension with this identifier.
    pub(super) fn name(&self, id: &str) -> Option<String> {
        lock(&self.state).all.get(id).map(|known| known.name.clone())
    }

    /// All extensions, as Lambda reports them after initialisation.
    pub(crate) fn described(&self) -> Vec<telemetry::Event> {
        let state = lock(&self.state);
        let registered = state.all.values().map(Extension::described);
        let missing = state.missing().into_iter();
        let missing = missing.map(|name| telemetry::Event::Extension {
            name,
            state: "Started",
            events: Vec::new(),
            error_type: None,
        });
        registered.chain(missing).collect()
    }

    /// Records an error that an extension reports. It fails the environment. Returns whether there is such an extension, and it
    /// had not reported one before.
    pub(super) fn reported(&self, id: &str, phase: Phase, error_type: &str) -> bool {
        let mut state = lock(&self.state);
        let Some(extension) = state.all.get_mut(id).filter(|known| known.error.is_none()) else {
            return false;
        };
        extension.error = Some((phase, error_type.to_owned()));
        let (kind, what) = match phase {
            Phase::Init => ("Extension.InitError", "failed to initialise"),
            Phase::Exit => ("Extension.ExitError", "is about to exit"),
        };
        let message = format!("Error: the extension {} {what}: {error_type}", extension.name);
        let is_ending = state.is_ending;
        drop(state);
        if !is_ending {
            self.fail(FunctionError::new(kind, message));
        }
        true
    }

    /// Records that the program of an external extension has exited, `cause` being how.
    pub(crate) fn exited(&self, name: &str, cause: &str) {
        if lock(&self.state).is_ending {
            return;
        }
        let message = format!("Error: the extension {name} exited: {cause}");
        self.fail(FunctionError::new("Extension.Crash", message));
    }

    /// Only the first failure counts: the others may follow from it.
    fn fail(&self, error: FunctionError) {
        self.failure.send_if_modified(|failure| {
            let is_first = failure.is_none();
            if is_first {
                *failure = Some(error);
            }
            is_first
        });
    }

    /// Waits until an extension fails.
    pub(crate) async fn failed(&self) -> FunctionError {
        let mut failure = self.failure.subscribe();
        let failed = failure.wait_for(Option::is_some).await;
        let error = failed.ok().and_then(|error| error.clone());
        match error {
            Some(error) => error,
            // Cannot happen: this holds the sender.
            None => std::future::pending().await,
        }
    }

    /// Whether an extension has failed.
    pub(crate) fn have_failed(&self) -> bool {
        self.failure.borrow().is_some()
    }
}

impl RegistryState {
    /// Whether each extension that receives `INVOKE` events has asked for the next one.
    fn have_finished(&self) -> bool {
        let finished = |known: &Extension| known.is_ready || !known.events.contains(&ExtensionEvent::Invoke);
        self.all.values().all(finished)
    }

    fn is_expected(&self, name: &str) -> bool {
        self.external.iter().any(|external| external == name)
    }

    fn receiving(&mut self, event: ExtensionEvent) -> impl Iterator<Item = &mut Extension> {
        let all = self.all.values_mut();
        all.filter(move |known| known.error.is_none() && known.events.contains(&event))
    }

    /// The external extensions that have not registered.
    fn missing(&self) -> Vec<String> {
        let is_registered = |name: &&String| self.all.values().any(|known| known.name == **name);
        let missing = self.external.iter().filter(|name| !is_registered(name));
        missing.cloned().collect()
    }
}

impl Extension {
    fn described(&self) -> telemetry::Event {
        let state = match (&self.error, self.is_ready) {
            (Some((Phase::Init, _)), _) => "InitError",
            (Some((Phase::Exit, _)), _) => "ExitError",
            (None, true) => "Ready",
            (None, false) => "Registered",
        };
        telemetry::Event::Extension {
            name: self.name.clone(),
            state,
            events: self.events.iter().copied().map(ExtensionEvent::name).collect(),
            error_type: self.error.as_ref().map(|(_, error_type)| error_type.clone()),
        }
    }
}

impl ExtensionEvent {
    fn named(name: &str) -> Option<Self> {
        [Self::Invoke, Self::Shutdown]
            .into_iter()
            .find(|event| event.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Invoke => "INVOKE",
            Self::Shutdown => "SHUTDOWN",
        }
    }
}

impl ShutdownReason {
    /// As Lambda spells it. Its documentation has the words in capitals.
    fn name(self) -> &'static str {
        match self {
            Self::Spindown => "spindown",
            Self::Timeout => "timeout",
            Self::Failure => "failure",
        }
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

/// A `SHUTDOWN` event as the Extensions API sends it. Its deadline is a point in time, as that of an `INVOKE` event.
fn shutdown_event(reason: ShutdownReason, limit: Duration) -> String {
    let deadline = u64::try_from((since_epoch() + limit).as_millis()).unwrap_or(u64::MAX);
    json!({"eventType": "SHUTDOWN", "shutdownReason": reason.name(), "deadlineMs": deadline}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use serde_json::Value;

    fn extensions() -> Extensions {
        Extensions::new(true)
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn delivered() -> Delivered {
        Delivered {
            deadline_ms: 5,
            function_arn: "arn".to_owned(),
            trace_id: "Root=1".to_owned(),
        }
    }

    async fn next(extensions: &Extensions, id: &str) -> Value {
        serde_json::from_slice(&extensions.next(id).await.unwrap()).unwrap()
    }

    #[tokio::test]
    async fn an_extension_gets_each_invocation_once_and_is_ready_when_it_asks_again() {
        let extensions = extensions();
        let id = extensions.register("flush", &words(&["INVOKE"])).unwrap();
        extensions.register("quiet", &[]).unwrap();
        extensions.invoked("a", &delivered());
        let event = next(&extensions, &id).await;
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
        let mut finished = Box::pin(extensions.all_finished());
        assert!(finished.as_mut().now_or_never().is_none());
        assert!(extensions.next(&id).now_or_never().is_none());
        finished.await;
    }

    #[tokio::test]
    async fn an_extension_that_waits_wakes_up() {
        let extensions = extensions();
        let id = extensions.register("flush", &words(&["INVOKE"])).unwrap();
        let mut next = Box::pin(extensions.next(&id));
        assert!(next.as_mut().now_or_never().is_none());
        extensions.invoked("a", &delivered());
        assert!(next.await.is_some());
        assert!(extensions.next("unknown").await.is_none());
    }

    #[test]
    fn names_are_unique_and_there_are_ten() {
        let extensions = extensions();
        extensions.expect(words(&["external"]));
        for number in 0..9 {
            extensions.register(&number.to_string(), &[]).unwrap();
        }
        assert_eq!(extensions.register("3", &[]), Err(RegistrationError::NameTaken));
        assert_eq!(extensions.register("x", &[]), Err(RegistrationError::TooMany));
        // Its place is kept.
        assert!(extensions.register("external", &[]).is_ok());
        extensions.close();
        assert_eq!(extensions.register("late", &[]), Err(RegistrationError::Closed));
    }

    #[test]
    fn only_external_extensions_are_shut_down_and_managed_instances_have_no_invoke_events() {
        let refused = |extensions: &Extensions, name: &str, event: &str| {
            extensions.expect(words(&["external"]));
            extensions.refused(name, &words(&[event])).is_some()
        };
        for (name, event, on_demand, managed) in [
            ("external", "INVOKE", false, true),
            ("external", "SHUTDOWN", false, false),
            ("internal", "INVOKE", false, true),
            ("internal", "SHUTDOWN", true, true),
            ("external", "invoke", true, true),
        ] {
            assert_eq!(
                refused(&Extensions::new(true), name, event),
                on_demand,
                "{name} {event}"
            );
            assert_eq!(
                refused(&Extensions::new(false), name, event),
                managed,
                "{name} {event}"
            );
        }
    }

    #[tokio::test]
    async fn initialisation_waits_for_each_extension_to_register_and_to_ask() {
        let extensions = extensions();
        extensions.expect(words(&["one", "two"]));
        let one = extensions.register("one", &[]).unwrap();
        assert!(extensions.all_registered().now_or_never().is_none());
        let two = extensions.register("two", &words(&["SHUTDOWN"])).unwrap();
        extensions.all_registered().await;
        assert!(extensions.next(&one).now_or_never().is_none());
        assert!(extensions.all_ready().now_or_never().is_none());
        assert_eq!(extensions.late(), ["two"]);
        assert!(extensions.next(&two).now_or_never().is_none());
        extensions.all_ready().await;
        assert!(extensions.late().is_empty());
    }

    #[tokio::test]
    async fn the_last_event_is_shutdown_and_replaces_those_that_wait() {
        let extensions = extensions();
        extensions.expect(words(&["all", "invoke"]));
        let all = extensions
            .register("all", &words(&["INVOKE", "SHUTDOWN"]))
            .unwrap();
        let invoke = extensions.register("invoke", &words(&["INVOKE"])).unwrap();
        extensions.invoked("a", &delivered());
        extensions.shut_down(ShutdownReason::Timeout, Duration::from_secs(2));
        let event = next(&extensions, &all).await;
        assert_eq!(
            (&event["eventType"], &event["shutdownReason"]),
            (&json!("SHUTDOWN"), &json!("timeout"))
        );
        let left = u128::from(event["deadlineMs"].as_u64().unwrap()) - since_epoch().as_millis();
        assert!((1000..=2000).contains(&left), "{left}");
        assert!(extensions.hears_shutdown("all") && !extensions.hears_shutdown("invoke"));
        assert_eq!(next(&extensions, &invoke).await["eventType"], "INVOKE");
    }

    #[tokio::test]
    async fn the_first_failure_counts_unless_the_environment_ends() {
        let failing = extensions();
        let id = failing.register("one", &[]).unwrap();
        assert!(!failing.reported("unknown", Phase::Init, "No"));
        assert!(failing.reported(&id, Phase::Init, "Mine.Broken"));
        assert!(!failing.reported(&id, Phase::Exit, "Mine.Broken"));
        failing.exited("one", "exit status 1");
        let error = failing.failed().await;
        assert_eq!(
            (&*error.error_type, &*error.message),
            (
                "Extension.InitError",
                "Error: the extension one failed to initialise: Mine.Broken"
            )
        );
        assert!(failing.next(&id).await.is_none());
        let ending = extensions();
        ending.is_ending();
        ending.exited("one", "exit status 1");
        assert!(!ending.have_failed());
    }
}
