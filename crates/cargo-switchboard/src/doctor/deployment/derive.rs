//! Triggers that are known only by a permission to invoke the function: a topic, a load balancer, a bucket of another template.

use switchboard::source::Source;

use super::{Function, Permission, Trigger, TriggerKind};

/// Services that invoke asynchronously, and may send anything: a rule's target may replace the event.
const ANYTHING: [&str; 2] = ["events.amazonaws.com", "iot.amazonaws.com"];

/// What a permission alone says of a trigger.
struct Known {
    principal: &'static str,
    /// If what the service sends is always the same.
    source: Option<Source>,
    asynchronous: bool,
}

impl Known {
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
    let seen = |triggers: &[Trigger], principal: &str| {
        triggers.iter().any(|trigger| trigger.invoker == Some(principal))
    };
    for permission in &function.permissions {
        let is_known = permission.url_only || seen(&function.triggers, &permission.principal);
        if !is_known {
            function.triggers.push(trigger(permission));
        }
    }
}

fn trigger(permission: &Permission) -> Trigger {
    let (invoker, source, asynchronous) = match Known::of(&permission.principal) {
        Some(known) => (Some(known.principal), known.source, known.asynchronous),
        // An API without routes in the deployment, an account, or anything else.
        None => (None, None, false),
    };
    Trigger {
        label: permission.label.clone(),
        at: permission.at,
        arn: permission.source_arn.known().cloned().unwrap_or_default(),
        invoker,
        kind: TriggerKind::Other { source, asynchronous },
    }
}
