//! The embedded store: one SQLite file.
//!
//! One transaction per append, in write-ahead mode: once it is acknowledged, an entry survives the end of the
//! process at any point, `kill -9` included (a power cut may lose the last moments; it never tears an entry or
//! an entry from its state). Several processes may share a file; each waits up to 5 s for the others.

mod append;
mod connection;
mod page;
mod read;
mod upgrade;

#[cfg(test)]
mod tests;

pub use connection::Sqlite;
