//! Per source: the typed event, what identifies its records, and how to read what AWS really sends.
//!
//! One file per source; each says the same things in the same order: which [`Source`](crate::source::Source)s
//! carry it, how its delivery is answered, what a handler gets, and how to mend what the typed struct refuses.

mod contract;
mod essence;
mod object;
mod read;
mod sequence;

#[cfg(feature = "http")]
pub(crate) mod api_gateway;
mod cloudwatch_events;
mod dynamodb;
mod kinesis;
pub mod s3;
#[cfg(feature = "ses")]
mod ses;
#[cfg(feature = "sns")]
mod sns;
#[cfg(feature = "sqs")]
mod sqs;

pub use contract::{Delivery, Event};
pub(crate) use essence::Essence;
#[cfg(feature = "idempotency")]
pub(crate) use essence::{Found, Part};
pub use object::Object;
pub(crate) use read::{Mended, identify, read, read_first};
#[cfg(feature = "http")]
pub(crate) use read::{Unreadable, read_as};
pub use sequence::SequenceNumber;
