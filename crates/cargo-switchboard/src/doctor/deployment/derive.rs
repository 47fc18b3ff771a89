//! Triggers that are known only by a permission to invoke the function: a topic, a load balancer, a bucket of another template.

use switchboard::source::Source;

use super::{Function, Permission, Trigger, TriggerKind};

/// What each service sends when it invokes a function, if that is always the same, and whether it invokes asynchronously.
const SERVICES: &[(&str, Option<Source>, bool)] = &[
    ("s3.amazonaws.com", Some(Source::S3), true),
    ("sns.amazonaws.com", Some(Source::Sns), true),
    ("ses.amazonaws.com", Some(Source::Ses), true),
    ("logs.amazonaws.com", Some(Source::CloudwatchLogs), true),
    ("config.amazonaws.com", Some(Source::Config), true),
    ("codecommit.amazonaws.com", Some(Source::Codecommit), true),
    (
        "lambda.alarms.cloudwatch.amazonaws.com",
        Some(Source::CloudwatchAlarm),
        true,
    ),
    // A rule's target may replace the event with anything.
    ("events.amazonaws.com", None, true),
    ("iot.amazonaws.com", None, true),
    ("elasticloadbalancing.amazonaws.com", Some(Source::Alb), false),
    ("cognito-idp.amazonaws.com", Some(Source::Cognito), false),
    (
        "secretsmanager.amazonaws.com",
        Some(Source::SecretsmanagerRotation),
        false,
    ),
    ("bedrock.amazonaws.com", Some(Source::BedrockAgent), false),
    ("alexa-appkit.amazon.com", Some(Source::Alexa), false),
];

/// Adds the triggers that have a permission but no resource.
pub(crate) fn derive(function: &mut Function) {
    let seen = |triggers: &[Trigger], principal: &str| {
        triggers.iter().any(|trigger| trigger.invoker == Some(principal))
    };
    for permission in &function.permissions {
        let is_known = permission.url_only || seen(&function.triggers, &permission.principal);
        if !is_known {
            function.triggers.push(trigger(permission));
        }
    }
}

fn trigger(permission: &Permission) -> Trigger {
    let known = SERVICES
        .iter()
        .find(|(principal, ..)| *principal == permission.principal);
    let (invoker, source, asynchronous) = match known {
        Some((principal, source, asynchronous)) => (Some(*principal), *source, *asynchronous),
        // An API without routes in the deployment, an account, or anything else.
        None => (None, None, false),
    };
    Trigger {
        label: permission.label.clone(),
        at: permission.at,
        arn: permission.source_arn.known().cloned().unwrap_or_default(),
        invoker,
        kind: TriggerKind::Other { source, asynchronous },
    }
}
