//! Roles that allow too much: `SB0405`.

use super::catalogue::WIDE_ROLE;
use super::check::Check;
use crate::doctor::deployment::Statement;

/// Services whose resources a policy can name.
const NAMEABLE: &[&str] = &[
    "dynamodb",
    "events",
    "execute-api",
    "firehose",
    "kinesis",
    "kms",
    "lambda",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "states",
];

/// Prefixes of actions of these services that apply to the account instead of a resource.
const OF_ACCOUNT: &[&str] = &["list", "describe", "getaccount", "getrandom", "generaterandom"];

pub(super) fn check(check: &mut Check<'_>) {
    let Some(role) = &check.function.role else { return };
    for statement in &role.statements {
        if let Some(what) = wide(statement) {
            let what = format!("{} allows {}", role.label, check.show(&what));
            check.report(&WIDE_ROLE, (&role.label, statement.at.or(role.at)), what);
        }
    }
    for (name, at) in role.managed.iter().filter(|(name, _)| is_wide_policy(name)) {
        let what = format!("{} has the AWS managed policy {name}", role.label);
        check.report(&WIDE_ROLE, (&role.label, at.or(role.at)), what);
    }
}

fn wide(statement: &Statement) -> Option<String> {
    if !statement.allows || !statement.is_plain() || statement.conditional {
        return None;
    }
    let (actions, resources) = (&statement.actions.texts, &statement.resources.texts);
    let resource = resources.iter().find(|resource| is_every(resource));
    let action = actions.iter().find(|action| {
        let (service, action) = action.split_once(':').unwrap_or(("", action));
        action == "*" || (resource.is_some() && needs_resource(service, action))
    })?;
    Some(match resource {
        Some(resource) => format!("{action} on {resource}"),
        None => format!("{action} on {}", resources.join(", ")),
    })
}

fn needs_resource(service: &str, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let of_account = OF_ACCOUNT.iter().any(|start| action.starts_with(start));
    NAMEABLE.contains(&service) && !of_account
}

/// `*`, or every resource of a service, such as `arn:aws:sqs:*:*:*`.
fn is_every(resource: &str) -> bool {
    let mut parts = resource.splitn(6, ':');
    resource == "*" || (parts.next() == Some("arn") && parts.nth(4) == Some("*"))
}

fn is_wide_policy(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.ends_with("FullAccess") || matches!(name, "AdministratorAccess" | "PowerUserAccess")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::deployment::Patterns;

    fn found(action: &str, resource: &str) -> Option<String> {
        wide(&Statement {
            allows: true,
            actions: Patterns::of(vec![action.to_owned()]),
            resources: Patterns::of(vec![resource.to_owned()]),
            ..Statement::default()
        })
    }

    #[test]
    fn wildcards_are_wide_where_something_could_be_named() {
        assert!(found("*", "*").is_some());
        assert!(found("sqs:*", "arn:aws:sqs:eu-west-1:123456789012:orders").is_some());
        assert!(found("sqs:SendMessage", "*").is_some());
        assert!(found("s3:GetObject", "arn:aws:s3:::*").is_some());
        assert!(found("sqs:SendMessage", "arn:aws:sqs:*:*:*").is_some());
        assert_eq!(found("xray:PutTraceSegments", "*"), None);
        assert_eq!(found("cloudwatch:PutMetricData", "*"), None);
        assert_eq!(found("dynamodb:ListStreams", "*"), None);
        assert_eq!(found("s3:GetObject", "arn:aws:s3:::bucket/*"), None);
    }
}
