//! The embedded store: one SQLite file.
//!
//! One transaction per append, in write-ahead mode. An acknowledged entry survives the end of the process at any point,
//! including `kill -9`. (A power failure may lose the last moments; it never leaves half an entry, or an entry without
//! its state.) Several processes may share a file; each waits up to 5 s for the others.
//!
//! Nothing is acknowledged that was written to a file which is no longer at its path: a replaced file is opened again,
//! and a deleted one is an error until it is back. A file that cannot be written can be read. A damaged entry does not
//! affect others.

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
