//! What a handler takes, as batches read it: the event's own item, or a type that is read from a record.

use super::read::{Mended, Unreadable, caught, lane, read, read_first};
use super::{Event, FromRecord, Record, RecordBefore};
use chrono::{DateTime, Utc};
use std::marker::PhantomData;

/// What a handler gets of an event, and how it is read.
pub(crate) trait Asked: 'static {
    /// Says how the event is delivered and how its records are named.
    type Event: Event;

    /// What the handler gets.
    type Item: Send + 'static;

    /// Reads an item from the start of `text`, whatever follows it, without mending it, and returns its length. `None` if
    /// [`read`](Asked::read) has to read it by itself. `before` is kept from record to record of a payload.
    fn read_first<'p>(
        text: &'p str,
        received: DateTime<Utc>,
        before: &mut RecordBefore<'p>,
    ) -> Option<(Mended<Box<Self::Item>>, usize)>;

    /// Reads an item by itself.
    fn read(raw: &[u8], received: DateTime<Utc>) -> Result<Mended<Box<Self::Item>>, Unreadable>;

    /// The lane of an item that was read from `raw`.
    fn lane(item: &Self::Item, raw: &[u8]) -> Option<String>;

    /// Whether the item needs no handling.
    fn is_void(item: &Self::Item) -> bool;
}

/// The event's own item.
pub(crate) struct OwnItem<E>(PhantomData<fn() -> E>);

impl<E: Event> Asked for OwnItem<E> {
    type Event = E;
    type Item = E::Item;

    fn read_first<'p>(
        text: &'p str,
        received: DateTime<Utc>,
        _: &mut RecordBefore<'p>,
    ) -> Option<(Mended<Box<E::Item>>, usize)> {
        read_first::<E>(text, received)
    }

    fn read(raw: &[u8], received: DateTime<Utc>) -> Result<Mended<Box<E::Item>>, Unreadable> {
        read::<E>(raw, received)
    }

    fn lane(item: &E::Item, _: &[u8]) -> Option<String> {
        lane::<E>(item)
    }

    fn is_void(item: &E::Item) -> bool {
        caught(|| E::is_void(item)).unwrap_or_default()
    }
}

/// What is read from a record.
pub(crate) struct Typed<E, T>(PhantomData<fn() -> (E, T)>);

impl<E: Event, T: FromRecord<E>> Asked for Typed<E, T> {
    type Event = E;
    type Item = T;

    fn read_first<'p>(
        text: &'p str,
        received: DateTime<Utc>,
        before: &mut RecordBefore<'p>,
    ) -> Option<(Mended<Box<T>>, usize)> {
        T::read_first(text, received, before)
    }

    fn read(raw: &[u8], received: DateTime<Utc>) -> Result<Mended<Box<T>>, Unreadable> {
        T::read(raw, received)
    }

    /// The lane is the record's, whatever is read from it.
    fn lane(item: &T, raw: &[u8]) -> Option<String> {
        item.lane(raw)
    }

    fn is_void(_: &T) -> bool {
        false
    }
}

/// Reads nothing: the record, which is valid JSON, is passed on.
pub(crate) struct Unread;

impl<E: Event> FromRecord<E> for Unread {
    fn from_record(_: Record<'_, E>) -> Result<Self, Unreadable> {
        Ok(Self)
    }
}
