//! Per source: the typed event, its records' identity, and what AWS sends though the typed struct refuses it.

pub mod s3;
mod sequence;

pub use sequence::SequenceNumber;
