//! Sources that wait for an answer with a contract of its own: how the answer is composed of what a handler gives back.

use super::{Delivery, Event, Unreadable};
use crate::source::Source;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use std::marker::PhantomData;

/// How the answer to an event is composed of what its handler gives back.
pub(crate) trait Contract: 'static {
    /// The sources that have this contract.
    const SOURCES: &'static [Source];

    /// What the handler gives back.
    type Reply: Send + 'static;

    /// The answer to this event.
    ///
    /// # Errors
    /// What the source would not accept, as a message for people.
    fn answer(reply: Self::Reply, event: &[u8]) -> Result<Box<RawValue>, String>;

    /// The answer that stands for a failure of this name, if there is one: then the invocation does not fail.
    fn refusal(name: &str, event: &[u8]) -> Option<Box<RawValue>> {
        let _ = (name, event);
        None
    }
}

/// An event of several items that are handled one by one, and answered together.
pub(crate) trait ContractOfItems: 'static {
    /// The sources that have this contract.
    const SOURCES: &'static [Source];

    /// What one call of the handler gets.
    type Item: Send + 'static;

    /// What it gives back.
    type Reply: Send + 'static;

    /// The items of the event. One that cannot be read is a failure of its own.
    ///
    /// # Errors
    /// The event has no items.
    fn items(event: &[u8]) -> Result<Vec<Result<Self::Item, Unreadable>>, Unreadable>;

    /// The answer, given what became of each item, in their order.
    ///
    /// # Errors
    /// What the source would not accept, as a message for people.
    fn answer(results: Vec<Result<Self::Reply, FailedCall>>, event: &[u8]) -> Result<Box<RawValue>, String>;
}

/// Why an item was not handled.
pub(crate) struct FailedCall {
    pub(crate) message: String,
    pub(crate) error_type: &'static str,
    /// Whether it must not be tried again.
    pub(crate) rejected: bool,
}

/// The event of a source with a contract, read as `T`.
pub(crate) struct Answered<C, T>(PhantomData<fn() -> (C, T)>);

impl<C: Contract, T: DeserializeOwned + Send + 'static> Event for Answered<C, T> {
    const SOURCES: &'static [Source] = C::SOURCES;
    const DELIVERY: Delivery = Delivery::Whole;
    const ID: &'static [&'static str] = &[];
    type Item = T;
    type Reply = Box<RawValue>;
}

/// The event of a source whose items are read one by one.
pub(crate) struct AnsweredItems<C>(PhantomData<fn() -> C>);

impl<C: ContractOfItems> Event for AnsweredItems<C> {
    const SOURCES: &'static [Source] = C::SOURCES;
    const DELIVERY: Delivery = Delivery::Whole;
    const ID: &'static [&'static str] = &[];
    type Item = Box<RawValue>;
    type Reply = Box<RawValue>;
}

/// JSON of an answer.
pub(super) fn written(answer: &impl Serialize) -> Result<Box<RawValue>, String> {
    to_raw_value(answer).map_err(|error| format!("it cannot be written as JSON: {error}"))
}
