//! Shows a plan, its progress and its result.

use super::super::output::{self, BAD, DIM, GOOD};
use super::super::render::harmless;
use switchboard_aws::Failure;
use switchboard_aws::wire::{Action, ApplyError, Plan, StepResult, Trigger};

/// Prints the plan to stdout.
pub(super) fn plan(plan: &Plan) {
    output::line(&harmless(&plan.title));
    for step in &plan.steps {
        let name = step.resource.name();
        let name = harmless(&name);
        match &step.action {
            Action::Create => output::line(&format!("  {GOOD}+{GOOD:#} {name}")),
            Action::Change(_) => output::line(&format!("  {GOOD}~{GOOD:#} {name}")),
            Action::Remove => output::line(&format!("  {BAD}-{BAD:#} {name}")),
            Action::Keep(reason) => {
                let reason = reason
                    .as_deref()
                    .map(|reason| format!(": {reason}"))
                    .unwrap_or_default();
                output::line(&format!("  {DIM}= {name}{reason}{DIM:#}"));
            }
        }
        for line in details(&step.action, || step.resource.wanted()) {
            output::line(&format!("      {DIM}{}{DIM:#}", harmless(&line)));
        }
    }
    for note in &plan.notes {
        output::line(&format!("  {DIM}note:{DIM:#} {}", harmless(note)));
    }
}

fn details(action: &Action, wanted: impl FnOnce() -> Vec<String>) -> Vec<String> {
    match action {
        Action::Create => wanted(),
        Action::Change(differences) => differences.iter().map(ToString::to_string).collect(),
        Action::Remove | Action::Keep(_) => Vec::new(),
    }
}

/// What a step did.
pub(super) fn done(done: StepResult, name: &str) {
    let verb = match done {
        StepResult::Created => "created",
        StepResult::Changed => "changed",
        StepResult::Removed => "removed",
        StepResult::Undone => "undone ",
    };
    output::line(&format!("{GOOD}{verb}{GOOD:#} {}", harmless(name)));
}

/// Prints why the plan failed.
pub(super) fn broken(broken: &ApplyError) {
    output::note(&format!(
        "{BAD}failed{BAD:#}  {}\n{BAD}error{BAD:#}: {}",
        harmless(&broken.at),
        harmless(&broken.failure.to_string())
    ));
    for (name, failure) in &broken.left {
        let text = format!("could not be rolled back, check it yourself: {name}: {failure}");
        output::note(&format!("{BAD}left{BAD:#}    {}", harmless(&text)));
    }
}

pub(super) fn failure(failure: &Failure) {
    output::note(&format!("{BAD}error{BAD:#}: {}", harmless(&failure.to_string())));
}

/// A table of triggers.
pub(super) fn triggers(triggers: &[Trigger]) {
    let width = |column: fn(&Trigger) -> &str| {
        triggers
            .iter()
            .map(|one| column(one).chars().count())
            .max()
            .unwrap_or(0)
    };
    let (kind, source, state) = (
        width(|one| &one.kind),
        width(|one| &one.source),
        width(|one| &one.state),
    );
    for one in triggers {
        let mark = if one.wired { "" } else { "not created by wire" };
        let line = format!(
            "{:kind$}  {:source$}  {:state$}  {}  {mark}",
            one.kind, one.source, one.state, one.details
        );
        output::line(&harmless(line.trim_end()));
    }
}
