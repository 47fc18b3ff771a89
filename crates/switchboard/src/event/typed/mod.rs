//! Your own type in a handler's signature: what is read of a record is what the handler asks for.
//!
//! Read in the order in which a record is: what a handler may ask for ([`FromRecord`]), where an event has its body
//! ([`WithBody`]), what is made of a body ([`Json`], text, bytes), changes of DynamoDB with images of one's own
//! ([`Change`]), and several of these at once.

mod record;

mod spans;

mod body;
mod content;
mod unescape;

mod json;

mod attributes;
mod key;

mod attribute;
mod change;
mod number;

mod stock;
mod tuple;

pub use attributes::{Attributes, WithAttributes};
pub use body::{BodyEncoding, WithBody};
pub use change::{Change, ChangeKind, Keys};
pub(crate) use content::scalar;
pub use json::Json;
pub use key::{RecordKey, WithKey};
pub use record::{FromRecord, Record};

#[cfg(test)]
#[cfg(all(feature = "firehose", feature = "kafka", feature = "sns", feature = "sqs"))]
mod tests;
