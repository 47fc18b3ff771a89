//! Queues that trigger the function: `SB0104`, `SB0105`, `SB0106`, `SB0107`, `SB0109`.

use super::catalogue::{
    BATCH_SETTINGS, OWN_DEAD_LETTERS, POISON_MESSAGES, SHORT_DEAD_LETTERS, Severity, VISIBILITY,
};
use super::check::Check;
use super::fix::{Edit, MAPPINGS, QUEUES};
use crate::doctor::deployment::{Mapping, Origin, Queue, Trigger};

/// The recommended visibility timeout, in multiples of the function's timeout, after "Configuring a queue for use with Lambda".
const TIMES: u64 = 6;
/// Lambda's and SQS's defaults, in seconds.
const TIMEOUT: u64 = 3;
const VISIBLE_AFTER: u64 = 30;
const KEPT_FOR: u64 = 345_600;
/// The most messages in a batch of a FIFO queue, and in one without a batching window.
const MESSAGES: u64 = 10;
/// How often a message should be received before it is given up, after "Configuring a queue for use with Lambda".
const RECEIVES: u64 = 5;

pub(super) fn check(check: &mut Check<'_>) {
    for trigger in &check.function.triggers {
        let Some(mapping) = trigger.mapping() else {
            continue;
        };
        if mapping.origin != Some(Origin::Sqs) {
            continue;
        }
        let queue = check.deployment.queue(&trigger.arn);
        let fifo = queue.map_or(trigger.arn.ends_with(".fifo"), |queue| queue.fifo);
        if let Some(what) = batches(trigger, mapping, fifo) {
            let paste = match fifo {
                true => "BatchSize: 10   # and no MaximumBatchingWindowInSeconds",
                false => "MaximumBatchingWindowInSeconds: 1",
            };
            let edit = match (fifo, mapping.batch_size.known()) {
                (true, Some(size)) if *size > MESSAGES => Edit::set("Properties.BatchSize", MESSAGES),
                (true, _) => Edit::remove("Properties.MaximumBatchingWindowInSeconds"),
                (false, _) => Edit::set("Properties.MaximumBatchingWindowInSeconds", 1),
            };
            let finding = check.report(&BATCH_SETTINGS, trigger.here(), what).paste(paste);
            finding.fix(trigger.at, MAPPINGS, [edit]);
        }
        if let Some(queue) = queue {
            visibility(check, mapping, queue);
            dead_letters(check, queue);
        }
    }
    returned(check);
}

fn batches(trigger: &Trigger, mapping: &Mapping, fifo: bool) -> Option<String> {
    let label = &trigger.label;
    let (size, window) = (mapping.batch_size.or(MESSAGES), mapping.batching_window.or(0));
    match (size, window) {
        (Some(size), _) if size > MESSAGES && fifo => {
            Some(format!("{label} has BatchSize {size} on a FIFO queue"))
        }
        (_, Some(window)) if window > 0 && fifo => Some(format!(
            "{label} has MaximumBatchingWindowInSeconds {window} on a FIFO queue"
        )),
        (Some(size), Some(0)) if size > MESSAGES => Some(format!(
            "{label} has BatchSize {size} without MaximumBatchingWindowInSeconds"
        )),
        _ => None,
    }
}

fn visibility(check: &mut Check<'_>, mapping: &Mapping, queue: &Queue) {
    let (Some(timeout), Some(window), Some(visibility)) = (
        check.function.timeout.or(TIMEOUT),
        mapping.batching_window.or(0),
        queue.visibility.or(VISIBLE_AFTER),
    ) else {
        return;
    };
    let needed = timeout.saturating_mul(TIMES).saturating_add(window);
    if visibility >= needed {
        return;
    }
    // Lambda refuses the mapping below the function's timeout. Between the two, retries of throttled batches may come too late.
    let severity = match visibility < timeout {
        true => Severity::Error,
        false => Severity::Warning,
    };
    let what = format!(
        "{} has a visibility timeout of {visibility} s, but {} may run for {timeout} s and requires {needed} s",
        queue.label, check.function.label
    );
    let finding = check.report_as(&VISIBILITY, severity, (&queue.label, queue.at), what);
    let longer = Edit::set("Properties.VisibilityTimeout", needed);
    finding
        .paste(format!("VisibilityTimeout: {needed}"))
        .fix(queue.at, QUEUES, [longer]);
}

