//! A single delivery: composes the event, invokes the function, and reads its answer as the source does.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::book::Book;
use super::payload::compose;
use super::reply::failures;
use super::simulation::Simulation;
use super::source::SourceKind;
use crate::Error;
use crate::sync::lock;
use lambda_sandbox::{Function, Outcome};

/// With unlimited retries, a record expires after this many failures that the simulation did not cause.
pub(super) const PATIENCE: u32 = 10;

/// The function's deadline is in whole milliseconds.
const ROUNDING: Duration = Duration::from_millis(5);

/// Invokes a function with events.
pub(super) trait Invocable: Send + Sync + 'static {
    /// # Errors
    /// If the function cannot be invoked.
    fn invoke(&self, payload: String) -> impl Future<Output = Result<Answer, Error>> + Send;
}

/// The result of an invocation.
pub(super) struct Answer {
    /// The reply; `None` for a function error, a crash and a timeout.
    pub(super) reply: Option<Bytes>,
    /// How long the invocation's leases may still be held: until its deadline, if it did not end normally.
    pub(super) lease: Duration,
}

impl Invocable for Function {
    async fn invoke(&self, payload: String) -> Result<Answer, Error> {
        let outcome = Function::invoke(self, payload).await?;
        let lease = match is_cut_off(&outcome, self.timeout()) {
            true => self.timeout().saturating_sub(outcome.duration) + ROUNDING,
            false => Duration::ZERO,
        };
        Ok(Answer {
            reply: outcome.result.ok(),
            lease,
        })
    }
}

/// Whether records may be incomplete: the process exited, or it answered without time left.
fn is_cut_off(outcome: &Outcome, timeout: Duration) -> bool {
    let ended = outcome
        .result
        .as_ref()
        .is_err_and(|error| error.error_type == "Runtime.ExitError");
    ended || outcome.duration > timeout.mul_f64(0.75)
}

/// A configured event source in front of a function.
pub(super) struct Poller<T> {
    pub(super) simulation: Simulation,
    pub(super) book: Arc<Mutex<Book>>,
    pub(super) target: T,
}

/// What the source makes of a delivery.
pub(super) struct BatchResult {
    /// Which records of the batch must be redelivered.
    pub(super) failed: Failed,
    /// Whether no record of the batch was meant to fail.
    pub(super) is_clean: bool,
    /// Whether the function answered, but the answer was lost.
    pub(super) is_lost: bool,
    /// The earliest time of the redelivery.
    pub(super) not_before: Instant,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Failed {
    /// The records at these indexes of the batch; an empty set is a success.
    Some(BTreeSet<usize>),
    /// The function failed, or its answer fails the whole batch.
    All,
}

impl Failed {
    pub(super) fn contains(&self, place: usize) -> bool {
        match self {
            Failed::Some(places) => places.contains(&place),
            Failed::All => true,
        }
    }
}

impl<T: Invocable> Poller<T> {
    /// # Errors
    /// If the function cannot be invoked or the ledger cannot be read.
    pub(super) async fn deliver(&self, batch: &[usize]) -> Result<BatchResult, Error> {
        let items = lock(&self.book).deliver(batch);
        let payload = compose(self.simulation.source, &items);
        let answer = self.target.invoke(payload).await?;
        let identifiers: Vec<&str> = items.iter().map(|item| item.record.identifier.as_str()).collect();
        let failed = self.judge(&answer, &identifiers);
        let is_lost = {
            let mut book = lock(&self.book);
            book.settle()?;
            self.simulation.progress(&book);
            answer.reply.is_some() && self.loses_answer(&mut book, batch)
        };
        Ok(BatchResult {
            failed: if is_lost { Failed::All } else { failed },
            is_clean: items.iter().all(|item| item.task.succeeds()),
            is_lost,
            not_before: Instant::now() + answer.lease,
        })
    }

    fn judge(&self, answer: &Answer, identifiers: &[&str]) -> Failed {
        let Some(reply) = &answer.reply else {
            return Failed::All;
        };
        match self.simulation.source.kind() {
            // The source ignores the answer.
            SourceKind::Asynchronous => Failed::Some(BTreeSet::new()),
            SourceKind::Stream | SourceKind::Queue => {
                failures(reply, identifiers).map_or(Failed::All, Failed::Some)
            }
        }
    }

    /// In ordered sources, duplicates come from lost answers.
    fn loses_answer(&self, book: &mut Book, batch: &[usize]) -> bool {
        let takes_flags = self.simulation.source.is_ordered();
        // Not `any`: one lost answer uses up all flags of the batch.
        takes_flags && batch.iter().filter(|&&index| book.comes_again(index)).count() > 0
    }

    /// Whether the source delivers a duplicate of the finished record, unless it is ordered.
    pub(super) fn comes_again(&self, index: usize) -> bool {
        !self.simulation.source.is_ordered() && lock(&self.book).comes_again(index)
    }

    /// Waits in real time after failures that the simulation did not cause, so that their cause may pass.
    pub(super) async fn back_off(&self, failures: u32) {
        if failures > 0 {
            tokio::time::sleep(self.simulation.timeout / 10 * failures).await;
        }
    }
}
