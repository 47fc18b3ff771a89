//! One delivery: the event is composed, the function invoked, its answer read as the source reads it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::book::Book;
use super::payload::compose;
use super::reply::failures;
use super::simulation::Simulation;
use super::source::{Source, SourceKind};
use crate::Error;
use crate::sync::lock;
use lambda_sandbox::{Function, Outcome};

/// A record for which retries have no end expires after so many failures that it was not told to have.
pub(super) const PATIENCE: u32 = 10;

/// The function is told its deadline in whole milliseconds.
const ROUNDING: Duration = Duration::from_millis(5);

/// Whom events are given to.
pub(super) trait Invoker: Send + Sync + 'static {
    /// # Errors
    /// When there is nobody to be invoked.
    fn invoke(&self, payload: String) -> impl Future<Output = Result<Answer, Error>> + Send;
}

/// What came of an invocation.
pub(super) struct Answer {
    /// The reply; `None` for a function error, a crash and a timeout.
    pub(super) reply: Option<Bytes>,
    /// How long what the invocation began may still be taken for its own: until its deadline, if it did not end well.
    pub(super) lease: Duration,
}

impl Invoker for Function {
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

/// Whether records may have been left in the middle: the process ended, or it answered when there was no time left.
fn is_cut_off(outcome: &Outcome, timeout: Duration) -> bool {
    let ended = outcome
        .result
        .as_ref()
        .is_err_and(|error| error.error_type == "Runtime.ExitError");
    ended || outcome.duration > timeout.mul_f64(0.75)
}

/// An event source, as it is configured, in front of a function.
pub(super) struct Poller<T> {
    pub(super) simulation: Simulation,
    pub(super) book: Arc<Mutex<Book>>,
    pub(super) target: T,
}

/// What a delivery means to its source.
pub(super) struct BatchResult {
    /// Which of the batch have to come again.
    pub(super) failed: Failed,
    /// Whether none of the batch was told to fail.
    pub(super) is_clean: bool,
    /// Whether the function answered, but its source never heard it.
    pub(super) is_lost: bool,
    /// When they may come again at the earliest.
    pub(super) not_before: Instant,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Failed {
    /// Those at these places of the batch; none is a success.
    Some(BTreeSet<usize>),
    /// The function failed, or answered what makes its source take all for failed.
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

impl<T: Invoker> Poller<T> {
    /// # Errors
    /// When the function cannot be invoked or the ledger not be read.
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
            // Nobody looks at the answer.
            SourceKind::Asynchronous => Failed::Some(BTreeSet::new()),
            SourceKind::Stream | SourceKind::Queue => {
                failures(reply, identifiers).map_or(Failed::All, Failed::Some)
            }
        }
    }

    /// Where order has to be kept, duplicates come of answers that got lost.
    fn loses_answer(&self, book: &mut Book, batch: &[usize]) -> bool {
        let takes_flags = self.simulation.source.is_ordered();
        // Not `any`: all flags of the batch are used up by one lost answer.
        takes_flags && batch.iter().filter(|&&index| book.comes_again(index)).count() > 0
    }

    /// Whether the source delivers the record once more although it is done; where order matters, see above.
    pub(super) fn comes_again(&self, index: usize) -> bool {
        let source = self.simulation.source;
        (source == Source::Sqs || source.kind() == SourceKind::Asynchronous)
            && lock(&self.book).comes_again(index)
    }

    /// A wait in real time after failures that nobody asked for: what is in the way may need time to go.
    pub(super) async fn back_off(&self, failures: u32) {
        if failures > 0 {
            tokio::time::sleep(self.simulation.timeout / 10 * failures).await;
        }
    }
}
