//! The parts that stores share: their error, and their access to an SQLite file or a DynamoDB table.

mod error;

#[cfg(feature = "dynamodb")]
pub mod dynamodb;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use error::StoreError;
