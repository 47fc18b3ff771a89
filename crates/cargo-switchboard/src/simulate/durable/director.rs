//! Makes the mishaps of a schedule happen, and watches whether operations stay what they were.

use std::collections::HashMap;
use std::sync::Mutex;

use lambda_sandbox::{CheckpointFault, DurableFaults};
use serde_json::Value;

use super::mishap::{DurableSchedule, Mishap};
use crate::sync::lock;

/// What identifies an operation: if it comes again, these are the same.
const FACTS: [&str; 4] = ["Type", "SubType", "Name", "ParentId"];

/// Sees every checkpoint and every answer.
pub(super) struct Director {
    schedule: DurableSchedule,
    seen: Mutex<SeenCalls>,
}

/// What it has seen.
#[derive(Default)]
pub(super) struct SeenCalls {
    /// What each checkpoint said, in words.
    pub(super) checkpoints: Vec<String>,
    pub(super) invocations: usize,
    /// Operations that came again as something else.
    pub(super) conflicts: Vec<String>,
    /// Whether an invocation ended because the function's time was over, which nobody had planned.
    pub(super) hangs: bool,
    /// How often the starting event is to come again now.
    pub(super) redeliveries: usize,
    /// The operations of each execution.
    operations: HashMap<String, HashMap<String, Value>>,
}

impl Director {
    pub(super) fn new(schedule: DurableSchedule) -> Self {
        Self {
            schedule,
            seen: Mutex::default(),
        }
    }

    pub(super) fn seen<T>(&self, look: impl FnOnce(&mut SeenCalls) -> T) -> T {
        look(&mut lock(&self.seen))
    }
}

impl DurableFaults for Director {
    fn at_checkpoint(&self, execution: &str, body: &[u8]) -> Option<CheckpointFault> {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let updates = body["Updates"].as_array().map_or(&[][..], Vec::as_slice);
        let mut seen = lock(&self.seen);
        seen.checkpoints.push(said(updates));
        let fault = self.schedule.at_checkpoint(seen.checkpoints.len());
        let is_taken = !matches!(
            fault,
            Some(CheckpointFault::CrashBefore | CheckpointFault::TimeOut | CheckpointFault::Throttle)
        );
        for update in updates {
            seen.compare(execution, update, is_taken);
        }
        fault
    }

    fn at_answer(&self, _: &str, error: Option<&str>) -> bool {
        let mut seen = lock(&self.seen);
        seen.invocations += 1;
        seen.hangs |= error == Some("Sandbox.Timedout");
        let number = seen.invocations;
        seen.redeliveries += self.schedule.redeliveries(|at| at == number);
        self.schedule.has(Mishap::CrashAtEnd, number)
    }
}

impl SeenCalls {
    /// Compares an update with what is known of its operation.
    fn compare(&mut self, execution: &str, update: &Value, is_taken: bool) {
        let Some(id) = update["Id"].as_str().filter(|_| update["Type"] != "EXECUTION") else {
            return;
        };
        let operations = self.operations.entry(execution.to_owned()).or_default();
        let Some(known) = operations.get(id) else {
            if is_taken {
                operations.insert(id.to_owned(), update.clone());
            }
            return;
        };
        // A member that an update leaves out stays what it is.
        let differs = |fact: &str| !update[fact].is_null() && update[fact] != known[fact];
        if FACTS.iter().any(|fact| differs(fact)) {
            let conflict = format!("{} came again as {}", operation(known), operation(update));
            if !self.conflicts.contains(&conflict) {
                self.conflicts.push(conflict);
            }
        }
    }
}

/// What a checkpoint says, in words.
fn said(updates: &[Value]) -> String {
    let mut said: Vec<String> = Vec::new();
    for update in updates.iter().take(3) {
        said.push(format!(
            "{}: {}",
            operation(update),
            update["Action"].as_str().unwrap_or("?")
        ));
    }
    if updates.len() > said.len() {
        said.push(format!("{} more", updates.len() - said.len()));
    }
    match said.is_empty() {
        true => "no update".to_owned(),
        false => said.join(", "),
    }
}

/// An operation in words: its type, and its name or else its id.
pub(super) fn operation(operation: &Value) -> String {
    let kind = operation["Type"].as_str().unwrap_or("?");
    let name = operation["Name"].as_str().map(str::to_owned);
    let id = || format!("without a name ({})", operation["Id"].as_str().unwrap_or("?"));
    format!("{kind} {}", name.unwrap_or_else(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checkpoint(director: &Director, updates: Value) -> Option<CheckpointFault> {
        director.at_checkpoint("e", json!({"Updates": updates}).to_string().as_bytes())
    }

    #[test]
    fn an_operation_that_comes_again_as_another_is_a_conflict() {
        let director = Director::new("crash-before:1".parse().unwrap());
        let step = |name: &str| json!([{"Id": "1", "Type": "STEP", "Name": name, "Action": "START"}]);
        // Nothing was taken, so nothing is compared with it.
        assert_eq!(
            checkpoint(&director, step("ship")),
            Some(CheckpointFault::CrashBefore)
        );
        assert_eq!(checkpoint(&director, step("charge")), None);
        checkpoint(
            &director,
            json!([{"Id": "1", "Type": "STEP", "Action": "SUCCEED"}]),
        );
        assert!(director.seen(|seen| seen.conflicts.is_empty()));
        checkpoint(&director, step("ship"));
        checkpoint(&director, step("ship"));
        assert_eq!(
            director.seen(|seen| seen.conflicts.clone()),
            ["STEP charge came again as STEP ship"]
        );
        assert_eq!(
            director.seen(|seen| seen.checkpoints[2].clone()),
            "STEP without a name (1): SUCCEED"
        );
    }

    #[test]
    fn what_happens_to_invocations_is_planned_by_their_number() {
        let director = Director::new("crash-at-end:2,redeliver:1".parse().unwrap());
        assert!(!director.at_answer("e", None));
        assert_eq!(director.seen(|seen| std::mem::take(&mut seen.redeliveries)), 1);
        assert!(director.at_answer("e", None));
        assert!(!director.seen(|seen| seen.hangs));
        director.at_answer("e", Some("Sandbox.Timedout"));
        assert!(director.seen(|seen| seen.hangs && seen.redeliveries == 0));
    }
}
