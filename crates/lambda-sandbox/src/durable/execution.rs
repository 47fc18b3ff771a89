//! One execution: what is known of it.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

use super::history::{Data, HistoryEvent};
use super::operation::{ErrorObject, Operation, OperationStatus, OperationType};
use super::time::Time;

/// The longest execution, in seconds, which is also what one without a timeout says.
pub(super) const LONGEST: i64 = 31_622_400;

/// How an execution stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum ExecutionStatus {
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Stopped,
}

impl ExecutionStatus {
    /// The API's name for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Stopped => "STOPPED",
        }
    }
}

/// What an execution begins with.
#[derive(Clone, Debug)]
pub(super) struct Beginning {
    /// The name of the function that is invoked.
    pub(super) function: Arc<str>,
    /// Its ARN, without a version.
    pub(super) function_arn: String,
    pub(super) input: Arc<str>,
    /// Seconds until the execution times out.
    pub(super) timeout: Option<i64>,
    pub(super) tenant: Option<String>,
    /// The trace of the invocation that started it, which all its invocations continue.
    pub(super) trace_id: Option<String>,
}

/// A moment at which something happens by itself.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Timer {
    /// A wait ends, or a step is ready again.
    Operation(usize),
    /// A callback's time is over.
    Callback(usize),
    /// A callback's heartbeat did not come.
    Heartbeat(usize),
    /// The function is invoked again after an error.
    Again,
    /// The execution's time is over.
    Execution,
}

impl Timer {
    /// The callback that it ends.
    pub(super) fn of_callback(self) -> Option<usize> {
        match self {
            Self::Callback(index) | Self::Heartbeat(index) => Some(index),
            Self::Operation(_) | Self::Again | Self::Execution => None,
        }
    }
}

/// An answered checkpoint.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) token: String,
    pub(super) client_token: String,
    pub(super) answer: Bytes,
}

/// A running invocation.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunningInvocation {
    pub(super) began: Time,
    /// Whether something has ended since that the function waits for.
    pub(super) news: bool,
}

#[derive(Debug)]
pub(super) struct Execution {
    pub(super) arn: Arc<str>,
    pub(super) name: String,
    pub(super) beginning: Beginning,
    pub(super) status: ExecutionStatus,
    pub(super) result: Option<Arc<str>>,
    pub(super) error: Option<ErrorObject>,
    /// In the order of their starts; the first is the execution itself.
    pub(super) operations: Vec<Operation>,
    pub(super) by_id: HashMap<Arc<str>, usize>,
    pub(super) timers: BTreeSet<(Time, Timer)>,
    /// The operations that have changed since the function was told of them.
    pub(super) unreported: BTreeSet<usize>,
    /// The operations that ended between two invocations, for the next one.
    pub(super) updated: Vec<Arc<str>>,
    /// The token of the next checkpoint; `None` while no invocation runs.
    pub(super) token: Option<String>,
    pub(super) tokens: u64,
    pub(super) answers: VecDeque<Answered>,
    pub(super) running: Option<RunningInvocation>,
    /// Whether the function is to be invoked.
    pub(super) due: bool,
    /// Whether it waits to be invoked again after an error.
    pub(super) backing_off: bool,
    /// How many invocations in a row have failed.
    pub(super) failures: u32,
    /// How many invocations in a row have waited for nothing.
    pub(super) idle: u32,
    /// How many bytes were written by checkpoints.
    pub(super) written: usize,
    pub(super) history: Vec<HistoryEvent>,
    /// The execution and the operation that wait for this one.
    pub(super) parent: Option<(Arc<str>, usize)>,
}

impl Execution {
    /// An execution that begins now.
    pub(super) fn new(arn: Arc<str>, id: &str, name: String, beginning: Beginning, now: Time) -> Self {
        let mut operation = Operation::started(id, OperationType::Execution, now);
        operation.name = Some(name.clone());
        operation.payload = Some(Arc::clone(&beginning.input));
        let mut timers = BTreeSet::new();
        if let Some(timeout) = beginning.timeout {
            timers.insert((now.after(timeout), Timer::Execution));
        }
        let event = HistoryEvent::new(
            "ExecutionStarted",
            now,
            Some(0),
            Data::Input(Arc::clone(&beginning.input)),
        )
        .with("ExecutionTimeout", beginning.timeout.unwrap_or(LONGEST));
        Self {
            arn,
            name,
            beginning,
            status: ExecutionStatus::Running,
            result: None,
            error: None,
            by_id: HashMap::from([(Arc::clone(&operation.id), 0)]),
            operations: vec![operation],
            timers,
            unreported: BTreeSet::new(),
            updated: Vec::new(),
            token: None,
            tokens: 0,
            answers: VecDeque::new(),
            running: None,
            due: true,
            backing_off: false,
            failures: 0,
            idle: 0,
            written: 0,
            history: vec![event],
            parent: None,
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.status != ExecutionStatus::Running
    }

    /// When it began.
    pub(super) fn began(&self) -> Time {
        self.operations
            .first()
            .map(|operation| operation.started)
            .unwrap_or_default()
    }

    pub(super) fn ended(&self) -> Option<Time> {
        self.operations.first().and_then(|operation| operation.ended)
    }

    /// The operation with this id.
    pub(super) fn operation(&self, id: &str) -> Option<(usize, &Operation)> {
        let index = *self.by_id.get(id)?;
        Some((index, self.operations.get(index)?))
    }

    /// Something outside of the function has ended one of its operations.
    pub(super) fn wake(&mut self, index: usize) {
        self.unreported.insert(index);
        match &mut self.running {
            Some(running) => running.news = true,
            None => self.due |= !self.backing_off,
        }
    }

    /// The execution ends. What it still waits for ends with it, unheard.
    pub(super) fn end(
        &mut self,
        status: ExecutionStatus,
        result: Option<Arc<str>>,
        error: Option<ErrorObject>,
        now: Time,
    ) {
        if self.has_ended() {
            return;
        }
        self.status = status;
        let (event, of_operation) = match status {
            ExecutionStatus::Running => return,
            ExecutionStatus::Succeeded => ("ExecutionSucceeded", OperationStatus::Succeeded),
            ExecutionStatus::Failed => ("ExecutionFailed", OperationStatus::Failed),
            ExecutionStatus::TimedOut => ("ExecutionTimedOut", OperationStatus::TimedOut),
            ExecutionStatus::Stopped => ("ExecutionStopped", OperationStatus::Stopped),
        };
        let data = match status {
            ExecutionStatus::Succeeded => Data::Result(result.clone()),
            _ => Data::Error(error.clone()),
        };
        self.history.push(HistoryEvent::new(event, now, Some(0), data));
        self.result = result;
        self.error = error;
        self.timers.clear();
        self.due = false;
        self.unreported.clear();
        if let Some(operation) = self.operations.first_mut() {
            operation.end(of_operation, now);
        }
    }

    pub(super) fn fail(&mut self, error: ErrorObject, now: Time) {
        self.end(ExecutionStatus::Failed, None, Some(error), now);
    }

    /// A token that no checkpoint has had.
    pub(super) fn next_token(&mut self) -> String {
        self.tokens += 1;
        let id = self.operations.first().map_or("", |operation| &*operation.id);
        let token = super::ids::token(&format!("{id}:{}", self.tokens));
        self.token = Some(token.clone());
        token
    }
}
