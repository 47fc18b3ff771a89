//! Ways in for the fuzz targets in `fuzz/` where the public API has none. They are there under `cfg(fuzzing)` only, which cargo-fuzz
//! sets: no part of the API, and no feature.

pub use crate::runtime::polled;
pub use crate::source::is_of_several;
pub use crate::telemetry::written;
