//! Plays an event source against a real function, and counts what was lost, repeated or out of order.
//!
//! A [`Simulation`] makes records from a seed, delivers them as AWS would (batches, partial answers, checkpoints,
//! retries, bisection, visibility timeouts, group locks, duplicates, destinations) and compares what the function has
//! finished with what it was given. Failures are the record's own: each says in its payload what the function is to do
//! with it this time, so one plan makes a function fail, panic, crash and run out of time at known places.
//!
//! # What the function has to do
//! The function finds the path of a file in the variable `FAULTY_LEDGER` ([`LEDGER`]) and appends the id of every record
//! it finishes, a line each, in one write, as the last thing it does with the record. Ids of records that it puts away
//! itself, into a dead-letter queue of its own say, go to the file of that name with `.dead` behind it.
//!
//! A record's payload is `{"do":"ok","ms":2,"id":"r-17"}`: Kinesis data, an SQS body, an SNS message, an EventBridge
//! detail. In DynamoDB `do`, `ms` and `id` are string attributes of `NewImage`; in S3 the object's key is
//! `<do>/<ms>/<id>`. `do` is one of `ok`, `fail`, `panic`, `after`, `reject`, `exit` and `sleep` (for `ms` milliseconds,
//! which is longer than the function may take). A function that ignores `do` takes part as well: its records always
//! succeed. `examples/faulty.rs` of Switchboard obeys.
//!
//! # What is counted
//! - **lost**: neither finished nor dead-lettered.
//! - **repeated**: finished once more. At-least-once delivery makes this unavoidable without idempotency.
//! - **out of order**: finished while an earlier record of its lane (partition key, item, message group) was
//!   neither finished nor dead-lettered. Rejections that the function makes during an invocation count from its start.
//! - **dead-lettered**: given to the on-failure destination, to the dead-letter queue, or rejected by the function. Every
//!   simulated source has a destination.
//!
//! # How AWS is played
//! Time is virtual where only the source waits (back-off, visibility timeouts, ages). It is real for one thing: an
//! invocation that crashed or ran out of time is followed, for its records, by nothing before its deadline has passed.
//! On AWS a visibility timeout is not shorter than the function's timeout, and a stream backs off; a function that
//! guards its effects by a lease until the deadline relies on it.
//!
//! - **Streams** (Kinesis, DynamoDB): one shard; with a parallelization factor, so many independent parts of it by
//!   partition key. Several reported failures mean the lowest; its record and all behind it come again, as a new batch.
//!   If that is the batch's first record, or the function failed, or the answer is wrong, the batch has failed: with
//!   bisection it is halved, which does not count as a retry, else it comes again as a whole until its retries are used
//!   up or its records too old, and goes to the destination.
//! - **Queues** (SQS): what is not reported is deleted, the rest becomes visible after the visibility timeout. A message
//!   received more often than the retries allow goes to the dead-letter queue. A FIFO queue delivers nothing of a
//!   group while an earlier message of it waits.
//! - **Asynchronous** (S3, SNS, EventBridge): a function error brings the event again, twice at most, after one and two
//!   minutes; then it goes to the destination.
//! - **Duplicates**: a stream and a FIFO queue deliver again because the answer to a batch got lost; the others deliver
//!   a record, or an event, once more later.
//!
//! A record for which retries have no end, and which is not done after ten deliveries in which no record of its batch
//! was told to fail, is taken to expire: it is lost.
//!
//! # Example
//! ```no_run
//! # async fn example() -> Result<(), cargo_switchboard::Error> {
//! use cargo_switchboard::Function;
//! use cargo_switchboard::simulate::{Simulation, Source};
//!
//! let function = Function::builder("target/debug/examples/faulty");
//! let report = Simulation::new(Source::SqsFifo).seed(7).records(50).run(function).await?;
//! assert!(report.is_sound(), "{report}");
//! # Ok(())
//! # }
//! ```

mod source;
pub use source::Source;

mod simulation;
pub use simulation::Simulation;

mod run;
pub use run::LEDGER;

mod plan;

mod payload;
mod reply;

mod asynchronous;
mod delivery;
mod queue;
mod stream;

mod book;
mod ledger;

mod report;
pub use report::Report;

#[cfg(test)]
mod tests;
