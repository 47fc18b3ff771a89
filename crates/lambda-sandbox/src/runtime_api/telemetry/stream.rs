//! What happens in one execution environment, from its start: kept until subscribers are known, then sent to them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::timeout;

use super::buffer::RecordBuffer;
use super::record::{Around, Category, Event, ReportedInvocation};
use super::subscription::{Api, Schema, Subscription};
use crate::runtime_api::facts::Facts;
use crate::sync::lock;

/// How much is kept for subscribers that are still to come, in events and in bytes of lines.
const KEPT: usize = 10_000;
const KEPT_BYTES: usize = 1 << 20;

/// The telemetry of an execution environment.
pub(crate) struct Telemetry {
    facts: Arc<Facts>,
    /// Whether anybody wants events, or still may.
    is_wanted: AtomicBool,
    state: Mutex<StreamState>,
}

struct StreamState {
    /// What has happened so far, while there may be further subscribers.
    history: Option<History>,
    subscribers: Vec<Arc<Subscriber>>,
    /// By request id.
    under_way: HashMap<String, ReportedInvocation>,
}

#[derive(Default)]
struct History {
    events: Vec<(String, Event)>,
    bytes: usize,
}

struct Subscriber {
    /// The extension.
    name: String,
    types: Vec<Category>,
    schema: Schema,
    buffer: RecordBuffer,
}

/// Why a subscription was refused.
pub(super) enum SubscriptionRefusal {
    Invalid(String),
    /// Initialisation is over.
    Closed,
}

impl Telemetry {
    pub(crate) fn new(facts: Arc<Facts>) -> Self {
        let state = StreamState {
            history: Some(History::default()),
            subscribers: Vec::new(),
            under_way: HashMap::new(),
        };
        Self {
            facts,
            is_wanted: AtomicBool::new(true),
            state: Mutex::new(state),
        }
    }

    /// Reports an event. `event` is made only if somebody wants it.
    pub(crate) fn report(&self, event: impl FnOnce() -> Event) {
        if !self.is_wanted() {
            return;
        }
        let (event, time) = (event(), now());
        let mut state = lock(&self.state);
        for subscriber in &state.subscribers {
            subscriber.tell(&time, &event, &self.facts, &state.under_way);
        }
        if let Event::Report { request_id, .. } = &event {
            state.under_way.remove(request_id);
        }
        if let Some(history) = &mut state.history {
            history.keep(time, event);
        }
    }

    /// Whether anybody wants events, or still may.
    pub(crate) fn is_wanted(&self) -> bool {
        self.is_wanted.load(Ordering::Relaxed)
    }

    /// Reports that an invocation has begun.
    pub(crate) fn started(&self, request_id: &str, trace_id: &str, tenant_id: Option<&str>) {
        if !self.is_wanted() {
            return;
        }
        let invocation = ReportedInvocation {
            trace_id: trace_id.to_owned(),
            tenant_id: tenant_id.map(str::to_owned),
        };
        lock(&self.state)
            .under_way
            .insert(request_id.to_owned(), invocation);
        self.report(|| Event::Start {
            request_id: request_id.to_owned(),
        });
    }

    /// Subscribes the extension of this name. A further subscription replaces its first one.
    pub(super) fn subscribe(&self, name: &str, api: Api, body: &[u8]) -> Result<(), SubscriptionRefusal> {
        let subscription =
            Subscription::read(api, body, self.facts.is_managed()).map_err(SubscriptionRefusal::Invalid)?;
        let types: Vec<_> = subscription
            .types
            .iter()
            .map(|category| category.name())
            .collect();
        let mut state = lock(&self.state);
        let Some(history) = &state.history else {
            return Err(SubscriptionRefusal::Closed);
        };
        let mut known = state.subscribers.iter().filter(|known| known.name == name);
        if known.any(|known| known.schema.api() != api) {
            let message = "the extension has subscribed with the other API, of Telemetry and Logs";
            return Err(SubscriptionRefusal::Invalid(message.to_owned()));
        }
        let subscriber = Subscriber::new(name, subscription, Arc::clone(&self.facts));
        for (time, event) in &history.events {
            subscriber.tell(time, event, &self.facts, &state.under_way);
        }
        state.subscribers.retain(|known| known.name != name);
        state.subscribers.push(Arc::new(subscriber));
        drop(state);
        self.report(|| Event::Subscription {
            api,
            name: name.to_owned(),
            types,
        });
        Ok(())
    }

    /// Says that initialisation is over: from now on nobody subscribes.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.state);
        state.history = None;
        self.is_wanted
            .store(!state.subscribers.is_empty(), Ordering::Relaxed);
    }

    /// Sends what subscribers have not got yet, unless that takes longer than this.
    pub(crate) async fn flush(&self, limit: Duration) {
        let subscribers = lock(&self.state).subscribers.clone();
        let all = async {
            for subscriber in subscribers {
                subscriber.buffer.flush().await;
            }
        };
        // A listener that is gone must not hold up the end of its environment.
        let _ = timeout(limit, all).await;
    }
}

impl Subscriber {
    fn new(name: &str, subscription: Subscription, facts: Arc<Facts>) -> Self {
        let Subscription {
            schema,
            types,
            buffering,
            destination,
        } = subscription;
        let is_told = types.contains(&Category::Platform);
        let note = move |dropped: super::buffer::Dropped| {
            let event = Event::Dropped {
                records: dropped.records,
                bytes: dropped.bytes,
            };
            let around = Around {
                facts: &facts,
                schema,
                invocation: None,
            };
            is_told.then(|| event.record(&now(), &around)).flatten()
        };
        Self {
            name: name.to_owned(),
            types,
            schema,
            buffer: RecordBuffer::new(buffering, destination, note),
        }
    }

    fn tell(
        &self,
        time: &str,
        event: &Event,
        facts: &Facts,
        under_way: &HashMap<String, ReportedInvocation>,
    ) {
        if !self.types.contains(&event.category()) {
            return;
        }
        let around = Around {
            facts,
            schema: self.schema,
            invocation: event.request_id().and_then(|id| under_way.get(id)),
        };
        if let Some(record) = event.record(time, &around) {
            self.buffer.push(record);
        }
    }
}

impl History {
    fn keep(&mut self, time: String, event: Event) {
        let size = match &event {
            Event::Line(line) | Event::ExtensionLine(line) => line.len(),
            _ => 0,
        };
        if self.events.len() < KEPT && self.bytes + size <= KEPT_BYTES {
            self.bytes += size;
            self.events.push((time, event));
        }
    }
}

fn now() -> String {
    chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
