//! A body that is a message of Protocol Buffers.

use super::header::without_indices;
use super::registered::{FromRegistered, Registered};
use crate::event::Unreadable;
use prost::Message;
use std::ops::{Deref, DerefMut};

/// A record's body, read as a message of Protocol Buffers that `prost` has generated.
///
/// It may have a header of a schema registry, Confluent's or Glue's, or none; or the event source mapping has taken it away. Which
/// message of its schema file it is, the header says, too: this is not checked, the type that the handler asks for counts.
///
/// A message that cannot be decoded is that record's failure or rejection, as any body that does not fit; the error names the field.
///
/// # Example
///
/// ```
/// use switchboard::event::Protobuf;
/// use switchboard::{Context, Failure, Router};
///
/// /// What `prost-build` makes of the schema.
/// #[derive(Clone, PartialEq, prost::Message)]
/// struct Order {
///     #[prost(uint64, tag = "1")]
///     id: u64,
/// }
///
/// async fn on_order(Protobuf(order): Protobuf<Order>, _cx: Context<()>) -> Result<(), Failure> {
///     tracing::info!(order.id, "an order");
///     Ok(())
/// }
///
/// let router = Router::new(()).kafka(on_order);
/// # let _ = router;
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Protobuf<T>(pub T);

impl<T> Deref for Protobuf<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Protobuf<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Message + Default + 'static> FromRegistered for Protobuf<T> {
    const FORMAT: &'static str = "PROTOBUF";
    // No message begins like a header: that would be a field of number 0.
    const MAY_BE_BARE: bool = true;

    fn from_registered(registered: Registered<'_>) -> Result<Self, Unreadable> {
        let message = match registered.schema {
            None => Some(&*registered.data),
            Some((registry, _)) => without_indices(&registered.data, registry),
        };
        let message =
            message.ok_or_else(|| Unreadable::because(".", "it ends within its message indices"))?;
        // The error names the fields and what is wrong with the encoding, and quotes nothing.
        T::decode(message)
            .map(Self)
            .map_err(|error| Unreadable::because(".", error.to_string()))
    }
}
