//! A function in its own process: started, invoked, monitored, killed and restarted as Lambda does.
//!
//! [`Function`] is the handle. It has one or several places for a sandbox (Lambda's *execution environment*), which owns
//! a process, its Runtime API and its logs, and ends with the process.

mod builder;
mod environment;
mod event;
mod external;
mod finished;
mod handle;
mod init;
mod logs;
mod memory;
mod outcome;
mod place;
mod places;
mod process;
mod processes;
mod sandbox;
mod stream;
mod telling;

pub use builder::Builder;
pub(crate) use environment::region;
pub use event::InvokeEvent;
pub use finished::{Finished, StartedEnvironment};
pub use handle::Function;
pub use outcome::{FunctionError, Outcome, ResponseMode};
pub use stream::{BufferedReply, Chunks, Reply};
pub(crate) use stream::{Piece, Remainder, StreamSink};
