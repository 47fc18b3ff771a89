//! `wire events`: an EventBridge rule with the function as its target, and the permissions of both.
//!
//! Follows EventBridge's documents "Using resource-based policies for Amazon EventBridge" and "How EventBridge retries
//! delivering events".

use aws_sdk_eventbridge::Client;

use super::mark::mark;
use super::permission::{Grant, Permission};
use super::plan::Wiring;
use super::queue::Queue;
use super::queue_policy::{QueueStatement, replaced};
use super::rule::{Rule, RuleMatch, RuleName};
use super::target::{FailedDelivery, Target, target_id, targets};
use super::{Function, Slot};
use crate::{Aws, CallContext as _, Failure};

/// The longest name of a rule, less the characters that [`mark`] and the dashes take.
const FUNCTION_PART: usize = 64 - 11;

/// The rule to create.
#[derive(Clone, Debug)]
pub struct RuleOptions {
    /// What the rule matches: a pattern or a schedule.
    pub when: RuleMatch,
    /// The event bus [default: the account's default bus].
    pub bus: Option<String>,
    /// The rule's name [default: derived from the function and the pattern or schedule].
    pub rule: Option<String>,
    /// How often EventBridge retries a failed delivery.
    pub maximum_retry_attempts: i32,
    /// How old an event may be when EventBridge delivers it, in seconds.
    pub maximum_event_age: i32,
    /// The dead-letter queue: its name, URL or ARN.
    pub dead_letter_queue: Option<String>,
}

/// Sends a rule's events to the function.
///
/// # Errors
/// If the dead-letter queue cannot be read.
pub async fn wiring(aws: &Aws, function: &Function, wanted: &RuleOptions) -> Result<Wiring, Failure> {
    let rule = RuleName {
        name: rule_name(function, wanted.rule.clone(), wanted.bus.as_deref(), &wanted.when),
        bus: wanted.bus.clone(),
    };
    let queue = match &wanted.dead_letter_queue {
        Some(queue) => Some(Queue::look_up(&aws.sqs(), queue).await?),
        None => None,
    };
    let retry = FailedDelivery {
        maximum_retry_attempts: wanted.maximum_retry_attempts,
        maximum_event_age: wanted.maximum_event_age,
        dead_letter_queue: queue.as_ref().map(|queue| queue.arn.to_string()),
    };
    let mut wiring = Wiring::new(format!("rule {} → function {}", rule.name, function.label()))
        .with(Rule::new(aws, function, rule.clone(), Some(wanted.when.clone())))
        .with(permission(aws, function, &rule));
    let replaced = replaced(aws, &earlier_queue(aws, function, &rule).await?, queue.as_ref()).await?;
    wiring = wiring.without(replaced.map(|queue| statement(aws, function, &rule, queue)));
    wiring = match queue {
        Some(queue) => wiring.with(statement(aws, function, &rule, queue)),
        None => wiring.note("no dead-letter queue: EventBridge drops events that it cannot deliver"),
    };
    Ok(wiring.with(Target::new(aws, function, rule, retry)))
}

/// The resources that this command created between the bus's rules and the function: all of them, or those of this rule.
///
/// # Errors
/// If rules or targets cannot be listed.
pub async fn unwiring(
    aws: &Aws,
    function: &Function,
    bus: Option<String>,
    rule: Option<String>,
    when: Option<RuleMatch>,
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
        let retry = FailedDelivery {
            maximum_retry_attempts: 0,
            maximum_event_age: 0,
            dead_letter_queue: queue.map(str::to_owned),
        };
        wiring = wiring
            .with(Rule::new(aws, function, rule.clone(), None).staying(others))
            .with(permission(aws, function, &rule));
        if let Some(queue) = queue {
            // The queue's policy was deleted with the queue.
            if let Some(queue) = Queue::if_there(&aws.sqs(), queue).await? {
                wiring = wiring.with(statement(aws, function, &rule, queue));
            }
        }
        wiring = wiring.with(Target::new(aws, function, rule, retry));
    }
    Ok(wiring)
}

/// The ARN of the dead-letter queue that the rule's target has now, or nothing.
///
/// # Errors
/// If the rule's targets cannot be listed.
async fn earlier_queue(aws: &Aws, function: &Function, rule: &RuleName) -> Result<String, Failure> {
    let found = targets(&aws.eventbridge(), rule).await?;
    let ours = found.iter().find(|target| target.id() == target_id(function));
    let queue = ours.and_then(|target| target.dead_letter_config()?.arn());
    Ok(queue.unwrap_or_default().to_owned())
}

/// Lists the rules of a bus that invoke the function.
///
/// # Errors
/// If the rules cannot be listed.
pub async fn rules(client: &Client, function: &Function, bus: Option<&str>) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    let mut next = None;
    loop {
        let call = client
            .list_rule_names_by_target()
            .target_arn(function.target())
            .set_event_bus_name(bus.map(str::to_owned))
            .set_next_token(next);
        let answer = call.send().await.call_context(
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

/// `switchboard-FUNCTION-HASH`: equal patterns or schedules get equal names.
fn rule_name(function: &Function, given: Option<String>, bus: Option<&str>, when: &RuleMatch) -> String {
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
    QueueStatement::new(aws, queue, mark("events", &[&arn]), "events.amazonaws.com", arn)
}
