//! Checkpoints: what a function says about its operations, and what it is answered.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

use super::execution::{Answered, Execution, ExecutionStatus, Timer};
use super::history::{Data, HistoryEvent, start_of};
use super::operation::{Operation, OperationStatus, OperationType, Written, written};
use super::refusal::DurableRefusal;
use super::time::{Time, Times};
use super::update::{Action, Update};

/// How many operations an execution may have, beside itself.
const OPERATIONS: usize = 3000;
/// How many bytes an execution may write.
const WRITTEN: usize = 100_000_000;
/// How many answers are kept for clients that ask again, and how many bytes of them.
const ANSWERS: usize = 64;
const ANSWERED: usize = 16 << 20;

/// A checkpoint.
#[derive(Debug)]
pub(super) struct Checkpoint {
    pub(super) token: String,
    pub(super) client_token: Option<String>,
    pub(super) updates: Vec<Update>,
}

/// What a checkpoint has begun that the execution cannot do by itself.
#[derive(Debug, Default)]
pub(super) struct Begun {
    pub(super) callbacks: Vec<usize>,
    pub(super) calls: Vec<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CheckpointAnswer<'o> {
    checkpoint_token: &'o str,
    new_execution_state: NewState<'o>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NewState<'o> {
    operations: Vec<Written<'o>>,
}

/// An operation as it will be after some of the updates.
struct Planned<'u> {
    kind: OperationType,
    status: OperationStatus,
    name: Option<&'u str>,
    sub_type: Option<&'u str>,
    parent: Option<&'u str>,
}

impl Execution {
    /// The answer to a checkpoint that was answered before: clients of AWS ask again if they did not get it.
    pub(super) fn answered(&self, checkpoint: &Checkpoint) -> Option<Bytes> {
        let client_token = checkpoint.client_token.as_deref()?;
        let same = |old: &&Answered| old.token == checkpoint.token && old.client_token == client_token;
        self.answers.iter().find(same).map(|old| old.answer.clone())
    }

    /// # Errors
    /// If it is not the token that the function got last.
    pub(super) fn check_token(&self, token: &str) -> Result<(), DurableRefusal> {
        match &self.token {
            _ if self.has_ended() => Err(DurableRefusal::StaleToken("the execution has ended")),
            None => Err(DurableRefusal::StaleToken("its invocation has ended")),
            Some(current) if current != token => Err(DurableRefusal::StaleToken("a newer one was given out")),
            Some(_) => Ok(()),
        }
    }

    /// Whether these updates may be applied, all of them.
    ///
    /// # Errors
    /// If one may not. Nothing has changed.
    pub(super) fn check(&self, updates: &[Update]) -> Result<(), DurableRefusal> {
        let mut planned: HashMap<&str, Planned<'_>> = HashMap::new();
        let mut written = self.written;
        for (at, update) in updates.iter().enumerate() {
            update.check(at)?;
            if update.kind == OperationType::Execution && at + 1 < updates.len() {
                return refuse(at, "the update of the EXECUTION must be the last");
            }
            written += update.size();
            let plan = self.plan(at, update, &planned)?;
            planned.insert(&update.id, plan);
        }
        let new = planned.keys().filter(|id| !self.by_id.contains_key(**id));
        let of_execution = updates
            .iter()
            .filter(|update| update.kind == OperationType::Execution);
        let count = self.operations.len() - 1 + new.count() - of_execution.count().min(1);
        if count > OPERATIONS {
            return Err(DurableRefusal::invalid(format!(
                "an execution may have at most {OPERATIONS} operations"
            )));
        }
        if written > WRITTEN {
            return Err(DurableRefusal::invalid(format!(
                "an execution may write at most {WRITTEN} bytes"
            )));
        }
        Ok(())
    }

