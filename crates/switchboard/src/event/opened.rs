//! A record that may have an event in it, before it is known what a handler gets of it.

use super::envelope::{Envelope, Inside, Parts};
use super::read::{self, Unreadable};
use super::{Event, FromRecord, Record};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Serialize;

/// A record that [`Unwrap`](crate::Unwrap) looks into first. What is no event is then read as what the handler behind
/// [`Unwrap::or`](crate::Unwrap::or) asks for.
#[doc(hidden)]
pub struct OpenedItem<I>(Box<dyn OpenedRecord<I>>);

impl<I> OpenedItem<I> {
    /// Reads the item: from the record's text, or from the part of an aggregate that it is.
    ///
    /// # Errors
    /// It is not what the handler asks for.
    pub(crate) fn read(self, raw: &[u8], received: DateTime<Utc>) -> Result<I, Unreadable> {
        self.0.read(raw, received)
    }
}

/// An [`OpenedItem`] record with the type of its event erased.
trait OpenedRecord<I>: Send + Sync {
    fn parts(self: Box<Self>) -> Result<Parts<OpenedItem<I>>, String>;

    fn text(&self) -> Bytes;

    fn inside(&self, most: usize, routed: &dyn Fn(&[u8]) -> bool) -> Result<Inside, String>;

    fn read(self: Box<Self>, raw: &[u8], received: DateTime<Utc>) -> Result<I, Unreadable>;
}

struct RecordOf<E: Event> {
    item: E::Item,
    /// Whether it is a whole record, whose text its context has.
    whole: bool,
}

impl<E, I> OpenedRecord<I> for RecordOf<E>
where
    E: Event<Item: Envelope + Serialize + Sync>,
    I: FromRecord<E>,
{
    fn parts(self: Box<Self>) -> Result<Parts<OpenedItem<I>>, String> {
        let parts = self.item.parts()?;
        Ok(Box::new(parts.map(|(place, item)| {
            let whole = place.is_none();
            (
                place,
                OpenedItem(Box::new(RecordOf::<E> { item, whole }) as Box<_>),
            )
        })))
    }

    fn text(&self) -> Bytes {
        self.item.text()
    }

    fn inside(&self, most: usize, routed: &dyn Fn(&[u8]) -> bool) -> Result<Inside, String> {
        self.item.inside(most, routed)
    }

    fn read(self: Box<Self>, raw: &[u8], received: DateTime<Utc>) -> Result<I, Unreadable> {
        let read = match self.whole {
            true => I::read(raw, received),
            false => match serde_json::to_vec(&self.item) {
                Ok(part) => I::read(&part, received),
                Err(error) => Err(Unreadable::at(".", &error)),
            },
        };
        read.map(|read| *read.item)
    }
}

impl<E, I> FromRecord<E> for OpenedItem<I>
where
    E: Event<Item: Envelope + Serialize + Sync>,
    I: FromRecord<E>,
{
    fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
        let item = read::read::<E>(record.raw().as_bytes(), record.received())?.item;
        Ok(Self(Box::new(RecordOf::<E> {
            item: *item,
            whole: true,
        })))
    }
}

impl<I: 'static> Envelope for OpenedItem<I> {
    fn parts(self) -> Result<Parts<Self>, String> {
        self.0.parts()
    }

    fn text(&self) -> Bytes {
        self.0.text()
    }

    fn inside(&self, most: usize, routed: &dyn Fn(&[u8]) -> bool) -> Result<Inside, String> {
        self.0.inside(most, routed)
    }
}
