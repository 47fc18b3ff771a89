//! Notices that the sources of a binary change.
//!
//! - `sources`: which files these are, as cargo has noted them beside the binary.
//! - `watcher`: waits for changes.

mod sources;
mod watcher;

pub(crate) use watcher::Watcher;
