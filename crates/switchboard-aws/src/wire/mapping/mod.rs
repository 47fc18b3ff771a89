//! Event source mappings: how Lambda reads a stream or a queue for a function.
//!
//! As Lambda's document "How Lambda processes records from stream and queue-based event sources" has it. A mapping without
//! `ReportBatchItemFailures` counts failed records as done; so every mapping made here has it.

mod settings;
pub use settings::{Settings, Start, StreamSettings};

mod resource;
pub(super) use resource::{Mapping, is_ours, mappings};
