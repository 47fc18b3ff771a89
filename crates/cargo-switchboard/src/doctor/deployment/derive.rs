//! Triggers that are known only by a permission to invoke the function: a topic, a load balancer, a bucket of another template.

use switchboard::source::Source;

use super::{Function, Invoker, Permission, Trigger, TriggerKind};
use crate::doctor::text::{Certainty, covers};

/// Services that invoke asynchronously, and may send anything: a rule's target may replace the event.
const ANYTHING: [&str; 2] = ["events.amazonaws.com", "iot.amazonaws.com"];

/// What a permission alone says of a trigger.
struct PermittedService {
    principal: &'static str,
    /// If what the service sends is always the same.
    source: Option<Source>,
    asynchronous: bool,
}

impl PermittedService {
    fn of(principal: &str) -> Option<Self> {
        let mut sources = Source::ALL.iter();
        let sends = sources.find_map(|source| {
            let invoker = source.invoker()?;
            (invoker.principal == principal).then_some(Self {
                principal: invoker.principal,
                source: Some(*source),
                asynchronous: invoker.asynchronous,
            })
        });
        let anything = ANYTHING.into_iter().find(|known| *known == principal);
        sends.or(anything.map(|principal| Self {
            principal,
            source: None,
            asynchronous: true,
        }))
    }
}

/// Adds the triggers that have a permission but no resource.
pub(crate) fn derive(function: &mut Function) {
    let mut added = Vec::new();
    for permission in &function.permissions {
        let known = function.triggers.iter().chain(&added);
        if permission.url.is_none() && !known.into_iter().any(|trigger| is_for(permission, trigger)) {
            added.push(trigger(permission));
        }
    }
    function.triggers.append(&mut added);
}

/// Whether the permission may be the one of this trigger.
fn is_for(permission: &Permission, trigger: &Trigger) -> bool {
    let known = trigger.invoker.service() == Some(&permission.principal);
    let apart = |arn: &String| !trigger.arn.is_empty() && covers(arn, &trigger.arn) == Certainty::No;
    known && !permission.source_arn.known().is_some_and(apart)
}

fn trigger(permission: &Permission) -> Trigger {
    let (invoker, source, asynchronous) = match PermittedService::of(&permission.principal) {
        Some(service) => (
            Invoker::Service(service.principal),
            service.source,
            service.asynchronous,
        ),
        // An API without routes in the deployment, an account, or anything else.
        None => (Invoker::Other, None, false),
    };
    Trigger {
        label: permission.label.clone(),
        at: permission.at,
        arn: permission.source_arn.known().cloned().unwrap_or_default(),
        operation: String::new(),
        qualifier: permission.qualifier.clone(),
        invoker,
        kind: TriggerKind::Other { source, asynchronous },
    }
}
