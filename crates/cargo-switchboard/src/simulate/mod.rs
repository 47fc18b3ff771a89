//! Simulates an event source with a real function, and counts lost, repeated and reordered records.
//!
//! A [`Simulation`] makes records from a seed, delivers them as AWS would (batches, partial answers, checkpoints,
//! retries, bisection, visibility timeouts, group locks, windows, duplicates, destinations) and compares what the function has
//! finished with what it received. Its events are those of the library's test kit.
//!
//! # What a record holds
//! Either one of your [`Bodies`], or what the function is to do with the record this time, so that a plan makes a function fail, panic, crash
//! and time out at known points: `{"do":"ok","ms":2,"id":"r-17"}` as Kinesis or Firehose data, an SQS body, an SNS message, the value of a Kafka
//! record, an EventBridge detail or the subject of a mail. In DynamoDB `do`, `ms` and `id` are string attributes of `NewImage`; in S3
//! the object's key is `<do>/<ms>/<id>`. `do` is one of `ok`, `fail`, `panic`, `after`, `reject`, `exit` and `sleep` (for `ms` milliseconds,
//! which exceeds the function's timeout). A function may ignore `do`; its records then always succeed. `examples/faulty.rs` of Switchboard is a
//! complete example. Bodies may say it, too, with the placeholder `{{do}}`. If they do not, crashes and timeouts are answers that get lost.
//!
//! # What says that a record is done
//! The function's answers ([`Proof::Answers`]), which is enough for any function. They cannot show that a function says "done" and is not. For
//! that there is a ledger ([`Proof::Ledger`]): the variable `FAULTY_LEDGER` ([`LEDGER`]) holds the path of a file, which the function makes when it
//! starts. As its last action for a record, it appends the record's id to that file, as a line in a single write. If it dead-letters the
//! record itself, it appends the id to the file of that name with the suffix `.dead`. Without [`Simulation::proof`], the ledger counts if there
//! is one.
//!
//! # What is counted
//! - **lost**: neither finished nor dead-lettered.
//! - **repeated**: finished again. At-least-once delivery makes this unavoidable without idempotency.
//! - **out of order**: finished while an earlier record of its lane (partition key, item, message group) was
//!   neither finished nor dead-lettered. Rejections that the function makes during an invocation count from its start.
//! - **dead-lettered**: given to the on-failure destination, to the dead-letter queue, or rejected by the function. Every
//!   simulated source has a destination.
//!
//! # How AWS is simulated
//! The event source mapping is that of the crate `lambda-event-source-mapping`, which `poll` runs, too.
//!
//! Time is virtual where only the source waits (back-off, visibility timeouts, ages). It is real in one case: after a
//! crash or a timeout, the records are not redelivered before the invocation's deadline. On AWS a visibility timeout is
//! at least as long as the function's timeout, and a stream backs off. Functions that hold a lease until the deadline
//! rely on this.
//!
//! - **Streams** (Kinesis, DynamoDB): one shard, which a parallelization factor splits into independent parts by
//!   partition key. Of several reported failures the lowest counts: that record and all later ones are redelivered as a
//!   new batch. If it is the first record, or if the function failed or its answer is invalid, the whole batch has failed.
//!   Bisection splits it, which does not count as a retry. Otherwise it is retried until its retries are used up or its
//!   records are too old, and then goes to the destination.
//! - **Windows**: a stream whose batches belong to windows of 2 s. The state of an answer goes into the next batch, an answer without
//!   one is a failure, and the end of a window is an invocation without records.
//! - **Kafka** and the streams of **Pipes**: exactly the records that an answer names are redelivered. Later records of their partition or
//!   key wait for them.
//! - **Queues** (SQS): reported messages become visible after the visibility timeout, all others are deleted. A message
//!   that exceeds its retries goes to the dead-letter queue. A FIFO queue delivers nothing from a group while an earlier
//!   message of the group is waiting.
//! - **Firehose**: each record needs a result. Those that failed, or have none, go to the error output. An invocation that fails is
//!   retried three times.
//! - **Asynchronous** (S3, SNS, SES, EventBridge): an event that fails is retried at most twice, after one and two minutes,
//!   and then goes to the destination.
//! - **Without partial answers**: the mapping does not read the answer. Only an error brings the batch back, and records that the answer
//!   names are lost.
//! - **Duplicates**: sources with an order and Firehose redeliver a batch whose answer was lost. Other sources deliver a record or an
//!   event again later.
//!
//! With unlimited retries, a record counts as lost if it is not done after ten deliveries in which no record of its batch
//! was meant to fail.
//!
//! # Example
//! ```no_run
//! # async fn example() -> Result<(), cargo_switchboard::Error> {
//! use cargo_switchboard::simulate::{Simulation, Source};
//! use lambda_sandbox::Function;
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
pub use simulation::{Proof, Simulation};

mod run;
pub use run::LEDGER;

mod plan;

mod payload;
pub use payload::Bodies;

mod reply;

mod mapped;

mod asynchronous;
mod buffer;
mod delivery;
mod queue;
mod stream;

mod book;
mod completions;
mod ledger;

mod report;
pub use report::Report;

mod durable;
pub use durable::{
    DurableFinding, DurableFindingKind, DurableReference, DurableReport, DurableSchedule, DurableSimulation,
    Mishap, Starts,
};

#[cfg(test)]
mod tests;
