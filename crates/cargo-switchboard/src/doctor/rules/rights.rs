//! The permissions that the function's role requires: `SB0401`, `SB0402`.

use super::catalogue::{READ_RIGHTS, Rule, SEND_RIGHTS, Severity};
use super::check::{Check, Finding};
use super::fix::{Edit, ROLES, SAM_FUNCTIONS};
use crate::doctor::deployment::{Access, Mapping, Origin, Role, Setting, Trigger};
use crate::doctor::place::Place;

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
    let source = check.show(&trigger.arn);
    let needed = Needed {
        rule: &READ_RIGHTS,
        actions: mapping.reading(&trigger.arn),
        resource: &trigger.arn,
        purpose: format!("on {source}, which {} reads", trigger.label),
        waiting: trigger.at,
    };
    needed.check(check, role);
    if let Some(key) = key_of(check, mapping, trigger) {
        let needed = Needed {
            rule: &READ_RIGHTS,
            actions: &[DECRYPT],
            resource: key,
            purpose: format!(
                "with {}, which encrypts what {} reads",
                check.show(key),
                trigger.label
            ),
            waiting: trigger.at,
        };
        needed.check(check, role);
    }
}

/// Rights that a role needs on a resource.
struct Needed<'n> {
    rule: &'static Rule,
    actions: &'n [&'n str],
    resource: &'n str,
    /// What a finding says after the actions.
    purpose: String,
    /// What may only be created when the role has the rights.
    waiting: Option<Place>,
}

impl Needed<'_> {
    /// Reports what the role lacks. One statement can add what is missing, but not what is denied.
    fn check(&self, check: &mut Check<'_>, role: &Role) {
        let deployment = check.deployment;
        let answers = self.actions.iter();
        let answers = answers.map(|action| (*action, deployment.access(role, action, self.resource)));
        let answers: Vec<(&str, Access)> = answers.collect();
        let of = |pick: &dyn Fn(Access) -> bool| -> Vec<&str> {
            let picked = answers.iter().filter(|(_, access)| pick(*access));
            picked.map(|(action, _)| *action).collect()
        };
        let missing = of(&|access| matches!(access, Access::Missing { .. }));
        let certain = of(&|access| access == Access::Missing { certain: true });
        let severity = match certain.iter().all(|action| LISTS.contains(action)) {
            true => Severity::Warning,
            false => Severity::Error,
        };
        if !missing.is_empty() {
            let what = self.what(role, &missing, "");
            let resource = check.yaml(self.resource);
            let finding = check.report_as(self.rule, severity, (&role.label, role.at), what);
            allow(finding, role, &missing, &resource, self.waiting);
        }
        let withheld = of(&|access| access == Access::Withheld);
        if !withheld.is_empty() {
            let because = ": the key's policy allows it neither this role nor the account";
            let what = self.what(role, &withheld, because);
            let finding = check.report(self.rule, (&role.label, role.at), what);
            finding.paste(format!(
                "# in the KeyPolicy:\n- Effect: Allow\n  Principal: {{ AWS: !GetAtt {}.Arn }}\n  Action: [{}]\n  Resource: '*'",
                role.label,
                withheld.join(", ")
            ));
        }
        for (action, access) in &answers {
            if let Access::Denied(at) = access {
                let what = self.what(role, &[*action], ": a statement denies it");
                check.report(self.rule, (&role.label, at.or(role.at)), what);
            }
        }
    }

    fn what(&self, role: &Role, actions: &[&str], because: &str) -> String {
        let (actions, purpose) = (actions.join(", "), &self.purpose);
        format!("{} may not {actions} {purpose}{because}", role.label)
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
    for (action, resource) in needed {
        let needed = Needed {
            rule: &SEND_RIGHTS,
            actions: &[action],
            resource,
            purpose: format!("to {to}, where {label} sends failed events"),
            waiting: None,
        };
        needed.check(check, role);
    }
    let deployment = check.deployment;
    let queue = deployment.queue(arn).map(|queue| &queue.key);
    let key = queue.or_else(|| deployment.store(arn).map(|store| &store.key));
    let Some(Setting::Known(key)) = key else { return };
    let needed = Needed {
        rule: &SEND_RIGHTS,
        actions: match arn.contains(":s3:::") {
            true => &[DATA_KEY],
            false => &[DECRYPT, DATA_KEY],
        },
        resource: key,
        purpose: format!(
            "with {}, which encrypts {to}, where {label} sends failed events",
            check.show(key)
        ),
        waiting: None,
    };
    needed.check(check, role);
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

/// Adds the statement that the role's policies lack. SAM writes the role of a function that has none from its `Policies`. A
/// policy of its own may refer to what refers to the role: what needs it waits for it.
fn allow(finding: &mut Finding, role: &Role, actions: &[&str], resource: &str, waiting: Option<Place>) {
    let statement = format!(
        "Effect: Allow\nAction: [{}]\nResource: {resource}",
        actions.join(", ")
    );
    let item = format!("- {}", statement.replace('\n', "\n  "));
    let document = format!("Statement:\n  {}\n", item.replace('\n', "\n  "));
    let name = policy_name(actions, resource);
    let inline = format!(
        "PolicyName: {name}\nPolicyDocument:\n  {}\n",
        document.trim_end().replace('\n', "\n  ")
    );
    let separate = format!(
        "Type: AWS::IAM::Policy\nProperties:\n  {}\n  Roles: [!Ref {}]\n",
        inline.trim_end().replace('\n', "\n  "),
        role.label
    );
    let id = format!("{}{}", role.label, capitalized(&name));
    let add = Edit::add(&*id, separate);
    let wait = waiting.map(|at| Edit::wait(at, &*id));
    let edits: Vec<Edit> = std::iter::once(add).chain(wait).collect();
    let append = |policy: &str| [Edit::append("Properties.Policies", policy)];
    finding
        .paste(item)
        .fix(role.at, SAM_FUNCTIONS, append(&document))
        .fix(role.at, &["AWS::IAM::Role"], append(&inline))
        .fix(role.at, ROLES, edits);
}

/// `sqs-0123abcd` as a part of a logical id.
fn capitalized(name: &str) -> String {
    let mut letters = name.chars().filter(char::is_ascii_alphanumeric);
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
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
