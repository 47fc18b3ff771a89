//! An SQLite database that is opened at its first use, and made if need be; one whose file is deleted or replaced meanwhile
//! is noticed, and one that cannot be written is read.

mod database;
mod file;
mod open;
mod schema;

pub use database::Database;
pub use schema::{Schema, misread};
