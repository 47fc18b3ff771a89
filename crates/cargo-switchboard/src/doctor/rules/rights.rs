//! The permissions that the function's role requires: `SB0401`, `SB0402`.

use super::catalogue::{READ_RIGHTS, SEND_RIGHTS, Severity};
use super::check::{Check, Finding};
use super::fix::{Edit, SAM_FUNCTIONS};
use crate::doctor::deployment::{Mapping, Origin, Role, Setting, Trigger};
use crate::doctor::text::Certainty;

/// Rights without which Lambda still reads: it finds new shards and streams later.
const LISTS: [&str; 3] = [
    "kinesis:ListShards",
    "kinesis:ListStreams",
    "dynamodb:ListStreams",
];
const DECRYPT: &str = "kms:Decrypt";
const DATA_KEY: &str = "kms:GenerateDataKey";

pub(super) fn check(check: &mut Check<'_>) {
    let Some(role) = &check.function.role else { return };
    for trigger in &check.function.triggers {
        if let Some(mapping) = trigger.mapping() {
            reading(check, role, trigger, mapping);
        }
    }
    let function = check.function;
    let own = [(&*function.label, &function.dead_letters)];
    let configs = function.asynchronous.iter();
    let configs = configs
        .flat_map(|config| [&config.on_failure, &config.on_success].map(|arn| (&*function.label, arn)));
    let mappings = function.triggers.iter().filter_map(|trigger| {
        let mapping = trigger.mapping()?;
        Some((&*trigger.label, &mapping.on_failure))
    });
    let mut seen = Vec::new();
    for (label, arn) in own.into_iter().chain(configs).chain(mappings) {
        // One permission is enough for everything that sends to the same destination.
        let Some(arn) = arn.known().filter(|arn| !seen.contains(arn)) else {
            continue;
        };
        seen.push(arn);
        sending(check, role, label, arn);
    }
}

fn reading(check: &mut Check<'_>, role: &Role, trigger: &Trigger, mapping: &Mapping) {
    let needed = mapping.reading(&trigger.arn).iter().copied();
    let missing: Vec<&str> = needed
        .filter(|action| role.grants(action, &trigger.arn) == Certainty::No)
        .collect();
    if !missing.is_empty() {
        let only_lists = missing.iter().all(|action| LISTS.contains(action));
        let severity = if only_lists {
            Severity::Warning
        } else {
            Severity::Error
        };
        let (source, resource) = (check.show(&trigger.arn), check.yaml(&trigger.arn));
        let what = format!(
            "{} may not {} on {source}, which {} reads",
            role.label,
            missing.join(", "),
            trigger.label
        );
        let finding = check.report_as(&READ_RIGHTS, severity, (&role.label, role.at), what);
        allow(finding, role, &missing, &resource);
    }
    let key = key_of(check, mapping, trigger);
    if let Some((key, severity)) = key.and_then(|key| Some((key, undecided(check, role, DECRYPT, key)?))) {
        let (key, resource) = (check.show(key), check.yaml(key));
        let what = format!(
            "{} may not {DECRYPT} with {key}, which encrypts what {} reads",
            role.label, trigger.label
        );
        let finding = check.report_as(&READ_RIGHTS, severity, (&role.label, role.at), what);
        allow(finding, role, &[DECRYPT], &resource);
    }
}

/// The key that encrypts what the mapping reads.
fn key_of<'d>(check: &Check<'d>, mapping: &Mapping, trigger: &Trigger) -> Option<&'d String> {
    match mapping.origin? {
        Origin::Sqs => check.deployment.queue(&trigger.arn)?.key.known(),
        Origin::Kinesis => check.deployment.store(trigger.stream())?.key.known(),
        Origin::Dynamodb | Origin::Kafka | Origin::Mq | Origin::Documentdb => None,
    }
}

/// How grave it is that the role's policies do not allow `action` with the key; `None` if they may. The policy of a key of
/// elsewhere may allow it too.
fn undecided(check: &Check<'_>, role: &Role, action: &str, key: &str) -> Option<Severity> {
    if role.grants(action, key) != Certainty::No {
        return None;
    }
    match check.deployment.key(key) {
        Some(policy) => {
            let admits = policy
                .iter()
                .any(|statement| statement.names(&role.arn, action) != Certainty::No);
            (!admits).then_some(Severity::Error)
        }
        None => Some(Severity::Warning),
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
            Some(Origin::Kafka | Origin::Mq | Origin::Documentdb) | None => &[],
        }
    }
}

