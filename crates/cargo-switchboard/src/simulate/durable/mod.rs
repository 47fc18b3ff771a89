//! Simulates the life of a durable function: crashes between any two checkpoints, lost and doubled answers, timeouts, late callbacks,
//! and starting events that come again.
//!
//! A [`DurableSimulation`] runs the function on the durable execution service of the sandbox, whose clock jumps over everything that only
//! waits. First nothing goes wrong. Then each seed makes a schedule of mishaps, and what happened is compared with that first run. Each
//! run has a new process, a new ledger and new stores, so a seed shows the same whatever ran before.
//!
//! # What is an effect
//! What the function does to the world outside. The variable `FAULTY_LEDGER` ([`LEDGER`](super::LEDGER)) holds the path of a file. Whoever
//! does an effect appends a line that names it, in a single write: `charge order-7`. Two equal lines are an effect that happened
//! twice. If the receiver of an effect recognizes a repeated request by an idempotency key, nothing happens the second time, and no line is
//! written: what plays the receiver looks whether the line is there.
//!
//! # What is counted
//! - **repeated**: an effect that happened again.
//! - **lost**: an effect that did not happen, although the execution ended as it does when nothing goes wrong.
//! - **stuck**: an execution that never ends: nothing is left that could wake it, an invocation hangs, or there is no end of invocations.
//! - **non-deterministic**: an operation has another type, name or parent than when the execution, or the one without mishaps, came to it before.
//! - **otherwise**: an execution ended in another way than without mishaps, or had an effect that there is not otherwise.
//!
//! # Example
//! ```no_run
//! # async fn example() -> Result<(), cargo_switchboard::Error> {
//! use cargo_switchboard::simulate::DurableSimulation;
//! use lambda_sandbox::Function;
//!
//! let function = Function::builder("target/debug/checkout");
//! let simulation = DurableSimulation::new(function, r#"{"order": "7"}"#);
//! let reference = simulation.reference().await?;
//! for seed in 1..=100 {
//!     let report = simulation.run(&reference, seed).await?;
//!     assert!(report.is_sound(), "{report}");
//! }
//! # Ok(())
//! # }
//! ```

mod mishap;
pub use mishap::{DurableSchedule, Mishap};

mod simulation;
pub use simulation::{DurableReference, DurableSimulation, Starts};

mod director;
mod play;

mod verdict;
pub use verdict::{DurableFinding, DurableFindingKind};

mod shrink;

mod report;
pub use report::DurableReport;
