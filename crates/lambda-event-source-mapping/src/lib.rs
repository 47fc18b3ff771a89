//! The event source mapping of AWS Lambda as a pure state machine: it reads nothing, waits for nothing and has no clock.
//!
//! The caller hands in records, answers and the time, and carries out the commands that come back: invoke, delete, release,
//! send to the destination. So a simulation with virtual time and a poller of real queues run the same rules.
//! Times are durations since any moment that the caller chooses, the same for records and calls.
//!
//! # Layout
//! In the order in which a record passes through:
//!
//! - [`filter`]: which records are delivered at all.
//! - [`Batch`]: records that are delivered together. [`Record`] is what is known of each.
//! - [`answer`]: how a mapping reads what the function has answered.
//! - [`Queue`]: a queue: messages that are done are deleted, all others become visible again.
//! - [`Shard`], made of [`Lane`]s: a stream: order, checkpoints, retries, age, bisection, tumbling windows.
//! - [`destination`]: the record of a batch that is given up.
//!
//! # Example
//! ```
//! use std::time::Duration;
//! use event_source_mapping::{Answer, Record, Shard, StreamCommand, StreamSettings};
//!
//! struct Line(String);
//!
//! impl Record for Line {
//!     fn identifier(&self) -> &str {
//!         &self.0
//!     }
//!
//!     fn sent(&self) -> Duration {
//!         Duration::ZERO
//!     }
//! }
//!
//! let now = Duration::from_secs(1);
//! let mut shard = Shard::new(StreamSettings { batch_size: 2, ..StreamSettings::default() });
//! ["1", "2"].map(|number| shard.received(now, Line(number.to_owned())));
//! let Some(StreamCommand::Invoke(batch)) = shard.next(now) else { panic!("a batch is ready") };
//! let failed = br#"{"batchItemFailures":[{"itemIdentifier":"2"}]}"#;
//! assert_eq!(shard.answered(now, batch, Answer::Reply(failed)).done, 1);
//! assert_eq!(shard.checkpoint(), Some("1"));
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod filter;

mod batch;
pub use batch::{Batch, LARGEST_PAYLOAD, Record, Settled};

pub mod answer;
pub use answer::{Answer, AnswerForm, Failed};

mod queue;
pub use queue::{Queue, QueueCommand, QueueSettings};

mod window;
pub use window::WindowFrame;

mod stream;
pub use stream::{Lane, Shard, StreamCommand, StreamSettings};

pub mod destination;
pub use destination::{Condition, Discarded};
