//! The embedded store: one SQLite file.
//!
//! One transaction per append, in write-ahead mode: once it is acknowledged, an entry survives the end of the
//! process at any point, `kill -9` included (a power cut may lose the last moments; it never tears an entry or
//! an entry from its state). Several processes may share a file; each waits up to 5 s for the others.
//!
//! Nothing is acknowledged that went into a file which is no longer at its path: one that was replaced is opened anew, one that
//! was deleted is an error until it is back. A file that cannot be written can be read. What is damaged costs itself only.

mod append;
mod connection;
mod filed;
mod follow;
mod health;
mod page;
mod read;
mod upgrade;
mod walk;

#[cfg(test)]
mod tests;

pub use connection::Sqlite;
