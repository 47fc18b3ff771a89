//! A plan carried out, or taken back as far as it went.

use super::plan::{Action, Plan, Step};
use crate::Failure;

/// What a step did, as it happens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Done {
    /// It was made.
    Created,
    /// It was changed.
    Changed,
    /// It was taken away.
    Removed,
    /// After a later step had failed.
    Undone,
}

/// A plan that failed half-way.
#[derive(Debug)]
pub struct Broken {
    /// The step that failed, and why.
    pub at: String,
    /// Why.
    pub failure: Failure,
    /// What could not be undone: it is there still, or changed.
    pub left: Vec<(String, Failure)>,
}

impl Plan {
    /// Carries out the steps in order, telling what each did. If one fails, those before it are undone, last first, unless
    /// they removed something: what is off is to be off, and the next run goes on.
    ///
    /// # Errors
    /// When a step fails.
    pub async fn carry_out(&mut self, told: &mut dyn FnMut(Done, &str)) -> Result<(), Broken> {
        for at in 0..self.steps.len() {
            let step = &mut self.steps[at];
            let done = match step.action {
                Action::Create => step.resource.create().await.map(|()| Some(Done::Created)),
                Action::Change(_) => step.resource.change().await.map(|()| Some(Done::Changed)),
                Action::Remove => step.resource.remove().await.map(|()| Some(Done::Removed)),
                Action::Keep(_) => Ok(None),
            };
            match done {
                Ok(None) => {}
                Ok(Some(done)) => told(done, &step.resource.name()),
                Err(failure) => {
                    // AWS may have done what it did not answer for.
                    let reached = if failure.is_uncertain() { at + 1 } else { at };
                    let name = step.resource.name();
                    let left = undo(&mut self.steps[..reached], told).await;
                    return Err(Broken {
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

async fn undo(steps: &mut [Step], told: &mut dyn FnMut(Done, &str)) -> Vec<(String, Failure)> {
    let mut left = Vec::new();
    for step in steps.iter_mut().rev() {
        let undone = match step.action {
            Action::Create => step.resource.remove().await,
            Action::Change(_) => step.resource.restore().await,
            Action::Remove | Action::Keep(_) => continue,
        };
        let name = step.resource.name();
        match undone {
            Ok(()) => told(Done::Undone, &name),
            Err(failure) => left.push((name, failure)),
        }
    }
    left
}

#[cfg(test)]
mod tests;
