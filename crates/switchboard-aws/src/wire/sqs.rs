//! `wire sqs`: the event source mapping of a queue.
//!
//! Follows Lambda's document "Using Lambda with Amazon SQS".

use aws_sdk_sqs::types::QueueAttributeName;

use super::mapping::{Mapping, PolledSource, Settings};
use super::mark::mark;
use super::plan::Wiring;
use super::queue::Queue;
use super::role::{self, RequiredAccess};
use super::{Function, Slot};
use crate::{Aws, Failure};

/// AWS recommends six times the timeout: a message must stay hidden while the function may be processing it, including
/// throttled calls.
const VISIBILITY_TIMEOUTS: u64 = 6;

/// Sends a queue to the function.
///
/// # Errors
/// If the queue cannot be read, or if its visibility timeout is shorter than the function's timeout.
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
        return Err(Failure::new(format!(
            "Lambda refuses queue {name}: its visibility timeout of {visible} s is shorter than function {}'s timeout of {timeout} s",
            function.label()
        ))
        .advise(set(advised)));
    }
    let needed = [RequiredAccess {
        actions: &[
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ],
        resource: arn.clone(),
    }];
    let advice = role::advice(function, &mark("sqs", &[&function.target(), &arn]), &needed);
    let source = PolledSource::Arn(Slot::of("the queue's ARN", arn));
    let mapping = Mapping::new(aws, function, format!("queue {name}"), source, settings, advice);
    let mut wiring = Wiring::new(format!("queue {name} → function {}", function.label()))
        .with(mapping)
        .note(role::note(function, &needed));
    if visible < advised {
        let command = set(advised);
        wiring = wiring.note(format!(
            "the queue's visibility timeout is {visible} s; AWS recommends six times the function's timeout of {timeout} s:\n    {command}"
        ));
    }
    if !queue.attributes.contains_key(&QueueAttributeName::RedrivePolicy) {
        wiring = wiring
            .note("the queue has no dead-letter queue: SQS redelivers a failing message until it expires");
    }
    Ok(wiring)
}

/// The resources that this command created between the queue and the function.
///
/// # Errors
/// If the queue cannot be read.
pub async fn unwiring(aws: &Aws, function: &Function, queue: &str) -> Result<Wiring, Failure> {
    let queue = Queue::look_up(&aws.sqs(), queue).await?;
    let name = format!("queue {}", queue.arn.resource);
    let source = PolledSource::Arn(Slot::of("the queue's ARN", queue.arn.to_string()));
    let mapping = Mapping::new(
        aws,
        function,
        name.clone(),
        source,
        Settings::default(),
        String::new(),
    );
    Ok(Wiring::new(format!("{name} → function {}", function.label())).with(mapping))
}
