//! Who may invoke the function, and who may send to the queues of rules: `SB0403`, `SB0404`, `SB0406`.

use super::catalogue::{INVOKE_RIGHTS, QUEUE_RIGHTS, WIDE_PERMISSION};
use super::check::Check;
use super::fix::{Edit, FUNCTIONS, QUEUES};
use crate::doctor::deployment::{Invoker, Permission, Setting, Trigger, TriggerKind, any, same_qualifier};
use crate::doctor::text::{Certainty, covers, is_known};

const EVENTS: &str = "events.amazonaws.com";
/// The methods that a route for any method takes.
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
/// The services whose permission may be created after what invokes the function.
const FIXED: [&str; 3] = [EVENTS, "sns.amazonaws.com", "apigateway.amazonaws.com"];

pub(super) fn check(check: &mut Check<'_>) {
    invokers(check);
    queues(check);
    for permission in &check.function.permissions {
        if let Some(what) = wide(permission) {
            let what = format!("{} lets {what} invoke {}", permission.label, check.function.label);
            // A bucket of the template is in the same account.
            let bucket = permission.source_arn.known();
            let is_own = permission.principal == "s3.amazonaws.com"
                && bucket.is_some_and(|arn| check.deployment.store(arn).is_some());
            let finding = check.report(&WIDE_PERMISSION, (&permission.label, permission.at), what);
            finding.paste(
                "SourceArn: !GetAtt Source.Arn   # of the one resource that may invoke\nSourceAccount: !Ref AWS::AccountId",
            );
            if is_own {
                finding.fix(
                    permission.at,
                    &["AWS::Lambda::Permission"],
                    [Edit::set("Properties.SourceAccount", "!Ref AWS::AccountId")],
                );
            }
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
        (!is_admitted(permissions, invoker, trigger)).then_some(invoker)
    });
    let at = check.function.at;
    for (trigger, invoker) in refused {
        let label = &check.function.label;
        let of = match trigger.qualifier.as_str() {
            "" => label.clone(),
            qualifier => format!("{label} as {}", check.show(qualifier)),
        };
        let what = match trigger.operation.is_empty() {
            true => format!("nothing allows {invoker} to invoke {of} for {}", trigger.label),
            false => format!(
                "nothing allows {invoker} to invoke {of} for {} of {}",
                route(&check.show(&trigger.operation)),
                trigger.label
            ),
        };
        let arn = check.yaml(&trigger.source_arn());
        let name = match trigger.qualifier.as_str() {
            "" => format!("!Ref {label}"),
            qualifier => match check.function.alias(qualifier) {
                // What refers to it waits until it is created.
                Some(alias) => format!("!Ref {alias}"),
                None => format!("!Sub '${{{label}}}:{}'", check.show(qualifier)),
            },
        };
        let finding = check.report(&INVOKE_RIGHTS, trigger.here(), what);
        let permission = format!(
            "Type: AWS::Lambda::Permission\nProperties:\n  FunctionName: {name}\n  Action: lambda:InvokeFunction\n  Principal: {invoker}\n  SourceArn: {arn}"
        );
        let id = format!("{}Permission", trigger.label);
        finding.paste(format!("{id}:\n  {}", permission.replace('\n', "\n  ")));
        // The permission of a bucket must be there before its notification, which needs an order of creation.
        if FIXED.contains(&invoker) && !trigger.arn.is_empty() {
            finding.fix(at, FUNCTIONS, [Edit::add(id, permission)]);
        }
    }
}

/// Whether a permission may be for the trigger. A route for any method may have one for each.
fn is_admitted(permissions: &[Permission], invoker: &str, trigger: &Trigger) -> bool {
    let by_any = |trigger: &Trigger| {
        let admit = permissions
            .iter()
            .map(|permission| admits(permission, invoker, trigger));
        any(admit) != Certainty::No
    };
    let by_each = || {
        let path = trigger.operation.strip_prefix("*/")?;
        Some(METHODS.iter().all(|method| {
            by_any(&Trigger {
                operation: format!("{method}/{path}"),
                ..trigger.clone()
            })
        }))
    };
    by_any(trigger) || by_each() == Some(true)
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
        Setting::Known(arn) if !trigger.arn.is_empty() && is_apart(arn, trigger) => Certainty::No,
        _ => Certainty::Open,
    }
}

/// Whether the ARN of a permission cannot be that of the trigger.
fn is_apart(arn: &str, trigger: &Trigger) -> bool {
    let own = trigger.source_arn();
    let (Some((api, route)), Some((own_api, own_route))) = (of_api(arn), of_api(&own)) else {
        return covers(arn, &trigger.arn) == Certainty::No;
    };
    if trigger.operation.is_empty() {
        return covers(arn, &trigger.arn) == Certainty::No;
    }
    // A wildcard of a permission may match several parts of a path, but a parameter is one part, whatever it is. Unknown
    // parts of the API's ARN are none of its routes.
    let one = own_route.replace('*', "\u{1}");
    let route = of_any_stage(route);
    covers(api, own_api) == Certainty::No || covers(&route, &one) == Certainty::No
}

/// The ARN of an API, and the stage, method and path in it.
fn of_api(arn: &str) -> Option<(&str, &str)> {
    let (id, _) = arn.match_indices(':').nth(4)?;
    let end = id + arn.get(id..)?.find('/')?;
    Some((arn.get(..end)?, arn.get(end + 1..)?))
}

/// A permission's route for every stage, with wildcards for the parameters of its path.
fn of_any_stage(route: &str) -> String {
    let mut parts: Vec<&str> = route.split('/').collect();
    if parts.iter().all(|part| *part == "*") {
        return "*".to_owned();
    }
    // A single part is for everything, or for a whole stage.
    if parts.len() > 1 {
        parts[0] = "*";
        let path = parts.iter_mut().skip(2).filter(|part| part.contains('{'));
        path.for_each(|part| *part = "*");
    }
    parts.join("/")
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
        let Some(queue) = queue else { continue };
        let admitted = check.deployment.admits(EVENTS, "sqs:SendMessage", &queue.arn);
        if admitted == Some(Certainty::No) {
            let what = format!(
                "no policy of {} lets {EVENTS} send for {}",
                queue.label, trigger.label
            );
            let (label, rule) = (&queue.label, &trigger.label);
            let written = format!(
                "Type: AWS::SQS::QueuePolicy\nProperties:\n  Queues: [!Ref {label}]\n  PolicyDocument:\n    Statement:\n      - Effect: Allow\n        Principal: {{ Service: {EVENTS} }}\n        Action: sqs:SendMessage\n        Resource: !GetAtt {label}.Arn\n        Condition: {{ ArnEquals: {{ 'aws:SourceArn': !GetAtt {rule}.Arn }} }}"
            );
            let id = format!("{label}Policy");
            let is_first = check
                .deployment
                .statements(&queue.arn)
                .is_some_and(<[_]>::is_empty);
            let finding = check.report(&QUEUE_RIGHTS, (label, queue.at), what);
            finding.paste(format!("{id}:\n  {}", written.replace('\n', "\n  ")));
            // A queue has one policy: a second one would replace the first.
            if is_first {
                finding.fix(queue.at, QUEUES, [Edit::add(id, written)]);
            }
        }
    }
}

/// A route as people write it: `GET /orders` for the `GET/orders` of a permission.
fn route(operation: &str) -> String {
    match operation.split_once('/') {
        Some(("*", path)) => format!("ANY /{path}"),
        Some((method, path)) => format!("{method} /{path}"),
        None => operation.to_owned(),
    }
}
