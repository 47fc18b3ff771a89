//! What the function's role has to allow: Lambda reads streams and queues, and reports failures, with the function's rights.

use serde_json::{Value, json};

use super::Function;

/// Rights on one resource.
#[derive(Clone, Debug)]
pub(crate) struct Needed {
    pub(crate) actions: &'static [&'static str],
    pub(crate) resource: String,
}

/// The statement for what is reported to a destination on failure, by the kind of its ARN.
pub(crate) fn destination(arn: &str) -> Needed {
    let (actions, suffix): (&[&str], _) = match arn.split(':').nth(2) {
        Some("sns") => (&["sns:Publish"], ""),
        Some("s3") => (&["s3:PutObject", "s3:ListBucket"], "*"),
        _ => (&["sqs:SendMessage"], ""),
    };
    Needed {
        actions,
        resource: format!("{arn}{suffix}"),
    }
}

/// What the plan says of the role.
pub(crate) fn note(function: &Function, needed: &[Needed]) -> String {
    let rights: Vec<String> = needed
        .iter()
        .map(|one| format!("    {} on {}", one.actions.join(", "), one.resource))
        .collect();
    format!(
        "the function's role {} has to allow\n{}",
        function.role_name(),
        rights.join("\n")
    )
}

/// What to do when it does not: a command that can be pasted into a shell.
pub(crate) fn advice(function: &Function, policy_name: &str, needed: &[Needed]) -> String {
    let statements: Vec<Value> = needed
        .iter()
        .map(|one| json!({"Effect": "Allow", "Action": one.actions, "Resource": one.resource}))
        .collect();
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    format!(
        "the function's role lacks rights; where the role is not made by a template, this gives them:\n  \
         aws iam put-role-policy --role-name {} --policy-name {policy_name} --policy-document '{policy}'",
        function.role_name()
    )
}