fn sending(check: &mut Check<'_>, role: &Role, label: &str, arn: &str) {
    let objects = format!("{arn}/*");
    let needed: &[(&str, &str)] = match arn.split(':').nth(2) {
        Some("sqs") => &[("sqs:SendMessage", arn)],
        Some("sns") => &[("sns:Publish", arn)],
        Some("lambda") => &[("lambda:InvokeFunction", arn)],
        Some("events") => &[("events:PutEvents", arn)],
        Some("s3") => &[("s3:PutObject", &objects), ("s3:ListBucket", arn)],
        _ => return,
    };
    let to = check.show(arn);
    let missing = needed
        .iter()
        .filter(|(action, resource)| role.grants(action, resource) == Certainty::No);
    for (action, resource) in missing {
        let what = format!(
            "{} may not {action} to {to}, where {label} sends failed events",
            role.label
        );
        let resource = check.yaml(resource);
        let finding = check.report(&SEND_RIGHTS, (&role.label, role.at), what);
        allow(finding, role, &[action], &resource);
    }
    let encrypted = [
        check
            .deployment
            .queue(arn)
            .map(|queue| (&queue.key, &[DECRYPT, DATA_KEY][..])),
        check
            .deployment
            .store(arn)
            .map(|store| match arn.contains(":s3:::") {
                true => (&store.key, &[DATA_KEY][..]),
                false => (&store.key, &[DECRYPT, DATA_KEY][..]),
            }),
    ];
    for (key, actions) in encrypted.into_iter().flatten() {
        if let Setting::Known(key) = key {
            encrypting(check, role, (label, &to), key, actions);
        }
    }
}

fn encrypting(check: &mut Check<'_>, role: &Role, (label, to): (&str, &str), key: &str, actions: &[&str]) {
    let undecided = actions
        .iter()
        .filter_map(|action| Some((*action, undecided(check, role, action, key)?)));
    let (missing, severities): (Vec<&str>, Vec<Severity>) = undecided.unzip();
    let Some(severity) = severities.into_iter().min() else {
        return;
    };
    let (key, resource) = (check.show(key), check.yaml(key));
    let what = format!(
        "{} may not {} with {key}, which encrypts {to}, where {label} sends failed events",
        role.label,
        missing.join(", ")
    );
    let finding = check.report_as(&SEND_RIGHTS, severity, (&role.label, role.at), what);
    allow(finding, role, &missing, &resource);
}

/// A name for an inline policy, which no other policy of the role has: of two with one name, the second replaces the first. It says
/// the service, and is the same for the same statement.
fn policy_name(actions: &[&str], resource: &str) -> String {
    let service = actions.first().and_then(|action| action.split(':').next());
    let text = format!("{} {resource}", actions.join(" "));
    // FNV-1a: names must not change with the compiler, as the standard library's hashes may.
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{}-{hash:08x}", service.unwrap_or("allow"))
}

/// Adds the statement that the role's policy lacks. SAM writes the role of a function that has none from its `Policies`.
fn allow(finding: &mut Finding, role: &Role, actions: &[&str], resource: &str) {
    let statement = format!(
        "Effect: Allow\nAction: [{}]\nResource: {resource}",
        actions.join(", ")
    );
    let item = format!("- {}", statement.replace('\n', "\n  "));
    let document = format!("Statement:\n  {}\n", item.replace('\n', "\n  "));
    let own = format!(
        "PolicyName: {}\nPolicyDocument:\n  {}\n",
        policy_name(actions, resource),
        document.trim_end().replace('\n', "\n  ")
    );
    finding
        .paste(item)
        .fix(
            role.at,
            SAM_FUNCTIONS,
            [Edit::append("Properties.Policies", document)],
        )
        .fix(
            role.at,
            &["AWS::IAM::Role"],
            [Edit::append("Properties.Policies", own)],
        );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_added_policy_has_a_name_of_its_own() {
        let name = policy_name(&["sqs:DeleteMessage"], "!GetAtt Q.Arn");
        assert_eq!(name, policy_name(&["sqs:DeleteMessage"], "!GetAtt Q.Arn"));
        assert!(name.starts_with("sqs-") && name.len() == 12, "{name}");
        assert_ne!(name, policy_name(&["sqs:ReceiveMessage"], "!GetAtt Q.Arn"));
        assert_ne!(name, policy_name(&["sqs:DeleteMessage"], "!GetAtt R.Arn"));
    }
}
