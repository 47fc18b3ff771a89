//! What the function's role has to allow: Lambda reads streams and queues, and reports failures, with the function's rights.

use serde_json::{Value, json};

use super::Function;

/// Rights on one resource.
#[derive(Clone, Debug)]
pub(super) struct Needed {
    pub actions: &'static [&'static str],
    pub resource: String,
}

/// What reporting to a destination on failure takes, by the kind of its ARN.
pub(super) fn destination(arn: &str) -> Vec<Needed> {
    let on = |actions, resource: String| Needed { actions, resource };
    match arn.split(':').nth(2) {
        Some("sns") => vec![on(&["sns:Publish"], arn.to_owned())],
        Some("s3") => vec![
            on(&["s3:ListBucket"], arn.to_owned()),
            on(&["s3:PutObject"], format!("{arn}/*")),
        ],
        _ => vec![on(&["sqs:SendMessage"], arn.to_owned())],
    }
}

/// What the plan says of the role.
pub(super) fn note(function: &Function, needed: &[Needed]) -> String {
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
pub(super) fn advice(function: &Function, policy_name: &str, needed: &[Needed]) -> String {
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
