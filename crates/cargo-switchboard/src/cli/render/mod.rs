//! Formats a function's output for reading, as styled text for a terminal.
//!
//! - `line`: a line of any kind, and which kind it is.
//! - `log`: a log line in JSON, with its `clock` and `level`, its `span`s and its `field`s, in whichever `dialect`.
//! - `metrics`: a document in CloudWatch's embedded metric format.
//! - `summary`: an invocation, as the line `REPORT` of Lambda's logs has it.
//! - `object`, `text`: JSON objects in the order they were written in; text that a terminal shows and does not obey.
//!
//! A line is looked at once, from end to end, however it is composed; lines that it does not understand stay as they are.

mod line;
mod log;
mod metrics;
mod summary;

mod clock;
mod dialect;
mod field;
mod level;
mod span;

mod object;
mod text;

pub(super) use line::line;
pub(super) use summary::Summary;
pub(super) use text::harmless;
