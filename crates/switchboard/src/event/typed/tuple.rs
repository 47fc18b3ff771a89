//! Several views of one record.

use super::record::{FromRecord, Record, TypedItem};
use crate::event::{Event, Unreadable};

/// Each is read from the same record, in their order.
macro_rules! tuples {
    ($(($($T:ident),*);)*) => {$(
        impl<E: Event, $($T: FromRecord<E>),*> FromRecord<E> for ($($T,)*) {
            fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
                Ok(($($T::from_record(record)?,)*))
            }
        }

        impl<$($T: Send + 'static),*> TypedItem for ($($T,)*) {}
    )*};
}

tuples! {
    (A, B);
    (A, B, C);
}