    fn plan<'u>(
        &'u self,
        at: usize,
        update: &'u Update,
        planned: &HashMap<&str, Planned<'u>>,
    ) -> Result<Planned<'u>, DurableRefusal> {
        let stored = || {
            self.operation(&update.id).map(|(_, operation)| Planned {
                kind: operation.kind,
                status: operation.status,
                name: operation.name.as_deref(),
                sub_type: operation.sub_type.as_deref(),
                parent: operation.parent.as_deref(),
            })
        };
        let current = match planned.get(&*update.id) {
            Some(plan) => Some(Planned { ..*plan }),
            None if update.kind == OperationType::Execution => None,
            None => stored(),
        };
        let given = |new: &'u Option<String>, old: Option<&'u str>| new.as_deref().or(old);
        if let Some(current) = &current {
            if current.kind != update.kind {
                return refuse(at, "its Type is not that of the operation with this Id");
            }
            let members = [
                ("Name", &update.name, current.name),
                ("SubType", &update.sub_type, current.sub_type),
                ("ParentId", &update.parent_id, current.parent),
            ];
            for (member, new, old) in members {
                if new.is_some() && new.as_deref() != old {
                    return refuse(
                        at,
                        &format!("its {member} is not that of the operation with this Id"),
                    );
                }
            }
        }
        if let Some(parent) = &update.parent_id {
            let kind = match planned.get(&**parent) {
                Some(plan) => Some(plan.kind),
                None => self.operation(parent).map(|(_, operation)| operation.kind),
            };
            if !matches!(kind, Some(OperationType::Context | OperationType::Execution)) {
                return refuse(at, "its ParentId is not the Id of a CONTEXT");
            }
        }
        let status = next(
            update.kind,
            current.as_ref().map(|current| current.status),
            update.action,
        );
        let Some(status) = status else {
            let state = match &current {
                None => "has not started".to_owned(),
                Some(current) => format!("is {}", json!(current.status).as_str().unwrap_or_default()),
            };
            let (action, kind) = (format!("{:?}", update.action).to_uppercase(), json!(update.kind));
            let kind = kind.as_str().unwrap_or_default();
            return refuse(at, &format!("{action} of a {kind} that {state} is not allowed"));
        };
        let old = current.as_ref();
        Ok(Planned {
            kind: update.kind,
            status,
            name: given(&update.name, old.and_then(|old| old.name)),
            sub_type: given(&update.sub_type, old.and_then(|old| old.sub_type)),
            parent: given(&update.parent_id, old.and_then(|old| old.parent)),
        })
    }

    /// Applies updates that were checked.
    pub(super) fn apply(&mut self, updates: Vec<Update>, now: Time) -> Begun {
        let mut begun = Begun::default();
        for (at, update) in updates.into_iter().enumerate() {
            self.written += update.size();
            if update.kind == OperationType::Execution {
                self.end_by(update, now);
                continue;
            }
            let index = self.index_of(&update, now);
            self.unreported.insert(index);
            match update.action {
                Action::Start => self.start(index, at, &update, now, &mut begun),
                Action::Retry => self.retry(index, at, update, now),
                Action::Succeed | Action::Fail | Action::Cancel => self.close(index, update, now),
            }
        }
        begun
    }

    /// An update of the execution itself ends it, whatever the function answers afterwards.
    fn end_by(&mut self, update: Update, now: Time) {
        match update.action {
            Action::Fail => self.fail(update.error.unwrap_or_default(), now),
            _ => self.end(
                ExecutionStatus::Succeeded,
                update.payload.map(Arc::from),
                None,
                now,
            ),
        }
    }

    /// The index of the update's operation, which is new if there was none.
    fn index_of(&mut self, update: &Update, now: Time) -> usize {
        if let Some((index, _)) = self.operation(&update.id) {
            return index;
        }
        let mut operation = Operation::started(&update.id, update.kind, now);
        operation.name.clone_from(&update.name);
        operation.parent.clone_from(&update.parent_id);
        operation.sub_type.clone_from(&update.sub_type);
        let index = self.operations.len();
        self.by_id.insert(Arc::clone(&operation.id), index);
        self.operations.push(operation);
        index
    }

    fn start(&mut self, index: usize, at: usize, update: &Update, now: Time, begun: &mut Begun) {
        let mut event = HistoryEvent::new(start_of(update.kind), now, Some(index), Data::None);
        let Some(operation) = self.operations.get_mut(index) else {
            return;
        };
        operation.status = OperationStatus::Started;
        operation.due = None;
        operation.payload = None;
        operation.error = None;
        match update.kind {
            OperationType::Wait => {
                let seconds = update.wait(at).unwrap_or(1);
                let due = now.after(seconds);
                operation.due = Some(due);
                self.timers.insert((due, Timer::Operation(index)));
                event = event
                    .with("Duration", seconds)
                    .with("ScheduledEndTimestamp", due.written(Times::Seconds));
            }
            OperationType::Callback => {
                let (timeout, heartbeat) = update.timeouts(at).unwrap_or_default();
                operation.heartbeat = heartbeat;
                if let Some(seconds) = timeout {
                    self.timers.insert((now.after(seconds), Timer::Callback(index)));
                    event = event.with("Timeout", seconds);
                }
                if let Some(seconds) = heartbeat {
                    self.timers.insert((now.after(seconds), Timer::Heartbeat(index)));
                    event = event.with("HeartbeatTimeout", seconds);
                }
                begun.callbacks.push(index);
            }
            OperationType::ChainedInvoke => {
                if let Some(options) = &update.chained_invoke_options {
                    event = event.with("FunctionName", options.function_name.clone());
                }
                begun.calls.push(index);
            }
            OperationType::Step | OperationType::Context | OperationType::Execution => {}
        }
        self.history.push(event);
    }

    fn retry(&mut self, index: usize, at: usize, update: Update, now: Time) {
        let seconds = update.retry_delay(at).unwrap_or(1);
        let due = now.after(seconds);
        let Some(operation) = self.operations.get_mut(index) else {
            return;
        };
        operation.status = OperationStatus::Pending;
        operation.attempt += 1;
        operation.due = Some(due);
        operation.payload = update.payload.map(Arc::from);
        operation.error = update.error;
        let attempt = json!({"CurrentAttempt": operation.attempt, "NextAttemptDelaySeconds": seconds});
        // A condition that does not hold yet is tried again without an error.
        let (event, data) = match &operation.error {
            Some(error) => ("StepFailed", Data::Error(Some(error.clone()))),
            None => ("StepSucceeded", Data::Result(operation.payload.clone())),
        };
        self.timers.insert((due, Timer::Operation(index)));
        let event = HistoryEvent::new(event, now, Some(index), data).with("RetryDetails", attempt);
        self.history.push(event);
    }

    fn close(&mut self, index: usize, update: Update, now: Time) {
        let Some(operation) = self.operations.get_mut(index) else {
            return;
        };
        let status = next(update.kind, Some(operation.status), update.action);
        operation.end(status.unwrap_or(OperationStatus::Failed), now);
        if let Some(due) = operation.due {
            self.timers.remove(&(due, Timer::Operation(index)));
        }
        if update.kind == OperationType::Step {
            operation.attempt += 1;
            operation.due = None;
        }
        operation.payload = update.payload.map(Arc::from);
        operation.error = update.error;
        operation.replay_children = update.context_options.and_then(|options| options.replay_children);
        let (result, error) = (
            Data::Result(operation.payload.clone()),
            Data::Error(operation.error.clone()),
        );
        let (event, data) = match (update.kind, update.action) {
            (OperationType::Context, Action::Fail) => ("ContextFailed", error),
            (OperationType::Context, _) => ("ContextSucceeded", result),
            (_, Action::Cancel) => ("WaitCancelled", Data::None),
            (_, Action::Fail) => ("StepFailed", error),
            _ => ("StepSucceeded", result),
        };
        let mut event = HistoryEvent::new(event, now, Some(index), data);
        if update.kind == OperationType::Step {
            event = event.with("RetryDetails", json!({"CurrentAttempt": operation.attempt}));
        }
        self.history.push(event);
    }

    /// Answers a checkpoint: a new token, and every operation that has changed since the function was told of it.
    pub(super) fn answer(&mut self, checkpoint: Checkpoint) -> Bytes {
        let token = self.next_token();
        let changed = std::mem::take(&mut self.unreported);
        let by_id = &self.by_id;
        self.updated
            .retain(|id| !by_id.get(id).is_some_and(|index| changed.contains(index)));
        let operations = changed.iter().filter_map(|index| self.operations.get(*index));
        let answer = CheckpointAnswer {
            checkpoint_token: &token,
            new_execution_state: NewState {
                operations: operations
                    .map(|operation| operation.written(Times::Seconds))
                    .collect(),
            },
        };
        let answer = Bytes::from(written(&answer));
        if let Some(client_token) = checkpoint.client_token {
            self.answers.push_back(Answered {
                token: checkpoint.token,
                client_token,
                answer: answer.clone(),
            });
            self.forget_answers();
        }
        answer
    }

    /// Keeps the last answers only.
    fn forget_answers(&mut self) {
        let mut size: usize = self.answers.iter().map(|old| old.answer.len()).sum();
        while self.answers.len() > ANSWERS || (self.answers.len() > 1 && size > ANSWERED) {
            size -= self.answers.pop_front().map_or(0, |old| old.answer.len());
        }
    }
}

