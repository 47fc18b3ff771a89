//! `wire events`: a rule of EventBridge, the function as its target, and what both need.
//!
//! As EventBridge's documents "Using resource-based policies for Amazon EventBridge" and "How EventBridge retries delivering
//! events" have it.

use aws_sdk_eventbridge::Client;

use super::mark::mark;
use super::permission::{Grant, Permission};
use super::plan::Wiring;
use super::queue::Queue;
use super::queue_policy::QueueStatement;
use super::rule::{Rule, RuleName, When};
use super::target::{Retry, Target, target_id, targets};
use super::{Function, Slot};
use crate::{Aws, Failure, Told as _};

/// As long as a rule's name may be, less what [`mark`] and the dashes take.
const FUNCTION_PART: usize = 64 - 11;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// When the rule applies: a pattern, or a schedule.
    pub when: When,
    /// The bus; the account's default one.
    pub bus: Option<String>,
    /// The rule's name, if it is not to be made up.
    pub rule: Option<String>,
    /// How often a failed delivery is tried again.
    pub maximum_retry_attempts: i32,
    /// How old an event may be when it is delivered, in seconds.
    pub maximum_event_age: i32,
    /// Name, URL or ARN.
    pub dead_letter_queue: Option<String>,
}

/// A rule's events to the function.
///
/// # Errors
/// When the dead-letter queue cannot be looked at.
pub async fn wiring(aws: &Aws, function: &Function, wanted: &Wanted) -> Result<Wiring, Failure> {
    let rule = RuleName {
        name: rule_name(function, wanted.rule.clone(), wanted.bus.as_deref(), &wanted.when),
        bus: wanted.bus.clone(),
    };
    let queue = match &wanted.dead_letter_queue {
        Some(queue) => Some(Queue::look_up(&aws.sqs(), queue).await?),
        None => None,
    };
    let retry = Retry {
        maximum_retry_attempts: wanted.maximum_retry_attempts,
        maximum_event_age: wanted.maximum_event_age,
        dead_letter_queue: queue.as_ref().map(|queue| queue.arn.to_string()),
    };
    let mut wiring = Wiring::new(format!("rule {} → function {}", rule.name, function.label()))
        .with(Rule::new(aws, function, rule.clone(), Some(wanted.when.clone())))
        .with(permission(aws, function, &rule));
    wiring = match queue {
        Some(queue) => wiring.with(statement(aws, function, &rule, queue)),
        None => wiring.note("no dead-letter queue: an event that cannot be delivered is dropped in the end"),
    };
    Ok(wiring.with(Target::new(aws, function, rule, retry)))
}

/// What this command made between rules of the bus and the function: all of it, or what is of this rule.
///
/// # Errors
/// When rules or targets cannot be listed.
pub async fn unwiring(
    aws: &Aws,
    function: &Function,
    bus: Option<String>,
    rule: Option<String>,
    when: Option<When>,
) -> Result<Wiring, Failure> {
    let client = aws.eventbridge();
    let names = match (rule, when) {
        (Some(name), _) => vec![name],
        (None, Some(when)) => vec![rule_name(function, None, bus.as_deref(), &when)],
        (None, None) => rules(&client, function, bus.as_deref()).await?,
    };
    let mut wiring = Wiring::new(format!("rules → function {}", function.label()));
    for name in names {
        let rule = RuleName {
            name,
            bus: bus.clone(),
        };
        let found = targets(&client, &rule).await?;
        let (ours, others): (Vec<_>, Vec<_>) = found
            .iter()
            .partition(|target| target.id() == target_id(function));
        let ours = ours.first();
        let others = (!others.is_empty()).then(|| "it has other targets".to_owned());
        let queue = ours.and_then(|target| target.dead_letter_config()?.arn());
        let retry = Retry {
            maximum_retry_attempts: 0,
            maximum_event_age: 0,
            dead_letter_queue: queue.map(str::to_owned),
        };
        wiring = wiring
            .with(Rule::new(aws, function, rule.clone(), None).staying(others))
            .with(permission(aws, function, &rule));
        if let Some(queue) = queue {
            match Queue::look_up(&aws.sqs(), queue).await {
                Ok(queue) => wiring = wiring.with(statement(aws, function, &rule, queue)),
                // Its policy went with it.
                Err(failure) if failure.is_not_found() => {}
                Err(failure) => return Err(failure),
            }
        }
        wiring = wiring.with(Target::new(aws, function, rule, retry));
    }
    Ok(wiring)
}

/// The rules of a bus that invoke the function.
///
/// # Errors
/// When they cannot be listed.
pub async fn rules(client: &Client, function: &Function, bus: Option<&str>) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    let mut next = None;
    loop {
        let call = client
            .list_rule_names_by_target()
            .target_arn(function.target())
            .set_event_bus_name(bus.map(str::to_owned))
            .set_next_token(next);
        let answer = call.send().await.told(
            "events:ListRuleNamesByTarget",
            format!("function {}", function.label()),
        )?;
        names.extend(answer.rule_names.unwrap_or_default());
        next = answer.next_token;
        if next.is_none() {
            return Ok(names);
        }
    }
}

/// `switchboard-FUNCTION-HASH`: the same for the same pattern or schedule.
fn rule_name(function: &Function, given: Option<String>, bus: Option<&str>, when: &When) -> String {
    given.unwrap_or_else(|| {
        let mark = mark(
            "events",
            &[&function.target(), bus.unwrap_or("default"), &when.canonical()],
        );
        let hash = mark.rsplit('-').next().unwrap_or_default();
        let mut name = format!("switchboard-{}", function.label().replace(':', "-"));
        name.truncate(FUNCTION_PART);
        format!("{name}-{hash}")
    })
}

fn permission(aws: &Aws, function: &Function, rule: &RuleName) -> Permission {
    let arn = rule.arn(function);
    let sid = mark("events", &[&function.target(), &arn]);
    let grant = Grant::service("events.amazonaws.com", Slot::of("the rule's ARN", arn));
    Permission::new(aws, function, sid, grant)
}

fn statement(aws: &Aws, function: &Function, rule: &RuleName, queue: Queue) -> QueueStatement {
    let arn = rule.arn(function);
    QueueStatement::new(aws, queue, mark("events", &[&arn]), arn)
}
