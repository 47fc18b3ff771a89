//! What the tests of several packages share.

#![expect(
    clippy::missing_panics_doc,
    missing_docs,
    clippy::unwrap_used,
    reason = "what fails here fails its test"
)]

mod aggregate;
pub mod client;
mod events;
mod examples;
mod files;

pub use aggregate::{aggregate, protobuf_bytes, sealed};
pub use events::{ROUTED, batch, bomb, dynamodb, event, events, gzip, http_api, kinesis, logs, s3, samples};
pub use examples::{example, faulty};
pub use files::files;
pub use tempfile::TempDir;

#[cfg(feature = "dynamodb")]
pub mod emulator;
#[cfg(feature = "dynamodb")]
mod stub_table;
#[cfg(feature = "dynamodb")]
pub use stub_table::StubTable;
#[cfg(feature = "dynamodb")]
mod turns;
#[cfg(feature = "dynamodb")]
pub use turns::{Table, Turns};