fn dead_letters(check: &mut Check<'_>, queue: &Queue) {
    let here = (&*queue.label, queue.at);
    let paste = "RedrivePolicy:\n  deadLetterTargetArn: !GetAtt DeadLetters.Arn\n  maxReceiveCount: 5";
    if queue.dead_letters.is_absent() {
        let what = format!("{} has no RedrivePolicy", queue.label);
        let own = format!("{}DeadLetters", queue.label);
        let policy = format!("deadLetterTargetArn: !GetAtt {own}.Arn\nmaxReceiveCount: {RECEIVES}\n");
        let edits = [
            Edit::set("Properties.RedrivePolicy", policy),
            Edit::add_queue(own, queue.fifo),
        ];
        let finding = check.report(&POISON_MESSAGES, here, what).paste(paste);
        finding.fix(queue.at, QUEUES, edits);
        return;
    }
    if let Some(receives) = queue.receives.known().filter(|receives| **receives < RECEIVES) {
        let what = format!(
            "{} has maxReceiveCount {receives}, less than {RECEIVES}",
            queue.label
        );
        check
            .report(&POISON_MESSAGES, here, what)
            .paste("maxReceiveCount: 5")
            .fix(
                queue.at,
                QUEUES,
                [Edit::set("Properties.RedrivePolicy.maxReceiveCount", RECEIVES)],
            );
    }
    let Some(target) = queue
        .dead_letters
        .known()
        .and_then(|arn| check.deployment.queue(arn))
    else {
        return;
    };
    if target.arn == queue.arn {
        let what = format!("{} is its own dead-letter queue", queue.label);
        check.report(&OWN_DEAD_LETTERS, here, what).paste(paste);
        return;
    }
    // A FIFO queue counts from when the message is moved.
    let kept = (target.retention.or(KEPT_FOR), queue.retention.or(KEPT_FOR));
    if let (Some(there), Some(here), false) = (kept.0, kept.1, queue.fifo)
        && there < here
    {
        let what = format!(
            "{} keeps messages for {there} s, but {}, whose dead-letter queue it is, for {here} s",
            target.label, queue.label
        );
        let finding = check.report(&SHORT_DEAD_LETTERS, (&target.label, target.at), what);
        let kept = here.max(1_209_600);
        finding.paste(format!("MessageRetentionPeriod: {kept}")).fix(
            target.at,
            QUEUES,
            [Edit::set("Properties.MessageRetentionPeriod", kept)],
        );
    }
}

/// The function's failed events go to a queue that triggers it.
fn returned(check: &mut Check<'_>) {
    let function = check.function;
    let ends = function
        .asynchronous
        .iter()
        .map(|config| (&config.label, config.at, &config.on_failure));
    let own = (&function.label, function.at, &function.dead_letters);
    let polled = |arn: &str| {
        let queue = check.deployment.queue(arn).map(|queue| &*queue.arn);
        let of_queue = |trigger: &&Trigger| {
            trigger
                .mapping()
                .is_some_and(|mapping| mapping.origin == Some(Origin::Sqs))
        };
        let mut polled = function.triggers.iter().filter(of_queue);
        polled.any(|trigger| trigger.arn == arn || queue == Some(&trigger.arn))
    };
    let back = ends
        .chain([own])
        .filter(|(.., arn)| arn.known().is_some_and(|arn| polled(arn)));
    let back: Vec<_> = back.collect();
    for (label, at, arn) in back {
        let to = check.show(arn.known().map_or("", String::as_str));
        let what = format!(
            "failed events of {} go to {to}, which triggers it again",
            function.label
        );
        check.report(&OWN_DEAD_LETTERS, (label, at), what);
    }
}
