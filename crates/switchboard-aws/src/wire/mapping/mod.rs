//! Event source mappings, with which Lambda reads a stream, a queue or a Kafka topic for a function.
//!
//! Follows Lambda's document "How Lambda processes records from stream and queue-based event sources". Without
//! `ReportBatchItemFailures` Lambda treats failed records as processed, so every mapping created here has it where Lambda
//! takes it: everywhere but for Kafka without provisioned mode.

mod source;
pub(super) use source::{PolledSource, bootstrap_servers};

mod settings;
pub use settings::{Pollers, Settings, Start, StreamSettings};

mod kafka;
pub use kafka::{KafkaSettings, SchemaRegistry, SourceAccess};

mod calls;

mod resource;
pub(super) use resource::{Mapping, is_ours, mappings};
