//! `wire sqs`: the mapping of a queue.
//!
//! As Lambda's document "Using Lambda with Amazon SQS" has it.

use aws_sdk_sqs::types::QueueAttributeName;

use super::mapping::{Mapping, Settings};
use super::mark::mark;
use super::plan::Wiring;
use super::queue::Queue;
use super::role::{self, Needed};
use super::{Function, Slot};
use crate::{Aws, Failure};

/// What AWS advises: a message is not to come back while the function may still be at it, throttled calls included.
const VISIBILITY_TIMEOUTS: u64 = 6;

/// A queue to the function.
///
/// # Errors
/// When the queue cannot be looked at, or makes messages visible again before the function can be done.
pub async fn wiring(
    aws: &Aws,
    function: &Function,
    queue: &str,
    settings: Settings,
) -> Result<Wiring, Failure> {
    let queue = Queue::look_up(&aws.sqs(), queue).await?;
    let (name, arn) = (queue.arn.resource.clone(), queue.arn.to_string());
    let visible = queue.number(&QueueAttributeName::VisibilityTimeout).unwrap_or(30);
    let timeout = function.timeout.as_secs();
    let set = |seconds: u64| {
        let url = &queue.url;
        format!("aws sqs set-queue-attributes --queue-url {url} --attributes VisibilityTimeout={seconds}")
    };
    let advised = VISIBILITY_TIMEOUTS * timeout;
    if visible < timeout {
        return Err(Failure::own(format!(
            "queue {name} shows a message again after {visible} s, but function {} may take {timeout} s: Lambda refuses that",
            function.label()
        ))
        .advise(set(advised)));
    }
    let needed = [Needed {
        actions: &[
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ],
        resource: arn.clone(),
    }];
    let advice = role::advice(function, &mark("sqs", &[&function.target(), &arn]), &needed);
    let arn = Slot::of("the queue's ARN", arn);
    let mapping = Mapping::new(aws, function, format!("queue {name}"), arn, settings, advice);
    let mut wiring = Wiring::new(format!("queue {name} → function {}", function.label()))
        .with(mapping)
        .note(role::note(function, &needed));
    if visible < advised {
        let command = set(advised);
        wiring = wiring.note(format!(
            "the queue shows a message again after {visible} s; AWS advises six times the function's {timeout} s:\n    {command}"
        ));
    }
    if !queue.attributes.contains_key(&QueueAttributeName::RedrivePolicy) {
        wiring = wiring
            .note("the queue has no dead-letter queue: a message that always fails comes until it expires");
    }
    Ok(wiring)
}

/// What this command made between the queue and the function.
///
/// # Errors
/// When the queue cannot be looked at.
pub async fn unwiring(aws: &Aws, function: &Function, queue: &str) -> Result<Wiring, Failure> {
    let queue = Queue::look_up(&aws.sqs(), queue).await?;
    let name = format!("queue {}", queue.arn.resource);
    let arn = Slot::of("the queue's ARN", queue.arn.to_string());
    let mapping = Mapping::new(
        aws,
        function,
        name.clone(),
        arn,
        Settings::default(),
        String::new(),
    );
    Ok(Wiring::new(format!("{name} → function {}", function.label())).with(mapping))
}
