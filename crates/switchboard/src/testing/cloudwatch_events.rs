//! Events of Amazon EventBridge. EventBridge User Guide, “Event structure reference”.

use super::direct::DirectPayload;
use super::event::{Compose, enveloped, event};
use super::origin::{ACCOUNT, Number, REGION, arn};
use serde::Serialize;
use serde_json::{Value, json};

/// An event of an event bus.
///
/// # Example
///
/// ```
/// use serde_json::json;
/// use switchboard::testing::EventBridge;
///
/// let event = EventBridge::event("shop.orders", "Order Placed", &json!({"order": 1001}));
/// # assert!(event.to_json().contains("Order Placed"));
/// ```
#[derive(Clone, Debug)]
pub struct EventBridge {
    event: Value,
}

impl EventBridge {
    /// An event with the JSON of `detail`.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn event<T: Serialize + ?Sized>(source: &str, detail_type: &str, detail: &T) -> Self {
        let number = Number::next();
        let event = json!({
            "version": "0",
            "id": number.uuid(),
            "detail-type": detail_type,
            "source": source,
            "account": ACCOUNT,
            "time": number.time_in_seconds(),
            "region": REGION,
            "resources": [],
            "detail": super::event::tree(detail),
        });
        Self { event }
    }

    /// The event's id.
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        self.set("/id", id)
    }

    /// Adds the ARN of a resource that the event is about.
    #[must_use]
    pub fn resource(mut self, arn: &str) -> Self {
        if let Some(resources) = self.event["resources"].as_array_mut() {
            resources.push(arn.into());
        }
        self
    }

    /// The event is replayed from an archive.
    #[must_use]
    pub fn replay(self, name: &str) -> Self {
        self.set("/replay-name", name)
    }
}

impl Compose for EventBridge {
    fn compose(&self) -> Value {
        self.event.clone()
    }

    fn parts(&mut self) -> &mut [Value] {
        std::slice::from_mut(&mut self.event)
    }
}

event!(EventBridge);
enveloped!(EventBridge);

/// What schedules send.
#[derive(Clone, Copy, Debug)]
pub struct Schedule;

impl Schedule {
    /// The event of a scheduled rule of EventBridge.
    #[must_use]
    pub fn rule(name: &str) -> EventBridge {
        let event = EventBridge::event("aws.events", "Scheduled Event", &json!({}));
        event.resource(&arn("events", &format!("rule/{name}")))
    }

    /// The input of a schedule of EventBridge Scheduler: JSON of one's own.
    ///
    /// # Panics
    /// If it cannot be written as JSON.
    #[must_use]
    pub fn input<T: Serialize + ?Sized>(input: &T) -> DirectPayload {
        DirectPayload::of(input)
    }
}
