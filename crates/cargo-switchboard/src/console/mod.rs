//! The console of `run`: a web page that shows what the function was invoked with and what became of it, and the same as JSON.
//!
//! In the order in which an invocation passes through:
//!
//! - `recorder`: keeps the latest invocations, as the sandbox reports them. Nothing is read from them until somebody asks.
//! - `batch`: what became of each record, from the reply and the log lines.
//! - `fate`: what the source does after such a reply, in words.
//! - `deliveries`: a record by its identifier, over all invocations that had it.
//! - `cut`: an event with some of its records.
//! - `describe`: all of this as JSON.
//! - `routes`: the requests of `/api/`; `forward`: those that the function's own address answers; `live`: server-sent events; `page`: the files of the web page.
//! - `server`: HTTP on a port of its own, for this page only.

mod recorder;

mod batch;
mod cut;
mod deliveries;
mod fate;
mod metrics;

mod describe;

mod forward;
mod live;
mod page;
mod routes;
mod server;

pub(crate) use recorder::Recorder;
pub(crate) use server::Console;
