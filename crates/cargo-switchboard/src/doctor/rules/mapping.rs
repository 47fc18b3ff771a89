//! Event source mappings: `SB0101`, `SB0102`, `SB0103`.

use super::catalogue::{ENDLESS_RETRIES, PARTIAL_ANSWERS, STREAM_FAILURES};
use super::check::Check;
use crate::doctor::deployment::{Mapping, Origin};

/// The shortest retention of a stream, which limits a record's age even if the mapping does not.
const FOR_EVER: i64 = -1;

pub(super) fn check(check: &mut Check<'_>) {
    for trigger in &check.function.triggers {
        let Some(mapping) = trigger.mapping() else {
            continue;
        };
        let answers = check
            .served
            .zip(trigger.source())
            .is_some_and(|(served, source)| served.handler(source).is_some());
        if answers && mapping.takes_partial_answers() && mapping.reports_failures.or(false) == Some(false) {
            let what = format!(
                "{} has no FunctionResponseTypes: [ReportBatchItemFailures]",
                trigger.label
            );
            check.report(&PARTIAL_ANSWERS, trigger.here(), what);
        }
        if !mapping.origin.is_some_and(Origin::is_stream) {
            continue;
        }
        let endless = |limit: Option<i64>| limit == Some(FOR_EVER);
        if endless(mapping.retries.or(FOR_EVER)) && endless(mapping.age.or(FOR_EVER)) {
            let what = format!("{} limits neither retries nor the age of records", trigger.label);
            check.report(&ENDLESS_RETRIES, trigger.here(), what);
        }
        if mapping.on_failure.is_absent() {
            let what = format!("{} has no on-failure destination", trigger.label);
            check.report(&STREAM_FAILURES, trigger.here(), what);
        }
    }
}

impl Mapping {
    /// Whether the source supports partial answers.
    fn takes_partial_answers(&self) -> bool {
        matches!(
            self.origin,
            Some(Origin::Kinesis | Origin::Dynamodb | Origin::Sqs | Origin::Kafka)
        )
    }
}
