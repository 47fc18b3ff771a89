//! Applies a plan, or rolls it back after a failure.

use super::plan::{Action, Plan, Step};
use crate::Failure;

/// What a step of a plan did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StepResult {
    /// The resource was created.
    Created,
    /// The resource was changed.
    Changed,
    /// The resource was removed.
    Removed,
    /// The resource was rolled back because a later step failed.
    Undone,
}

/// A plan that failed partway.
#[derive(Debug)]
pub struct ApplyError {
    /// The step that failed.
    pub at: String,
    /// Why it failed.
    pub failure: Failure,
    /// What could not be rolled back: these resources still exist or are still changed.
    pub left: Vec<(String, Failure)>,
}

impl Plan {
    /// Applies the steps in order and reports each one. If a step fails, the steps before it are rolled back in reverse order.
    /// Removals are not rolled back: the next run continues where this one stopped.
    ///
    /// # Errors
    /// If a step fails.
    pub async fn apply(&mut self, report: &mut dyn FnMut(StepResult, &str)) -> Result<(), ApplyError> {
        for at in 0..self.steps.len() {
            let step = &mut self.steps[at];
            let done = match step.action {
                Action::Create => step.resource.create().await.map(|()| Some(StepResult::Created)),
                Action::Change(_) => step.resource.change().await.map(|()| Some(StepResult::Changed)),
                Action::Remove => step.resource.remove().await.map(|()| Some(StepResult::Removed)),
                Action::Keep(_) => Ok(None),
            };
            match done {
                Ok(None) => {}
                Ok(Some(done)) => report(done, &step.resource.name()),
                Err(failure) => {
                    // AWS may have applied a call that it did not answer.
                    let reached = if failure.is_uncertain() { at + 1 } else { at };
                    let name = step.resource.name();
                    let left = undo(&mut self.steps[..reached], report).await;
                    return Err(ApplyError {
                        at: name,
                        failure,
                        left,
                    });
                }
            }
        }
        Ok(())
    }
}

async fn undo(steps: &mut [Step], report: &mut dyn FnMut(StepResult, &str)) -> Vec<(String, Failure)> {
    let mut left = Vec::new();
    for step in steps.iter_mut().rev() {
        let undone = match step.action {
            Action::Create => step.resource.remove().await,
            Action::Change(_) => step.resource.restore().await,
            Action::Remove | Action::Keep(_) => continue,
        };
        let name = step.resource.name();
        match undone {
            Ok(()) => report(StepResult::Undone, &name),
            Err(failure) => left.push((name, failure)),
        }
    }
    left
}

#[cfg(test)]
mod tests;
