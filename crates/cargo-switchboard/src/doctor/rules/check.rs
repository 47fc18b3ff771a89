//! A rule's view of a function, and the findings it reports.

use super::catalogue::{Rule, Severity};
use crate::describe::Description;
use crate::doctor::deployment::{Deployment, Function, Trigger};
use crate::doctor::place::Place;

/// A fault that a rule has found.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) rule: &'static Rule,
    pub(crate) severity: Severity,
    /// The function's name.
    pub(crate) function: String,
    /// The resource at fault.
    pub(crate) resource: String,
    pub(crate) at: Option<Place>,
    /// What is wrong.
    pub(crate) what: String,
}

/// A function in its deployment, as rules see it.
pub(super) struct Check<'d> {
    pub(super) deployment: &'d Deployment,
    pub(super) function: &'d Function,
    /// The code's routes, if they are known.
    pub(super) served: Option<&'d Description>,
    pub(super) findings: Vec<Finding>,
}

impl<'d> Check<'d> {
    /// Reports a fault of a resource.
    pub(super) fn report(&mut self, rule: &'static Rule, resource: (&str, Option<Place>), what: String) {
        self.report_as(rule, rule.severity, resource, what);
    }

    /// Reports a fault with a lower severity than the rule's.
    pub(super) fn report_as(
        &mut self,
        rule: &'static Rule,
        severity: Severity,
        (resource, at): (&str, Option<Place>),
        what: String,
    ) {
        self.findings.push(Finding {
            rule,
            severity,
            function: self.function.label.clone(),
            resource: resource.to_owned(),
            at: at.or(self.function.at),
            what,
        });
    }

    /// A text of the model for display.
    pub(super) fn show(&self, text: &str) -> String {
        self.deployment.symbols.show(text)
    }

    /// The first trigger of each API or bucket for which `pick` returns a value.
    pub(super) fn first_of_each<'c, T>(
        &'c self,
        pick: impl Fn(&'d Trigger) -> Option<T> + 'c,
    ) -> Vec<(&'d Trigger, T)> {
        let mut picked: Vec<(&'d Trigger, T)> = Vec::new();
        for trigger in &self.function.triggers {
            let seen = picked
                .iter()
                .any(|(other, _)| !trigger.arn.is_empty() && other.arn == trigger.arn);
            if let Some(found) = pick(trigger).filter(|_| !seen) {
                picked.push((trigger, found));
            }
        }
        picked
    }
}

impl Trigger {
    /// The resource and its place, as findings name it.
    pub(super) fn here(&self) -> (&str, Option<Place>) {
        (&self.label, self.at)
    }
}
