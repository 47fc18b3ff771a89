//! Bodies and keys whose schema a registry keeps: Avro, Protobuf, JSON Schema.
//!
//! Either the event source mapping knows the registry: then it takes away the header that the producer put before the data, and says
//! beside it what it was. Or the data comes as it was produced, header and all.

mod header;

mod registered;

mod avro;
mod protobuf;

pub use avro::{Avro, AvroRecord};
pub(super) use header::without_header;
pub use protobuf::Protobuf;
