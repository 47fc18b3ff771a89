//! A single delivery: composes the event, invokes the function, and reads its answer as the source does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use event_source_mapping::{Failed, WindowFrame, answer};
use tokio::time::Instant;

use super::book::Book;
use super::payload::in_window;
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
    /// The reply, if the source got it.
    reply: Option<Bytes>,
}

/// What an answer means.
struct AnswerMeaning {
    /// What it says has failed.
    reported: Failed,
    /// What the source delivers again for it.
    failed: Failed,
}

impl BatchResult {
    /// What the mapping is told.
    pub(super) fn answer(&self) -> answer::Answer<'_> {
        match &self.reply {
            _ if self.is_lost => answer::Answer::Lost,
            Some(reply) => answer::Answer::Reply(reply),
            None => answer::Answer::FunctionError,
        }
    }
}

impl<T: Invocable> Poller<T> {
    /// # Errors
    /// If the function cannot be invoked or the ledger cannot be read.
    pub(super) async fn deliver(&self, batch: &[usize]) -> Result<BatchResult, Error> {
        self.deliver_in(batch, None).await
    }

    /// Delivers a batch of a tumbling window.
    ///
    /// # Errors
    /// If the function cannot be invoked or the ledger cannot be read.
    pub(super) async fn deliver_in(
        &self,
        batch: &[usize],
        window: Option<&WindowFrame>,
    ) -> Result<BatchResult, Error> {
        let (items, first) = {
            let mut book = lock(&self.book);
            (book.deliver(batch), book.first())
        };
        // The end of a window has no records. What it says of its stream is in every record.
        let records = if items.is_empty() {
            std::slice::from_ref(&first)
        } else {
            &items
        };
        let event = (self.simulation.source.facts().event)(records);
        let event = match window {
            Some(window) => in_window(window, event),
            None => event,
        };
        let answer = self.target.invoke(event.to_string()).await?;
        let identifiers: Vec<&str> = items.iter().map(|item| item.record.identifier.as_str()).collect();
        let read = self.read(&answer, &identifiers, window.is_some());
        let is_lost = {
            let mut book = lock(&self.book);
            book.settle()?;
            let done = self.done(&read.reported, batch.len());
            done.for_each(|place| book.answered(batch[place]));
            self.simulation.progress(&book);
            answer.reply.is_some() && self.loses_answer(&mut book, batch)
        };
        // A function that is not told to end or to run out of time has answered, and nobody hears it.
        let is_cut_off = !self.simulation.tells() && items.iter().any(|item| item.task.is_cut_off());
        Ok(BatchResult {
            failed: if is_lost || is_cut_off {
                Failed::All
            } else {
                read.failed
            },
            is_clean: items.iter().all(|item| item.task.succeeds()),
            is_lost,
            not_before: Instant::now() + answer.lease,
            reply: answer.reply.filter(|_| !is_cut_off),
        })
    }

    /// What the answer says, and what the source makes of it.
    fn read(&self, answer: &Answer, identifiers: &[&str], is_windowed: bool) -> AnswerMeaning {
        let all = AnswerMeaning {
            reported: Failed::All,
            failed: Failed::All,
        };
        let Some(reply) = &answer.reply else {
            return all;
        };
        if is_windowed && answer::state(reply).is_none() {
            return all;
        }
        let reported = failures(self.simulation.source.facts().answer, reply, identifiers);
        let failed = match self.simulation.partial_answers {
            true => reported.clone(),
            // The mapping does not read the answer.
            false => Failed::none(),
        };
        AnswerMeaning { reported, failed }
    }

    /// The places of the records that the answer says are done.
    fn done(&self, reported: &Failed, count: usize) -> impl Iterator<Item = usize> {
        let kind = self.simulation.source.kind();
        let end = match (reported, kind) {
            // It says nothing of those behind the first failure.
            (Failed::Some(places), SourceKind::Stream | SourceKind::Windowed) => {
                places.first().copied().unwrap_or(count)
            }
            _ => count,
        };
        let places: Vec<usize> = (0..end).filter(|place| !reported.contains(*place)).collect();
        places.into_iter()
    }

    /// Duplicates of some sources come from lost answers.
    fn loses_answer(&self, book: &mut Book, batch: &[usize]) -> bool {
        let takes_flags = self.simulation.source.facts().loses_answers;
        // Not `any`: one lost answer uses up all flags of the batch.
        takes_flags && batch.iter().filter(|&&index| book.comes_again(index)).count() > 0
    }

    /// Whether the source delivers a duplicate of the finished record, unless its duplicates come from lost answers.
    pub(super) fn comes_again(&self, index: usize) -> bool {
        !self.simulation.source.facts().loses_answers && lock(&self.book).comes_again(index)
    }

    /// Waits in real time after failures that the simulation did not cause, so that their cause may pass.
    pub(super) async fn back_off(&self, failures: u32) {
        if failures > 0 {
            tokio::time::sleep(self.simulation.timeout / 10 * failures).await;
        }
    }
}
