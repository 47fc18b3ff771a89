//! What the fuzz targets share: a router to invoke, JSON written in other ways, and bytes that choose.
//!
//! A target is one thought in `fuzz_targets/`: it makes something of the bytes, and says what has to hold of what the library makes
//! of that. It reaches the library as an application does; where there is no such way, by `switchboard::fuzzing` and
//! `cargo_switchboard::fuzzing`, which are there for cargo-fuzz only.

mod api;
mod choices;
mod invoke;
mod json;
mod message;
mod panics;

pub use api::{Answer, Api};
pub use choices::Choices;
pub use invoke::{block_on, invoke, reply};
pub use json::{rewritten, text};
pub use message::{Message, lossy};
pub use panics::tolerate_panics_of_libraries;
