//! The resources between a topic and the function.

use super::super::function_tag::{FunctionTag, has_tag};
use super::super::mark::mark;
use super::super::permission::{Grant, Permission};
use super::super::plan::Wiring;
use super::super::queue::Queue;
use super::super::queue_policy::{QueueStatement, replaced};
use super::super::{Function, Slot};
use super::settings::{SubscriptionSettings, canonical};
use super::subscription::{Subscription, subscription};
use crate::{Arn, Aws, CallContext as _, Failure};

/// The subscription to create.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionOptions {
    /// The filter policy in JSON [default: every message].
    pub filter_policy: Option<String>,
    /// What the policy is applied to: `MessageAttributes` or `MessageBody`.
    pub filter_scope: String,
    /// The queue for messages that SNS cannot deliver: its name, URL or ARN.
    pub dead_letter_queue: Option<String>,
}

/// Sends a topic, given by its name or ARN, to the function.
///
/// # Errors
/// If the topic or the queue cannot be read, or if the topic is a FIFO topic.
pub async fn wiring(
    aws: &Aws,
    function: &Function,
    topic: &str,
    wanted: &SubscriptionOptions,
) -> Result<Wiring, Failure> {
    let topic = look_up(aws, function, topic).await?;
    let queue = match &wanted.dead_letter_queue {
        Some(queue) => Some(Queue::look_up(&aws.sqs(), queue).await?),
        None => None,
    };
    let settings = SubscriptionSettings {
        filter_policy: canonical(wanted.filter_policy.as_deref().unwrap_or_default()),
        filter_scope: match wanted.filter_policy {
            Some(_) => wanted.filter_scope.clone(),
            // SNS has no scope without a policy.
            None => String::new(),
        },
        dead_letter_queue: queue
            .as_ref()
            .map(|queue| queue.arn.to_string())
            .unwrap_or_default(),
    };
    let earlier = subscribed(aws, function, &topic).await?.dead_letter_queue;
    let replaced = replaced(aws, &earlier, queue.as_ref()).await?;
    let wiring = resources(aws, function, &topic, queue, settings)
        .without(replaced.map(|queue| statement(aws, function, &topic, queue)));
    Ok(match wanted.dead_letter_queue {
        Some(_) => wiring,
        None => wiring.note("no dead-letter queue: SNS drops messages that it cannot deliver"),
    })
}

/// The resources that this command created between the topic and the function.
///
/// # Errors
/// If the topic, its subscriptions or the dead-letter queue cannot be read.
pub async fn unwiring(aws: &Aws, function: &Function, topic: &str) -> Result<Wiring, Failure> {
    let topic = look_up(aws, function, topic).await?;
    let settings = subscribed(aws, function, &topic).await?;
    let queue = match settings.dead_letter_queue.as_str() {
        "" => None,
        // The queue's policy was deleted with the queue.
        arn => Queue::if_there(&aws.sqs(), arn).await?,
    };
    Ok(resources(aws, function, &topic, queue, settings))
}

/// The settings of the subscription as it is; the default without one.
///
/// # Errors
/// If the subscription cannot be read.
async fn subscribed(aws: &Aws, function: &Function, topic: &Arn) -> Result<SubscriptionSettings, Failure> {
    let client = aws.sns(&topic.region);
    match subscription(&client, topic, function).await? {
        Some(arn) => SubscriptionSettings::read(&client, &arn).await,
        None => Ok(SubscriptionSettings::default()),
    }
}

fn resources(
    aws: &Aws,
    function: &Function,
    topic: &Arn,
    queue: Option<Queue>,
    settings: SubscriptionSettings,
) -> Wiring {
    let client = aws.sns(&topic.region);
    let probe = (client.clone(), topic.clone(), function.clone());
    let marked = format!("the subscription to topic {}", topic.resource);
    let tag = FunctionTag::new(aws, function, tag(function, topic), marked, async move || {
        let (client, topic, function) = &probe;
        Ok(subscription(client, topic, function).await?.is_some())
    });
    let subscription = Subscription::new(client, function, topic, settings, tag.ours());
    let grant = Grant::service(
        "sns.amazonaws.com",
        Slot::of("the topic's ARN", topic.to_string()),
    );
    let mut wiring = Wiring::new(format!(
        "topic {} → function {}",
        topic.resource,
        function.label()
    ))
    .with(tag)
    .with(Permission::new(aws, function, sid(function, topic), grant));
    if let Some(queue) = queue {
        wiring = wiring.with(statement(aws, function, topic, queue));
    }
    wiring.with(subscription)
}

fn sid(function: &Function, topic: &Arn) -> String {
    mark("sns", &[&function.target(), &topic.to_string()])
}

fn statement(aws: &Aws, function: &Function, topic: &Arn, queue: Queue) -> QueueStatement {
    let sid = sid(function, topic);
    QueueStatement::new(aws, queue, sid, "sns.amazonaws.com", topic.to_string())
}

/// Subscriptions have no tags, so the function has one for each.
fn tag(function: &Function, topic: &Arn) -> String {
    sid(function, topic).replacen('-', ":", 2)
}

/// Whether this command created the function's subscription to the topic.
///
/// # Errors
/// If the function's tags cannot be read.
pub(in crate::wire) async fn is_ours(aws: &Aws, function: &Function, topic: &Arn) -> Result<bool, Failure> {
    has_tag(&aws.lambda(), function, &tag(function, topic)).await
}

/// # Errors
/// If the topic does not exist or cannot be read, or if it is a FIFO topic.
async fn look_up(aws: &Aws, function: &Function, text: &str) -> Result<Arn, Failure> {
    let arn = match text.starts_with("arn:") {
        true => text.parse().map_err(Failure::new)?,
        false => function.arn.sibling("sns", text),
    };
    if arn.service != "sns" || arn.resource.contains(':') {
        return Err(Failure::new(format!("{text} is not the name or ARN of a topic")));
    }
    if arn.resource.ends_with(".fifo") {
        return Err(Failure::new(format!(
            "topic {} is a FIFO topic, and SNS sends these to queues only",
            arn.resource
        ))
        .advise(
            "subscribe a FIFO queue to the topic, and connect the function to the queue with `wire sqs`",
        ));
    }
    let asked = aws
        .sns(&arn.region)
        .get_topic_attributes()
        .topic_arn(arn.to_string());
    let there = asked
        .send()
        .await
        .call_context("sns:GetTopicAttributes", format!("topic {text}"));
    there
        .map(|_| arn.clone())
        .map_err(|failure| match failure.is_not_found() {
            true => failure.advise(format!(
                "no such topic in {}: create it with `aws sns create-topic --name {}`, or pass its ARN",
                arn.region, arn.resource
            )),
            false => failure,
        })
}
