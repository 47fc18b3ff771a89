//! An event of any source, with a given body, a given number of records, and a place where it comes from: what
//! `cargo switchboard event` prints.

use super::event::{TestEvent, put};
use super::makers::{EventMaker, maker};
use super::request::{EventPart, EventRequest, GenerateError};
use crate::source::Source;
use serde::Serialize;
use serde_json::Value;

/// Makes an event of any source, complete as AWS sends it. [`generate`] is the short form.
///
/// # Example
///
/// ```
/// use switchboard::source::Source;
/// use switchboard::testing::{EventPart, Generator};
///
/// let event = Generator::new(Source::Sqs)
///     .body(r#"{"order":1001}"#)
///     .count(2)
///     .with(EventPart::Queue, "orders.fifo")
///     .with(EventPart::Group, "customer-42")
///     .event()?;
/// assert_eq!(event.to_json().matches("customer-42").count(), 2);
/// # Ok::<_, switchboard::testing::GenerateError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Generator {
    source: Source,
    body: Option<Vec<u8>>,
    count: usize,
    parts: Vec<(EventPart, String)>,
    members: Vec<(String, Value)>,
}

impl Generator {
    /// Events of this source, with one record.
    #[must_use]
    pub const fn new(source: Source) -> Self {
        Self {
            source,
            body: None,
            count: 1,
            parts: Vec::new(),
            members: Vec::new(),
        }
    }

    /// What each record holds. Where the source carries bytes, it is any; where it carries text, any text; where it
    /// carries JSON (the detail of EventBridge, an item of DynamoDB, the arguments of AppSync), it has to be that.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// How many records the event has.
    #[must_use]
    pub const fn count(mut self, count: usize) -> Self {
        self.count = count;
        self
    }

    /// Sets a part of the event. Ids, ARNs and whatever else depends on it follow.
    #[must_use]
    pub fn with(mut self, part: EventPart, value: impl Into<String>) -> Self {
        self.parts.push((part, value.into()));
        self
    }

    /// Sets any member of the finished event, by its [JSON pointer](https://www.rfc-editor.org/rfc/rfc6901). Nothing
    /// else follows.
    ///
    /// # Panics
    /// If the value cannot be written as JSON.
    #[must_use]
    pub fn set(mut self, pointer: impl Into<String>, value: impl Serialize) -> Self {
        self.members.push((pointer.into(), super::event::tree(&value)));
        self
    }

    /// The event.
    ///
    /// # Errors
    ///
    /// The source has no place for a body, the body does not fit into it, the source does not send several records, or
    /// its events have no such part or member.
    pub fn event(&self) -> Result<TestEvent, GenerateError> {
        let source = self.source;
        let maker = maker(source).ok_or(GenerateError::NoEvents(source))?;
        let mut parts = self.parts.iter();
        if let Some((part, _)) = parts.find(|(part, _)| !part.sources().contains(&source)) {
            return Err(GenerateError::NoPart(source, *part));
        }
        let request = EventRequest {
            source,
            body: self.body.as_deref(),
            count: self.count,
            parts: &self.parts,
        };
        let mut json = match maker {
            _ if self.count == 0 => return Err(GenerateError::NoRecords),
            EventMaker::Batch(make) => make(&request)?,
            EventMaker::Single(_) if self.count > 1 => return Err(GenerateError::OneRecord(source)),
            EventMaker::Single(make) => make(&request)?,
        };
        for (pointer, value) in &self.members {
            if !leads_to_a_member(&json, pointer) {
                return Err(GenerateError::Pointer(pointer.clone()));
            }
            put(&mut json, pointer, value.clone());
        }
        Ok(TestEvent::of(&json))
    }
}

/// Whether there is an object or an element where the pointer leads, so that a typing error adds nothing beside it.
fn leads_to_a_member(json: &Value, pointer: &str) -> bool {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return false;
    };
    match json.pointer(parent) {
        Some(Value::Object(_)) => true,
        Some(Value::Array(list)) => name.parse().is_ok_and(|index: usize| index < list.len()),
        _ => false,
    }
}

/// An event of a source, complete as AWS sends it, with `count` records that contain this body. [`Generator`] sets more.
///
/// # Errors
///
/// The source has no place for a body, the body does not fit into it, or the source does not send several records.
///
/// # Example
///
/// ```
/// use switchboard::aws_lambda_events::event::sqs::SqsEvent;
/// use switchboard::source::Source;
/// use switchboard::testing;
///
/// let event = testing::generate(Source::Sqs, Some("hello"), 3)?;
/// let batch: SqsEvent = serde_json::from_str(&event.to_json())?;
/// assert_eq!(batch.records.len(), 3);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn generate(source: Source, body: Option<&str>, count: usize) -> Result<TestEvent, GenerateError> {
    let generator = Generator::new(source).count(count);
    match body {
        Some(body) => generator.body(body).event(),
        None => generator.event(),
    }
}

/// Every source that [`generate`] makes events of.
pub fn sources() -> impl Iterator<Item = Source> {
    let all = Source::ALL.iter().copied();
    all.filter(|source| maker(*source).is_some())
}
