//! All executions: a machine without I/O, whose clock and ids are given to it. The same calls have the same results.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bytes::Bytes;

use super::chained::call_of;
use super::checkpoint::Checkpoint;
use super::execution::{Beginning, Execution, ExecutionStatus, Timer};
use super::ids::{Ids, token};
use super::invocation::from_marker;
use super::operation::ErrorObject;
use super::refusal::DurableRefusal;
use super::time::Time;
use super::update::is_word;

/// How many executions may run at once.
const RUNNING: usize = 1000;
/// How many ended executions are kept, and how many bytes of them.
const ENDED: usize = 1000;
const ENDED_BYTES: usize = 256 << 20;
/// The longest name of an execution.
const NAME: usize = 64;
/// How many operations a page of the state has, unless the caller asks for another number, and at most.
const PAGE: usize = 100;
pub(super) const LARGEST_PAGE: usize = 1000;
/// The largest result of a callback, in bytes.
const CALLBACK_RESULT: usize = 256 << 10;

/// The executions of one service.
#[derive(Debug)]
pub(super) struct Machine {
    ids: Ids,
    executions: BTreeMap<u64, Execution>,
    by_arn: HashMap<Arc<str>, u64>,
    by_name: HashMap<String, u64>,
    /// The execution and the operation of each callback.
    callbacks: HashMap<Arc<str>, (u64, usize)>,
    running: BTreeSet<u64>,
    started: u64,
    calls: Vec<ChainedCall>,
}

/// A function to invoke.
#[derive(Debug)]
pub(super) struct DueInvocation {
    pub(super) arn: Arc<str>,
    pub(super) function: Arc<str>,
    pub(super) tenant: Option<String>,
    pub(super) trace_id: Option<String>,
    pub(super) envelope: Bytes,
}

/// A chained invoke that has begun: somebody has to find its function.
#[derive(Debug)]
pub(super) struct ChainedCall {
    pub(super) of: (Arc<str>, usize),
    pub(super) function: String,
    pub(super) payload: Arc<str>,
    pub(super) tenant: Option<String>,
}

