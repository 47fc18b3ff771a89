//! What stores are made of: their error, and what they share of an SQLite file or a DynamoDB table.

mod error;

#[cfg(feature = "dynamodb")]
pub mod dynamodb;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use error::StoreError;