fn refuse<T>(at: usize, why: &str) -> Result<T, DurableRefusal> {
    Err(DurableRefusal::invalid(format!("Updates[{at}]: {why}")))
}

/// The status of an operation after an action; `None` if the action is not allowed.
fn next(kind: OperationType, current: Option<OperationStatus>, action: Action) -> Option<OperationStatus> {
    use OperationStatus::{Cancelled, Failed, Pending, Ready, Started, Succeeded};
    match (kind, action, current) {
        (OperationType::Execution, Action::Succeed, None) => Some(Succeeded),
        (OperationType::Execution, Action::Fail, None) => Some(Failed),
        (OperationType::Execution, ..) => None,
        (_, Action::Start, None) | (OperationType::Step, Action::Start, Some(Ready)) => Some(Started),
        (OperationType::Step, Action::Succeed, None | Some(Started | Ready)) => Some(Succeeded),
        (OperationType::Step, Action::Fail, None | Some(Started | Ready)) => Some(Failed),
        (OperationType::Step, Action::Retry, None | Some(Started | Ready)) => Some(Pending),
        (OperationType::Context, Action::Succeed, None | Some(Started)) => Some(Succeeded),
        (OperationType::Context, Action::Fail, None | Some(Started)) => Some(Failed),
        (OperationType::Wait, Action::Cancel, Some(Started)) => Some(Cancelled),
        _ => None,
    }
}
