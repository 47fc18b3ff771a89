//! Streams: order, checkpoints, retries, age, bisection, tumbling windows.
//!
//! Lambda Developer Guide, “Using Lambda to process records from Amazon Kinesis Data Streams”, “Configuring partial batch
//! response”, “Retaining discarded batch records”.

mod settings;
pub use settings::{StreamCommand, StreamSettings};

mod lane;
pub use lane::Lane;

mod shard;
pub use shard::Shard;

#[cfg(test)]
mod tests;
