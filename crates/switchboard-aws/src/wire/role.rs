//! The permissions that the function's role needs: Lambda reads streams and queues and reports failures with that role.

use serde_json::{Value, json};

use super::Function;

/// Actions on one resource that the role must allow.
#[derive(Clone, Debug)]
pub(super) struct RequiredAccess {
    pub actions: &'static [&'static str],
    pub resource: String,
}

/// The actions that a failure destination requires, by the service in its ARN.
pub(super) fn destination(arn: &str) -> Vec<RequiredAccess> {
    let on = |actions, resource: String| RequiredAccess { actions, resource };
    match arn.split(':').nth(2) {
        Some("sns") => vec![on(&["sns:Publish"], arn.to_owned())],
        Some("s3") => vec![
            on(&["s3:ListBucket"], arn.to_owned()),
            on(&["s3:PutObject"], format!("{arn}/*")),
        ],
        _ => vec![on(&["sqs:SendMessage"], arn.to_owned())],
    }
}

/// The plan's note about the role.
pub(super) fn note(function: &Function, needed: &[RequiredAccess]) -> String {
    format!(
        "the function's role {} must allow\n{}",
        function.role_name(),
        lines(needed)
    )
}

/// The actions for display, a line for each resource.
pub(super) fn lines(needed: &[RequiredAccess]) -> String {
    let line = |one: &RequiredAccess| format!("    {} on {}", one.actions.join(", "), one.resource);
    needed.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What to do if the role lacks permissions: a command to paste into a shell.
pub(super) fn advice(function: &Function, policy_name: &str, needed: &[RequiredAccess]) -> String {
    let statements: Vec<Value> = needed
        .iter()
        .map(|one| json!({"Effect": "Allow", "Action": one.actions, "Resource": one.resource}))
        .collect();
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    format!(
        "the function's role lacks permissions; unless a template manages the role, add them with\n  \
         aws iam put-role-policy --role-name {} --policy-name {policy_name} --policy-document '{policy}'",
        function.role_name()
    )
}
