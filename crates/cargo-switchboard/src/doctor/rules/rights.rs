//! The permissions that the function's role requires: `SB0401`, `SB0402`.

use super::catalogue::{READ_RIGHTS, SEND_RIGHTS};
use super::check::Check;
use crate::doctor::deployment::{Mapping, Origin, Role};
use crate::doctor::text::Certainty;

pub(super) fn check(check: &mut Check<'_>) {
    let Some(role) = &check.function.role else { return };
    reading(check, role);
    let function = check.function;
    let ends = &function.asynchronous;
    let own = [&ends.on_failure, &ends.dead_letters].map(|arn| (&*function.label, arn));
    let mappings = function.triggers.iter().filter_map(|trigger| {
        let mapping = trigger.mapping()?;
        Some((&*trigger.label, &mapping.on_failure))
    });
    let mut seen = Vec::new();
    for (label, arn) in own.into_iter().chain(mappings) {
        // One permission is enough for everything that sends to the same destination.
        let Some(arn) = arn.known().filter(|arn| !seen.contains(arn)) else {
            continue;
        };
        seen.push(arn);
        destination(check, role, label, arn);
    }
}

fn reading(check: &mut Check<'_>, role: &Role) {
    for trigger in &check.function.triggers {
        let Some(mapping) = trigger.mapping() else {
            continue;
        };
        let needed = mapping.reading(&trigger.arn).iter().copied();
        let missing: Vec<&str> = needed
            .filter(|action| role.grants(action, &trigger.arn) == Certainty::No)
            .collect();
        if !missing.is_empty() {
            let what = format!(
                "{} may not {} on {}, which {} reads",
                role.label,
                missing.join(", "),
                check.show(&trigger.arn),
                trigger.label
            );
            check.report(&READ_RIGHTS, (&role.label, role.at), what);
        }
    }
}

impl Mapping {
    /// The actions that reading the source requires, after "Execution role permissions" of each source.
    fn reading(&self, arn: &str) -> &'static [&'static str] {
        match self.origin {
            // Enhanced fan-out reads through a consumer, which has its own ARN.
            Some(Origin::Kinesis) if arn.contains("/consumer/") => &[],
            Some(Origin::Kinesis) => &[
                "kinesis:DescribeStream",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards",
            ],
            Some(Origin::Dynamodb) => &[
                "dynamodb:DescribeStream",
                "dynamodb:GetRecords",
                "dynamodb:GetShardIterator",
            ],
            Some(Origin::Sqs) => &[
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
            ],
            _ => &[],
        }
    }
}

fn destination(check: &mut Check<'_>, role: &Role, label: &str, arn: &str) {
    let (action, resource) = match arn.split(':').nth(2) {
        Some("sqs") => ("sqs:SendMessage", arn.to_owned()),
        Some("sns") => ("sns:Publish", arn.to_owned()),
        Some("lambda") => ("lambda:InvokeFunction", arn.to_owned()),
        Some("events") => ("events:PutEvents", arn.to_owned()),
        Some("s3") => ("s3:PutObject", format!("{arn}/*")),
        _ => return,
    };
    if role.grants(action, &resource) == Certainty::No {
        let to = check.show(arn);
        let what = format!(
            "{} may not {action} to {to}, where {label} sends failed events",
            role.label
        );
        check.report(&SEND_RIGHTS, (&role.label, role.at), what);
    }
}
