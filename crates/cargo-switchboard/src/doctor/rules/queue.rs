//! Queues that trigger the function: `SB0104`, `SB0105`, `SB0106`.

use super::catalogue::{FIFO_BATCH, POISON_MESSAGES, Severity, VISIBILITY};
use super::check::Check;
use crate::doctor::deployment::{Mapping, Origin, Queue, Trigger};

/// The recommended visibility timeout, in multiples of the function's timeout, after "Configuring a queue for use with Lambda".
const TIMES: u64 = 6;
/// Lambda's and SQS's defaults, in seconds.
const TIMEOUT: u64 = 3;
const VISIBLE_AFTER: u64 = 30;
/// The most messages in a batch of a FIFO queue.
const FIFO_MESSAGES: u64 = 10;

pub(super) fn check(check: &mut Check<'_>) {
    for trigger in &check.function.triggers {
        let Some(mapping) = trigger.mapping() else {
            continue;
        };
        if mapping.origin != Some(Origin::Sqs) {
            continue;
        }
        let queue = check.deployment.queue(&trigger.arn);
        if queue.map_or(trigger.arn.ends_with(".fifo"), |queue| queue.fifo) {
            fifo(check, trigger, mapping);
        }
        if let Some(queue) = queue {
            visibility(check, mapping, queue);
            if queue.dead_letters.is_absent() {
                let what = format!("{} has no RedrivePolicy", queue.label);
                check.report(&POISON_MESSAGES, (&queue.label, queue.at), what);
            }
        }
    }
}

fn fifo(check: &mut Check<'_>, trigger: &Trigger, mapping: &Mapping) {
    let (size, window) = (mapping.batch_size.known(), mapping.batching_window.known());
    let what = match (size, window) {
        (Some(size), _) if *size > FIFO_MESSAGES => format!("{} has BatchSize {size}", trigger.label),
        (_, Some(window)) if *window > 0 => {
            format!("{} has MaximumBatchingWindowInSeconds {window}", trigger.label)
        }
        _ => return,
    };
    check.report(&FIFO_BATCH, trigger.here(), what);
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
    let severity = match visibility < timeout.saturating_add(window) {
        true => Severity::Error,
        false => Severity::Warning,
    };
    let what = format!(
        "{} has a visibility timeout of {visibility} s, but {} may run for {timeout} s and requires {needed} s",
        queue.label, check.function.label
    );
    check.report_as(&VISIBILITY, severity, (&queue.label, queue.at), what);
}
