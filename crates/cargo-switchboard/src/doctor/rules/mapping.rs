//! Event source mappings: `SB0101`, `SB0102`, `SB0103`, `SB0110`.

use super::catalogue::{ENDLESS_RETRIES, MAPPING_TIME, PARTIAL_ANSWERS, STREAM_FAILURES};
use super::check::Check;
use super::fix::{Edit, MAPPINGS};
use crate::doctor::deployment::{Mapping, Origin, Trigger};

/// What Lambda takes for no limit.
const FOR_EVER: i64 = -1;
/// How long a stream keeps records by default, and a DynamoDB stream always, in seconds.
const RETENTION: u64 = 86_400;
/// The longest timeout, in seconds, that mappings of Kafka, Amazon MQ and DocumentDB take.
const SLOWEST: u64 = 840;
/// Lambda's default, in seconds.
const TIMEOUT: u64 = 3;

pub(super) fn check(check: &mut Check<'_>) {
    for trigger in &check.function.triggers {
        let Some(mapping) = trigger.mapping() else {
            continue;
        };
        answers(check, trigger, mapping);
        if mapping.origin.is_some_and(Origin::keeps_order) {
            retries(check, trigger, mapping);
            if mapping.on_failure.is_absent() {
                let what = format!("{} has no on-failure destination", trigger.label);
                let finding = check.report(&STREAM_FAILURES, trigger.here(), what);
                finding.paste("DestinationConfig:\n  OnFailure:\n    Destination: !GetAtt FailedRecords.Arn   # a standard queue, a topic or a bucket");
                // SAM lets the role send there.
                let queue = format!("{}Failures", trigger.label);
                let destination = format!("{{ Type: SQS, Destination: !GetAtt {queue}.Arn }}");
                let destination = Edit::set("Properties.DestinationConfig.OnFailure", destination);
                finding.fix(
                    trigger.at,
                    &["Kinesis", "DynamoDB"],
                    [destination, Edit::add_queue(queue, false)],
                );
            }
        }
        time(check, trigger, mapping);
    }
}

fn answers(check: &mut Check<'_>, trigger: &Trigger, mapping: &Mapping) {
    let served = check.served.zip(trigger.source());
    let answers = served.is_some_and(|(served, source)| served.handler(source).is_some());
    if !answers || !mapping.takes_partial_answers() || mapping.reports_failures.or(false) != Some(false) {
        return;
    }
    let needs_mode = mapping.origin == Some(Origin::Kafka) && mapping.provisioned.is_absent();
    let (what, paste) = match needs_mode {
        true => (
            format!(
                "{} has no FunctionResponseTypes: [ReportBatchItemFailures], which a Kafka mapping takes in provisioned mode only",
                trigger.label
            ),
            "FunctionResponseTypes: [ReportBatchItemFailures]\nProvisionedPollerConfig:\n  MinimumPollers: 1",
        ),
        false => (
            format!(
                "{} has no FunctionResponseTypes: [ReportBatchItemFailures]",
                trigger.label
            ),
            "FunctionResponseTypes: [ReportBatchItemFailures]",
        ),
    };
    let finding = check.report(&PARTIAL_ANSWERS, trigger.here(), what).paste(paste);
    if !needs_mode {
        let answers = Edit::set("Properties.FunctionResponseTypes", "[ReportBatchItemFailures]");
        finding.fix(trigger.at, MAPPINGS, [answers]);
    }
}

fn retries(check: &mut Check<'_>, trigger: &Trigger, mapping: &Mapping) {
    // With a destination, Lambda gives up a Kafka batch after 10 retries.
    let ends = mapping.origin == Some(Origin::Kafka) && !mapping.on_failure.is_absent();
    if ends || mapping.retries.or(FOR_EVER) != Some(FOR_EVER) {
        return;
    }
    let what = match mapping.age.or(FOR_EVER) {
        Some(FOR_EVER) => format!("{} limits neither retries nor the age of records", trigger.label),
        Some(age) => match (u64::try_from(age), retention(check, trigger, mapping)) {
            (Ok(age), Some(retention)) if age >= retention => format!(
                "{} has MaximumRecordAgeInSeconds {age}, but the stream keeps records for {retention} s only",
                trigger.label
            ),
            _ => return,
        },
        None => return,
    };
    let finding = check.report(&ENDLESS_RETRIES, trigger.here(), what);
    finding.paste("MaximumRetryAttempts: 5");
    // Without a destination, giving up loses what never ends today.
    if mapping.origin != Some(Origin::Kafka) && !mapping.on_failure.is_absent() {
        finding.fix(
            trigger.at,
            MAPPINGS,
            [Edit::set("Properties.MaximumRetryAttempts", 5)],
        );
    }
}

/// How long the stream keeps records, in seconds.
fn retention(check: &Check<'_>, trigger: &Trigger, mapping: &Mapping) -> Option<u64> {
    match mapping.origin {
        Some(Origin::Dynamodb) => Some(RETENTION),
        Some(Origin::Kinesis) => check.deployment.store(trigger.stream())?.retention.or(RETENTION),
        _ => None,
    }
}

fn time(check: &mut Check<'_>, trigger: &Trigger, mapping: &Mapping) {
    let function = check.function;
    let slow = matches!(
        mapping.origin,
        Some(Origin::Kafka | Origin::Mq | Origin::Documentdb)
    );
    let unlimited = !function.modes.instances.is_absent();
    let Some(timeout) = function
        .timeout
        .or(TIMEOUT)
        .filter(|timeout| slow && !unlimited && *timeout > SLOWEST)
    else {
        return;
    };
    let what = format!(
        "{} may run for {timeout} s, but {} takes functions of {SLOWEST} s at most",
        function.label, trigger.label
    );
    let finding = check.report(&MAPPING_TIME, (&function.label, function.at), what);
    finding.paste(format!("Timeout: {SLOWEST}"));
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

impl Origin {
    /// Whether a failed batch blocks the records behind it.
    fn keeps_order(self) -> bool {
        matches!(self, Self::Kinesis | Self::Dynamodb | Self::Kafka)
    }
}

impl Trigger {
    /// The ARN of the stream that is read, also through a consumer.
    pub(super) fn stream(&self) -> &str {
        self.arn
            .split_once("/consumer/")
            .map_or(&self.arn, |(stream, _)| stream)
    }
}
