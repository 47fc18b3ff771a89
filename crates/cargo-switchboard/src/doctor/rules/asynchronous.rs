//! Asynchronous events: `SB0201`, `SB0202`.

use super::catalogue::{ASYNC_FAILURES, RULE_FAILURES};
use super::check::Check;
use crate::doctor::deployment::{Trigger, TriggerKind};

pub(super) fn check(check: &mut Check<'_>) {
    let function = check.function;
    let ends = &function.asynchronous;
    let by = function.triggers.iter().find(|trigger| trigger.is_asynchronous());
    if let (Some(trigger), true, true) = (by, ends.on_failure.is_absent(), ends.dead_letters.is_absent()) {
        let what = format!(
            "{} is invoked asynchronously by {}, but has neither an on-failure destination nor a dead-letter queue",
            function.label, trigger.label
        );
        check.report(&ASYNC_FAILURES, (&function.label, ends.at), what);
    }
    for trigger in function.triggers.iter().filter(|trigger| lacks_queue(trigger)) {
        let what = format!("{} has no DeadLetterConfig for {}", trigger.label, function.label);
        check.report(&RULE_FAILURES, trigger.here(), what);
    }
}

fn lacks_queue(trigger: &Trigger) -> bool {
    match &trigger.kind {
        TriggerKind::Rule(target) | TriggerKind::Schedule(target) => target.dead_letters.is_absent(),
        _ => false,
    }
}
