//! Event source mappings, with which Lambda reads a stream or a queue for a function.
//!
//! Follows Lambda's document "How Lambda processes records from stream and queue-based event sources". Without
//! `ReportBatchItemFailures` Lambda treats failed records as processed, so every mapping created here has it.

mod settings;
pub use settings::{Settings, Start, StreamSettings};

mod resource;
pub(super) use resource::{Mapping, is_ours, mappings};
