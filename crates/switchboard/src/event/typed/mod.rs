//! Your own type in a handler's signature: what is read of a record is what the handler asks for.
//!
//! Read in the order in which a record is: what a handler may ask for ([`FromRecord`]), where an event has its body
//! ([`WithBody`]), what is made of a body ([`Json`], text, bytes), changes of DynamoDB with images of one's own
//! ([`Change`]), several of these at once, and what has been validated (`Valid`).

mod record;

mod plain;
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

#[cfg(feature = "kafka_schemas")]
mod schema;

#[cfg(feature = "claim_check")]
mod claimed;

mod stock;
mod tuple;

#[cfg(feature = "validation")]
mod rules;
#[cfg(feature = "validation")]
mod valid;

pub use attributes::{Attributes, WithAttributes};
pub use body::{BodyEncoding, WithBody};
pub use change::{Change, ChangeKind, Keys};
#[cfg(feature = "claim_check")]
pub(crate) use claimed::BodyOrPointer;
#[cfg(feature = "claim_check")]
pub use claimed::{MaybeClaimed, S3Pointer};
pub(crate) use content::scalar;
pub use json::Json;
pub use key::{RecordKey, WithKey};
#[doc(hidden)]
pub use plain::RecordBefore;
pub use record::{FromRecord, Record, TypedItem};
#[cfg(feature = "kafka_schemas")]
pub use schema::{Avro, AvroRecord, Protobuf};
#[cfg(feature = "validation")]
pub use valid::{Valid, WithRules};

#[cfg(test)]
#[cfg(all(feature = "firehose", feature = "kafka", feature = "sns", feature = "sqs"))]
mod tests;
