//! An SQLite database that is opened, and if necessary created, at its first use. It notices if its file is deleted or
//! replaced, and a file that cannot be written is opened for reading.

mod database;
mod file;
mod open;
mod schema;

pub use database::Database;
pub use schema::{Schema, misread};
