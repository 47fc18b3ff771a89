//! A rule's view of a function, and the findings it reports.

use super::catalogue::{Rule, Severity};
use super::fix::{Edit, Fix};
use crate::describe::Description;
use crate::doctor::deployment::{Deployment, Function, Trigger};
use crate::doctor::place::Place;

/// A fault that a rule has found.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) rule: &'static Rule,
    pub(crate) severity: Severity,
    /// The names of the functions it concerns; empty if it is the template's.
    pub(crate) functions: Vec<String>,
    /// The template that it is in.
    pub(crate) file: Option<String>,
    /// The resource at fault.
    pub(crate) resource: String,
    /// The path of the CDK construct that the resource comes from.
    pub(crate) construct: Option<String>,
    pub(crate) at: Option<Place>,
    /// What is wrong.
    pub(crate) what: String,
    /// The fix as YAML that can be pasted, with a note where it belongs.
    pub(crate) paste: Option<String>,
    /// How the template itself can be changed, where that needs no decision. The first that fits it is taken.
    pub(crate) fixes: Vec<Fix>,
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
    pub(super) fn report(
        &mut self,
        rule: &'static Rule,
        resource: (&str, Option<Place>),
        what: String,
    ) -> &mut Finding {
        self.report_as(rule, rule.severity, resource, what)
    }

    /// Reports a fault with a lower severity than the rule's.
    pub(super) fn report_as(
        &mut self,
        rule: &'static Rule,
        severity: Severity,
        (resource, at): (&str, Option<Place>),
        what: String,
    ) -> &mut Finding {
        let place = self.findings.len();
        self.findings.push(Finding {
            rule,
            severity,
            functions: vec![self.function.label.clone()],
            file: None,
            resource: resource.to_owned(),
            construct: self.deployment.constructs.get(resource).cloned(),
            at: at.or(self.function.at),
            what,
            paste: None,
            fixes: Vec::new(),
        });
        &mut self.findings[place]
    }

    /// A text of the model for display.
    pub(super) fn show(&self, text: &str) -> String {
        self.deployment.symbols.show(text)
    }

    /// An ARN as YAML: of a resource of the template, or with its unknown parts filled in.
    pub(super) fn yaml(&self, arn: &str) -> String {
        let shown = self.show(arn);
        let service = arn.split(':').nth(2).unwrap_or_default();
        let last = shown.rsplit(':').next().unwrap_or_default();
        let generated = last.strip_prefix("${").and_then(|id| id.strip_suffix('}'));
        match (service, generated) {
            // `Ref` is the URL of a queue and the ARN of a topic.
            ("sqs", Some(id)) => format!("!GetAtt {id}.Arn"),
            ("sns", Some(id)) => format!("!Ref {id}"),
            ("dynamodb", None) if shown.ends_with(".StreamLabel}") => {
                let id = shown
                    .rsplit("${")
                    .next()
                    .and_then(|label| label.split('.').next());
                format!("!GetAtt {}.StreamArn", id.unwrap_or_default())
            }
            _ if shown.contains("${") => format!("!Sub '{shown}'"),
            _ => format!("'{shown}'"),
        }
    }

    /// The first trigger of each API or bucket for which `pick` returns a value.
    pub(super) fn first_of_each<'c, T>(
        &'c self,
        pick: impl Fn(&'d Trigger) -> Option<T> + 'c,
    ) -> Vec<(&'d Trigger, T)> {
        let mut picked: Vec<(&'d Trigger, T)> = Vec::new();
        for trigger in &self.function.triggers {
            let seen = picked.iter().any(|(other, _)| {
                !trigger.arn.is_empty() && other.arn == trigger.arn && other.qualifier == trigger.qualifier
            });
            if let Some(found) = pick(trigger).filter(|_| !seen) {
                picked.push((trigger, found));
            }
        }
        picked
    }
}

impl Finding {
    /// Adds YAML that mends it.
    pub(super) fn paste(&mut self, yaml: impl Into<String>) -> &mut Self {
        self.paste = Some(yaml.into());
        self
    }

    /// Adds a way to mend it in the template: changes of what is at `at`, if it has one of these types.
    pub(super) fn fix(
        &mut self,
        at: Option<Place>,
        kinds: &'static [&'static str],
        edits: impl IntoIterator<Item = Edit>,
    ) -> &mut Self {
        let edits = edits.into_iter().collect();
        self.fixes.extend(at.map(|at| Fix { at, kinds, edits }));
        self
    }
}

impl Trigger {
    /// The resource and its place, as findings name it.
    pub(super) fn here(&self) -> (&str, Option<Place>) {
        (&self.label, self.at)
    }
}
