//! Who may invoke the function, and who may send to the queues of rules: `SB0403`, `SB0404`, `SB0406`.

use super::catalogue::{INVOKE_RIGHTS, QUEUE_RIGHTS, WIDE_PERMISSION};
use super::check::Check;
use crate::doctor::deployment::{Invoker, Permission, Setting, Trigger, TriggerKind, any, same_qualifier};
use crate::doctor::text::{Certainty, covers, is_known};

const EVENTS: &str = "events.amazonaws.com";

pub(super) fn check(check: &mut Check<'_>) {
    invokers(check);
    queues(check);
    for permission in &check.function.permissions {
        if let Some(what) = wide(permission) {
            let what = format!("{} lets {what} invoke {}", permission.label, check.function.label);
            check.report(&WIDE_PERMISSION, (&permission.label, permission.at), what).paste(
                "SourceArn: !GetAtt Source.Arn   # of the one resource that may invoke\nSourceAccount: !Ref AWS::AccountId",
            );
        }
    }
}

fn invokers(check: &mut Check<'_>) {
    if check.deployment.unread.iter().any(|unread| unread.permits) {
        return;
    }
    let permissions = &check.function.permissions;
    let refused = check.first_of_each(|trigger| {
        let Invoker::Service(invoker) = trigger.invoker else {
            return None;
        };
        let admitted = any(permissions
            .iter()
            .map(|permission| admits(permission, invoker, trigger)));
        (admitted == Certainty::No).then_some(invoker)
    });
    for (trigger, invoker) in refused {
        let label = &check.function.label;
        let of = match trigger.qualifier.as_str() {
            "" => label.clone(),
            qualifier => format!("{label} as {}", check.show(qualifier)),
        };
        let what = format!("nothing allows {invoker} to invoke {of} for {}", trigger.label);
        let arn = check.show(&trigger.arn);
        let name = match trigger.qualifier.as_str() {
            "" => format!("!Ref {label}"),
            qualifier => format!("!Sub '${{{label}}}:{}'", check.show(qualifier)),
        };
        let finding = check.report(&INVOKE_RIGHTS, trigger.here(), what);
        finding.paste(format!(
            "{label}Permission:\n  Type: AWS::Lambda::Permission\n  Properties:\n    FunctionName: {name}\n    Action: lambda:InvokeFunction\n    Principal: {invoker}\n    SourceArn: !Sub '{arn}'"
        ));
    }
}

fn admits(permission: &Permission, invoker: &str, trigger: &Trigger) -> Certainty {
    if permission.url.is_some() {
        return Certainty::No;
    }
    let qualifier = same_qualifier(&permission.qualifier, &trigger.qualifier);
    if qualifier == Certainty::No {
        return Certainty::No;
    }
    if permission.principal != invoker && permission.principal != "*" {
        return if is_known(&permission.principal) {
            Certainty::No
        } else {
            Certainty::Open
        };
    }
    match &permission.source_arn {
        Setting::Absent => qualifier,
        Setting::Known(arn) if !trigger.arn.is_empty() && covers(arn, &trigger.arn) == Certainty::No => {
            Certainty::No
        }
        _ => Certainty::Open,
    }
}

/// Whom the permission admits other than a single source.
fn wide(permission: &Permission) -> Option<String> {
    let Permission {
        principal,
        source_arn,
        source_account,
        ..
    } = permission;
    if permission.url.is_some() || permission.narrowed {
        return None;
    }
    let is_service = principal.contains(".amazonaws.com") || principal.ends_with(".amazon.com");
    match (source_arn.is_absent(), source_account.is_absent()) {
        (true, true) if principal == "*" => Some("everyone".to_owned()),
        (true, true) if is_service => Some(format!("{principal} in every account")),
        // A bucket's ARN does not name its account.
        (false, true) if principal == "s3.amazonaws.com" => {
            Some("a bucket of this name in any account (no SourceAccount)".to_owned())
        }
        _ => None,
    }
}

fn queues(check: &mut Check<'_>) {
    let function = check.function;
    for trigger in &function.triggers {
        let TriggerKind::Rule(target) = &trigger.kind else {
            continue;
        };
        let queue = target
            .dead_letters
            .known()
            .and_then(|arn| check.deployment.queue(arn));
        let Some((queue, policy)) = queue.and_then(|queue| Some((queue, queue.policy.as_ref()?))) else {
            continue;
        };
        let admitted = policy
            .iter()
            .map(|statement| statement.admits(EVENTS, "sqs:SendMessage", &queue.arn));
        if any(admitted) == Certainty::No {
            let what = format!(
                "no policy of {} lets {EVENTS} send for {}",
                queue.label, trigger.label
            );
            let (label, rule) = (&queue.label, &trigger.label);
            check.report(&QUEUE_RIGHTS, (label, queue.at), what).paste(format!(
                "{label}Policy:\n  Type: AWS::SQS::QueuePolicy\n  Properties:\n    Queues: [!Ref {label}]\n    PolicyDocument:\n      Statement:\n        - Effect: Allow\n          Principal: {{ Service: {EVENTS} }}\n          Action: sqs:SendMessage\n          Resource: !GetAtt {label}.Arn\n          Condition: {{ ArnEquals: {{ 'aws:SourceArn': !GetAtt {rule}.Arn }} }}"
            ));
        }
    }
}
