//! What all made events have in common.

use crate::Payload;
use serde::Serialize;
use serde_json::Value;

/// The JSON of a value of the application.
pub(super) fn text<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value)
        .unwrap_or_else(|error| panic!("the value cannot be written as JSON: {error}"))
}

/// The same as a tree.
pub(super) fn tree<T: Serialize + ?Sized>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_else(|error| panic!("the value cannot be written as JSON: {error}"))
}

/// Puts a value at a JSON pointer. What is missing on the way is made.
pub(super) fn put(json: &mut Value, pointer: &str, value: Value) {
    let mut place = json;
    for segment in segments(pointer) {
        place = match place {
            Value::Array(list) => {
                let index: Option<usize> = segment.parse().ok();
                let slot = index.and_then(|index| list.get_mut(index));
                slot.unwrap_or_else(|| panic!("{pointer}: the list has no element {segment}"))
            }
            place => {
                if !place.is_object() {
                    *place = Value::Object(serde_json::Map::new());
                }
                &mut place[segment]
            }
        };
    }
    *place = value;
}

/// Removes the member at a JSON pointer.
pub(super) fn remove(json: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    if let Some(Value::Object(parent)) = json.pointer_mut(parent) {
        parent.remove(&unescaped(name));
    }
}

fn segments(pointer: &str) -> impl Iterator<Item = String> {
    assert!(
        pointer.is_empty() || pointer.starts_with('/'),
        "{pointer:?} is not a JSON pointer: it begins with `/`"
    );
    pointer.split('/').skip(1).map(unescaped)
}

fn unescaped(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

/// Composes an event's JSON.
pub(super) trait Compose: Sized {
    /// The event's JSON.
    fn compose(&self) -> Value;

    /// Every part that `set` reaches into: each record of a batch, or the event.
    fn parts(&mut self) -> &mut [Value] {
        &mut []
    }
}

/// The methods that every builder has.
macro_rules! event {
    ($builder:ident) => {
        crate::testing::event::event!($builder, composed);

        impl $builder {
            /// Puts a value at a [JSON pointer](https://www.rfc-editor.org/rfc/rfc6901) of each record, or of an event
            /// that is delivered whole. For members that no other method sets.
            ///
            /// # Panics
            /// If the value cannot be written as JSON, or the pointer names an element that a list does not have.
            #[must_use]
            pub fn set(mut self, pointer: &str, value: impl serde::Serialize) -> Self {
                let value = crate::testing::event::tree(&value);
                for part in crate::testing::event::Compose::parts(&mut self) {
                    crate::testing::event::put(part, pointer, value.clone());
                }
                self
            }

            /// Removes the member at a JSON pointer from each record, or from an event that is delivered whole.
            #[must_use]
            pub fn without(mut self, pointer: &str) -> Self {
                for part in crate::testing::event::Compose::parts(&mut self) {
                    crate::testing::event::remove(part, pointer);
                }
                self
            }
        }
    };
    ($builder:ident, composed) => {
        impl $builder {
            /// The event as JSON.
            #[must_use]
            pub fn to_json(&self) -> String {
                crate::testing::event::Compose::compose(self).to_string()
            }

            /// The event as a payload of an invocation.
            #[must_use]
            pub fn into_payload(self) -> crate::Payload {
                self.to_json().into()
            }
        }

        impl From<$builder> for crate::Payload {
            fn from(event: $builder) -> Self {
                event.into_payload()
            }
        }

        impl From<$builder> for String {
            fn from(event: $builder) -> Self {
                event.to_json()
            }
        }

        impl From<$builder> for serde_json::Value {
            fn from(event: $builder) -> Self {
                crate::testing::event::Compose::compose(&event)
            }
        }
    };
}

/// The methods of events that AWS delivers inside messages of queues and topics.
macro_rules! enveloped {
    ($builder:ident) => {
        impl $builder {
            /// The event as the body of an SQS message.
            #[must_use]
            pub fn in_sqs(self) -> crate::testing::Sqs {
                crate::testing::Sqs::text(self.to_json())
            }

            /// The event as the message of an SNS notification.
            #[must_use]
            pub fn in_sns(self) -> crate::testing::Sns {
                crate::testing::Sns::text(self.to_json())
            }
        }
    };
}

/// A batch of records under `Records`.
macro_rules! records {
    ($builder:ident) => {
        impl $builder {
            /// One event with all records of these, in this order.
            #[must_use]
            pub fn batch(events: impl IntoIterator<Item = Self>) -> Self {
                let mut events = events.into_iter();
                let mut batch = events
                    .next()
                    .unwrap_or_else(|| panic!("a batch has at least one record"));
                batch.records.extend(events.flat_map(|event| event.records));
                batch
            }
        }
    };
}

pub(super) use {enveloped, event, records};

/// An event without a builder of its own, such as a [`sample`](crate::testing::sample).
///
/// # Example
///
/// ```
/// use switchboard::source::Source;
/// use switchboard::testing;
///
/// let event = testing::sample(Source::Config).set("/configRuleName", "encrypted-volumes");
/// assert!(event.to_json().contains(r#""configRuleName":"encrypted-volumes""#));
/// ```
#[derive(Clone, Debug)]
pub struct TestEvent {
    json: Value,
}

impl TestEvent {
    /// An event of any JSON.
    ///
    /// # Panics
    /// If the value cannot be written as JSON.
    #[must_use]
    pub fn of<T: Serialize + ?Sized>(json: &T) -> Self {
        Self { json: tree(json) }
    }
}

impl Compose for TestEvent {
    fn compose(&self) -> Value {
        self.json.clone()
    }

    fn parts(&mut self) -> &mut [Value] {
        std::slice::from_mut(&mut self.json)
    }
}

event!(TestEvent);
enveloped!(TestEvent);

impl From<String> for Payload {
    fn from(json: String) -> Self {
        Self::new(json)
    }
}

impl From<&str> for Payload {
    fn from(json: &str) -> Self {
        Self::new(json.to_owned())
    }
}

impl From<Value> for Payload {
    fn from(json: Value) -> Self {
        Self::new(json.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pointer_names_members_and_elements_and_makes_what_is_missing() {
        let mut json = json!({"a": [{"b": 1}], "c/d": null});
        put(&mut json, "/a/0/b", json!(2));
        put(&mut json, "/c~1d/e", json!(3));
        remove(&mut json, "/a/0/missing");
        assert_eq!(json, json!({"a": [{"b": 2}], "c/d": {"e": 3}}));
        remove(&mut json, "/c~1d");
        assert_eq!(json, json!({"a": [{"b": 2}]}));
    }
}
