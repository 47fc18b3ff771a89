//! What the tests of several packages share.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "what fails here fails its test"
)]

mod aggregate;
mod events;
mod examples;

pub use aggregate::{aggregate, protobuf_bytes, sealed};
pub use events::{ROUTED, batch, bomb, dynamodb, event, events, gzip, http_api, kinesis, logs, s3, samples};
pub use examples::{example, faulty};

#[cfg(feature = "dynamodb")]
pub mod emulator;
#[cfg(feature = "dynamodb")]
mod told;
#[cfg(feature = "dynamodb")]
pub use told::Told;