impl Machine {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            ids: Ids::seeded(seed),
            executions: BTreeMap::new(),
            by_arn: HashMap::new(),
            by_name: HashMap::new(),
            callbacks: HashMap::new(),
            running: BTreeSet::new(),
            started: 0,
            calls: Vec::new(),
        }
    }

    /// Starts an execution, or returns that of the same name and input.
    ///
    /// # Errors
    /// If the name is invalid, or that of an execution with another input.
    pub(super) fn start(
        &mut self,
        name: Option<&str>,
        beginning: Beginning,
        now: Time,
    ) -> Result<Arc<str>, DurableRefusal> {
        if let Some(name) = name {
            if !is_word(name, NAME) {
                return Err(DurableRefusal::invalid(
                    "DurableExecutionName must have 1 to 64 letters, digits, - and _",
                ));
            }
            let existing = self
                .by_name
                .get(name)
                .and_then(|number| self.executions.get(number));
            if let Some(existing) = existing {
                let same = existing.beginning.input == beginning.input
                    && existing.beginning.function == beginning.function;
                return match same {
                    true => Ok(Arc::clone(&existing.arn)),
                    false => Err(DurableRefusal::AlreadyStarted(format!(
                        "an execution of this name exists with another input: {}",
                        existing.arn
                    ))),
                };
            }
        }
        if self.running.len() >= RUNNING {
            return Err(DurableRefusal::TooMany(format!(
                "{RUNNING} executions are running"
            )));
        }
        let id = self.ids.uuid().to_string();
        let name = name.map_or_else(|| self.ids.uuid().to_string(), str::to_owned);
        let arn: Arc<str> =
            format!("{}:$LATEST/durable-execution/{name}/{id}", beginning.function_arn).into();
        let number = self.started;
        self.started += 1;
        self.by_arn.insert(Arc::clone(&arn), number);
        self.by_name.insert(name.clone(), number);
        self.running.insert(number);
        let execution = Execution::new(Arc::clone(&arn), &id, name, beginning, now);
        self.executions.insert(number, execution);
        Ok(arn)
    }

    /// The execution with this ARN.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn execution(&self, arn: &str) -> Result<&Execution, DurableRefusal> {
        let number = self.by_arn.get(arn).ok_or_else(DurableRefusal::no_execution)?;
        self.executions
            .get(number)
            .ok_or_else(DurableRefusal::no_execution)
    }

    pub(super) fn execution_mut(&mut self, arn: &str) -> Result<(u64, &mut Execution), DurableRefusal> {
        let number = *self.by_arn.get(arn).ok_or_else(DurableRefusal::no_execution)?;
        let execution = self.executions.get_mut(&number);
        execution
            .map(|execution| (number, execution))
            .ok_or_else(DurableRefusal::no_execution)
    }

    /// All executions, in the order of their starts.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = (u64, &Execution)> {
        self.executions
            .iter()
            .map(|(number, execution)| (*number, execution))
    }

    /// When something happens next by itself. Whether an execution's own timeout counts is the caller's choice.
    pub(super) fn next_timer(&self, with_timeouts: bool) -> Option<Time> {
        let running = self
            .running
            .iter()
            .filter_map(|number| self.executions.get(number));
        let timers = running.flat_map(|execution| {
            let mut timers = execution.timers.iter();
            timers.find(|(_, timer)| with_timeouts || *timer != Timer::Execution)
        });
        timers.map(|(time, _)| *time).min()
    }

    /// Lets everything happen that is due, and returns how much that was.
    pub(super) fn advance(&mut self, now: Time) -> usize {
        let mut fired = 0;
        for number in self.running.clone() {
            while self
                .executions
                .get_mut(&number)
                .is_some_and(|execution| execution.fire(now))
            {
                fired += 1;
            }
            self.settle(number, now);
        }
        fired
    }

    /// The next function to invoke.
    pub(super) fn take_invocation(&mut self, now: Time) -> Option<DueInvocation> {
        let due = |number: &&u64| {
            let execution = self.executions.get(*number);
            execution.is_some_and(|execution| execution.due && execution.running.is_none())
        };
        let number = *self.running.iter().find(due)?;
        let execution = self.executions.get_mut(&number)?;
        Some(DueInvocation {
            arn: Arc::clone(&execution.arn),
            function: Arc::clone(&execution.beginning.function),
            tenant: execution.beginning.tenant.clone(),
            trace_id: execution.beginning.trace_id.clone(),
            envelope: execution.invoke(now),
        })
    }

    /// Whether there are chained invokes that have begun.
    pub(super) fn has_calls(&self) -> bool {
        !self.calls.is_empty()
    }

    /// The chained invokes that have begun.
    pub(super) fn take_calls(&mut self) -> Vec<ChainedCall> {
        std::mem::take(&mut self.calls)
    }

    /// Takes a checkpoint, and returns its answer.
    ///
    /// # Errors
    /// If it is refused. Nothing has changed.
    pub(super) fn checkpoint(
        &mut self,
        arn: &str,
        checkpoint: Checkpoint,
        now: Time,
    ) -> Result<Bytes, DurableRefusal> {
        let (number, execution) = self.execution_mut(arn)?;
        if let Some(answer) = execution.answered(&checkpoint) {
            return Ok(answer);
        }
        execution.check_token(&checkpoint.token)?;
        execution.check(&checkpoint.updates)?;
        let mut checkpoint = checkpoint;
        let calls: Vec<_> = checkpoint.updates.iter().filter_map(call_of).collect();
        let begun = execution.apply(std::mem::take(&mut checkpoint.updates), now);
        for index in begun.callbacks {
            let id: Arc<str> = token(&self.ids.uuid().to_string()).into();
            let Some(execution) = self.executions.get_mut(&number) else {
                break;
            };
            execution.callback_begun(index, &id);
            self.callbacks.insert(id, (number, index));
        }
        for (index, (function, tenant, payload)) in begun.calls.into_iter().zip(calls) {
            self.calls.push(ChainedCall {
                of: (Arc::from(arn), index),
                function,
                payload,
                tenant,
            });
        }
        let (_, execution) = self.execution_mut(arn)?;
        let answer = execution.answer(checkpoint);
        self.settle(number, now);
        Ok(answer)
    }

    /// A page of an execution's operations, for its running invocation.
    ///
    /// # Errors
    /// If the token is not the current one, or the marker none.
    pub(super) fn state(
        &self,
        arn: &str,
        token: &str,
        marker: Option<&str>,
        most: Option<usize>,
    ) -> Result<Bytes, DurableRefusal> {
        let execution = self.execution(arn)?;
        execution.check_token(token)?;
        let from = from_marker(marker).filter(|from| *from < execution.operations.len());
        let from =
            from.ok_or_else(|| DurableRefusal::invalid("Marker must be a NextMarker of this execution"))?;
        let most = most.filter(|most| *most > 0).unwrap_or(PAGE).min(LARGEST_PAGE);
        Ok(execution.state(from, most))
    }

    /// An invocation was answered.
    pub(super) fn answered(
        &mut self,
        arn: &str,
        answer: Result<&[u8], ErrorObject>,
        request_id: &str,
        now: Time,
    ) {
        let Ok((number, execution)) = self.execution_mut(arn) else {
            return;
        };
        match answer {
            Ok(reply) => execution.replied(reply, request_id, now),
            Err(error) => execution.failed(error, request_id, now),
        }
        self.settle(number, now);
    }

    /// Stops an execution, and returns when it ended.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn stop(
        &mut self,
        arn: &str,
        error: Option<ErrorObject>,
        now: Time,
    ) -> Result<Time, DurableRefusal> {
        let (number, execution) = self.execution_mut(arn)?;
        let error = error.unwrap_or_else(|| ErrorObject::message("Execution stopped by user request"));
        execution.end(ExecutionStatus::Stopped, None, Some(error), now);
        let ended = execution.ended().unwrap_or(now);
        self.settle(number, now);
        Ok(ended)
    }

    /// Ends a callback.
    ///
    /// # Errors
    /// If there is none with this id, or it has ended.
    pub(super) fn end_callback(
        &mut self,
        id: &str,
        result: Result<Arc<str>, ErrorObject>,
        now: Time,
    ) -> Result<(), DurableRefusal> {
        if result.as_ref().is_ok_and(|result| result.len() > CALLBACK_RESULT) {
            return Err(DurableRefusal::invalid(format!(
                "the result of a callback may have at most {CALLBACK_RESULT} bytes"
            )));
        }
        let (execution, index) = self.callback(id)?;
        execution.complete_callback(index, result, now)
    }

    /// # Errors
    /// If there is no callback with this id, or it has ended.
    pub(super) fn heartbeat(&mut self, id: &str, now: Time) -> Result<(), DurableRefusal> {
        let (execution, index) = self.callback(id)?;
        execution.heartbeat(index, now)
    }

    fn callback(&mut self, id: &str) -> Result<(&mut Execution, usize), DurableRefusal> {
        let none = || DurableRefusal::NotFound("there is no callback with this id".to_owned());
        let (number, index) = *self.callbacks.get(id).ok_or_else(none)?;
        let execution = self.executions.get_mut(&number).ok_or_else(none)?;
        Ok((execution, index))
    }

    /// If an execution has ended, tells the one that waits for it, and forgets the oldest.
    pub(super) fn settle(&mut self, number: u64, now: Time) {
        let Some(execution) = self.executions.get_mut(&number).filter(|one| one.has_ended()) else {
            return;
        };
        if !self.running.remove(&number) {
            return;
        }
        if let Some(ended) = execution.for_parent() {
            self.child_ended(ended, now);
        }
        self.forget();
    }

    /// Forgets the oldest ended executions.
    fn forget(&mut self) {
        let ended = |machine: &Self| machine.executions.len() - machine.running.len();
        let mut size: usize = self.all().map(|(_, execution)| execution.written).sum();
        while ended(self) > ENDED || (ended(self) > 1 && size > ENDED_BYTES) {
            let oldest = self
                .executions
                .keys()
                .find(|number| !self.running.contains(*number));
            let Some(execution) = oldest.copied().and_then(|number| self.executions.remove(&number)) else {
                return;
            };
            size -= execution.written;
            self.by_arn.remove(&execution.arn);
            self.by_name.remove(&execution.name);
            let ids = execution
                .operations
                .iter()
                .filter_map(|operation| operation.callback_id.as_ref());
            ids.for_each(|id| {
                self.callbacks.remove(id);
            });
        }
    }
}

impl Execution {
    /// A callback has an id now.
    fn callback_begun(&mut self, index: usize, id: &Arc<str>) {
        if let Some(operation) = self.operations.get_mut(index) {
            operation.callback_id = Some(Arc::clone(id));
        }
        self.add_to_start(index, "CallbackId", id);
    }

    /// Adds what is known only now to the history of an operation that has just started.
    pub(super) fn add_to_start(&mut self, index: usize, member: &str, value: &str) {
        let start = self.history.iter_mut().rev().find(|event| event.is_about(index));
        if let Some(start) = start {
            start.add(member, value);
        }
    }
}
