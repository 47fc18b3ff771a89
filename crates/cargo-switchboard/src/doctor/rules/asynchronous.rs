//! Asynchronous events: `SB0201`, `SB0202`, `SB0204`.

use super::catalogue::{ASYNC_FAILURES, FIFO_DESTINATION, RULE_FAILURES};
use super::check::Check;
use super::fix::{Edit, SAM_FUNCTIONS};
use crate::doctor::deployment::{Async, Setting, Trigger, TriggerKind};
use crate::doctor::place::Place;

pub(super) fn check(check: &mut Check<'_>) {
    let function = check.function;
    let lost = function.triggers.iter().find(|trigger| {
        trigger.is_asynchronous()
            && is_lost(function.failures_of(&trigger.qualifier))
            && function.dead_letters.is_absent()
    });
    if let Some(trigger) = lost {
        unkept(check, trigger);
    }
    for trigger in function.triggers.iter().filter(|trigger| lacks_queue(trigger)) {
        let what = format!("{} has no DeadLetterConfig for {}", trigger.label, function.label);
        let finding = check.report(&RULE_FAILURES, trigger.here(), what);
        // SAM makes the queue and its policy.
        let queue = Edit::set("Properties.DeadLetterConfig", "{ Type: SQS }");
        finding
            .paste("DeadLetterConfig:\n  Arn: !GetAtt Undelivered.Arn")
            .fix(
                trigger.at,
                &["Schedule", "ScheduleV2", "EventBridgeRule"],
                [queue],
            );
    }
    fifo(check);
}

/// Whether nothing keeps failed events. A configuration may have a destination for what succeeds only.
fn is_lost(config: Setting<&Async>) -> bool {
    match config {
        Setting::Absent => true,
        Setting::Unknown => false,
        Setting::Known(config) => config.on_failure.is_absent(),
    }
}

fn unkept(check: &mut Check<'_>, trigger: &Trigger) {
    let function = check.function;
    let at = match function.failures_of(&trigger.qualifier) {
        Setting::Known(config) => config.at,
        _ => None,
    };
    let what = match (trigger.qualifier.as_str(), function.modes.durable.is_absent()) {
        ("", true) => format!(
            "{} is invoked asynchronously by {}, but has neither an on-failure destination nor a dead-letter queue",
            function.label, trigger.label
        ),
        (qualifier, true) => format!(
            "{} is invoked asynchronously by {} as {}, for which it has neither an on-failure destination nor a dead-letter queue",
            function.label,
            trigger.label,
            check.show(qualifier)
        ),
        // A durable function takes no destination.
        _ => format!(
            "{} is invoked asynchronously by {}, but has no dead-letter queue",
            function.label, trigger.label
        ),
    };
    let queue = format!("{}FailedEvents", function.label);
    let edits = match function.modes.durable.is_absent() {
        // SAM makes the queue, and lets the role send there.
        true => vec![Edit::set(
            "Properties.EventInvokeConfig.DestinationConfig.OnFailure",
            "{ Type: SQS }",
        )],
        false => vec![
            Edit::set(
                "Properties.DeadLetterQueue",
                format!("{{ Type: SQS, TargetArn: !GetAtt {queue}.Arn }}"),
            ),
            Edit::add_queue(queue, false),
        ],
    };
    let paste = match function.modes.durable.is_absent() {
        true => {
            "EventInvokeConfig:\n  DestinationConfig:\n    OnFailure:\n      Type: SQS\n      Destination: !GetAtt FailedEvents.Arn"
        }
        false => "DeadLetterQueue:\n  Type: SQS\n  TargetArn: !GetAtt FailedEvents.Arn",
    };
    check
        .report(&ASYNC_FAILURES, (&function.label, at.or(function.at)), what)
        .paste(paste)
        .fix(function.at, SAM_FUNCTIONS, edits);
}

fn lacks_queue(trigger: &Trigger) -> bool {
    match &trigger.kind {
        TriggerKind::Rule(target) | TriggerKind::Schedule(target) => target.dead_letters.is_absent(),
        _ => false,
    }
}

/// Destinations that are FIFO queues or topics.
fn fifo(check: &mut Check<'_>) {
    let function = check.function;
    let own: (&str, Option<Place>, _) = (&function.label, function.at, &function.dead_letters);
    let configs = function.asynchronous.iter();
    let configs = configs.flat_map(|config| {
        [&config.on_failure, &config.on_success].map(|arn| (&*config.label, config.at, arn))
    });
    let mappings = function.triggers.iter().filter_map(|trigger| {
        let mapping = trigger.mapping()?;
        Some((&*trigger.label, trigger.at, &mapping.on_failure))
    });
    for (label, at, arn) in [own].into_iter().chain(configs).chain(mappings) {
        let Some(arn) = arn.known().filter(|arn| is_fifo(check, arn)) else {
            continue;
        };
        let what = format!("{label} sends events to {}, which is FIFO", check.show(arn));
        check.report(&FIFO_DESTINATION, (label, at), what);
    }
}

fn is_fifo(check: &Check<'_>, arn: &str) -> bool {
    let queue = check.deployment.queue(arn).map(|queue| queue.fifo);
    let known = queue.or_else(|| check.deployment.store(arn).map(|store| store.fifo));
    known.unwrap_or_else(|| arn.ends_with(".fifo"))
}
