//! Payloads that do not come from an event source: a state machine, a schedule or a caller of the Invoke API sends them.

use super::{Delivery, Event};
use crate::source::Source;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// A payload of the application's own type: [`Router::direct`](crate::Router::direct).
pub(crate) struct Direct<T, R>(PhantomData<fn(T) -> R>);

impl<T, R> Event for Direct<T, R>
where
    T: DeserializeOwned + Send + 'static,
    R: Serialize + Send + 'static,
{
    const SOURCES: &'static [Source] = &[Source::Unknown];
    const DELIVERY: Delivery = Delivery::Whole;
    const ID: &'static [&'static str] = &[];
    type Item = T;
    type Reply = R;
}
