//! A function that triggers itself: `SB0203`.

use super::catalogue::RECURSION;
use super::check::Check;
use crate::doctor::deployment::{Notification, Role, Statement, Trigger, TriggerKind};
use crate::doctor::text::{Certainty, covers};

/// Types of notifications, and the actions that cause them.
const ACTIONS: &[(&str, &str)] = &[
    ("s3:ObjectCreated:", "s3:PutObject"),
    ("s3:ObjectTagging:", "s3:PutObjectTagging"),
    ("s3:ObjectAcl:", "s3:PutObjectAcl"),
];

pub(super) fn check(check: &mut Check<'_>) {
    let Some(role) = &check.function.role else { return };
    let loops = check.first_of_each(|trigger| match &trigger.kind {
        TriggerKind::Bucket(notification) if notification.known => looping(role, trigger, notification),
        _ => None,
    });
    for (trigger, action) in loops {
        let what = format!(
            "{} notifies the function about objects that {} changes with {action}",
            check.function.label, role.label
        );
        check.report(&RECURSION, trigger.here(), what);
    }
}

/// The action by which the role would trigger the function.
fn looping(role: &Role, trigger: &Trigger, notification: &Notification) -> Option<&'static str> {
    let objects = format!("{}/{}*{}", trigger.arn, notification.prefix, notification.suffix);
    let (_, action) = ACTIONS.iter().find(|(event, action)| {
        let told = notification.events.iter().any(|told| told.starts_with(event));
        let mut statements = role.statements.iter();
        told && statements.any(|statement| names(statement, action, &trigger.arn, &objects))
            && role.decision(action, &objects).denied.is_none()
    })?;
    Some(action)
}

/// Whether the statement names this bucket. A statement for all buckets does not show what the function does.
fn names(statement: &Statement, action: &str, bucket: &str, objects: &str) -> bool {
    let (bucket, objects) = (bare(bucket), bare(objects));
    let meant = |resource: &String| {
        let resource = bare(resource);
        resource.starts_with(bucket) && covers(resource, objects) == Certainty::Yes
    };
    let mut actions = statement.actions.texts.iter();
    let does = actions.any(|pattern| covers(pattern, action) == Certainty::Yes);
    let certain = statement.allows && !statement.conditional && statement.is_plain();
    certain && does && statement.resources.texts.iter().any(meant)
}

/// Without the partition, which a template may spell out or not.
fn bare(arn: &str) -> &str {
    arn.split_once(":s3:::").map_or(arn, |(_, name)| name)
}
