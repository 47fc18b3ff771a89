//! Lets a rule or a topic send what it cannot deliver to a queue: a statement merged into the queue's policy.
//!
//! Follows EventBridge's document "Using dead-letter queues to process undelivered events" and SNS's "Configuring an Amazon SNS
//! dead-letter queue for a subscription".

use std::collections::HashMap;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};

use super::plan::{BoxFuture, Difference, Found, Resource};
use super::policy::{raw_statement, with_statement, without_statement};
use super::queue::{Queue, attributes};
use crate::{Aws, CallContext as _, Failure};

/// The dead-letter queue of this ARN, unless it is the one that is wanted now, or is gone: its policy has a statement too many.
///
/// # Errors
/// If the queue cannot be read.
pub(super) async fn replaced(aws: &Aws, arn: &str, wanted: Option<&Queue>) -> Result<Option<Queue>, Failure> {
    let is_wanted = wanted.is_some_and(|queue| queue.arn.to_string() == arn);
    match arn.is_empty() || is_wanted {
        true => Ok(None),
        false => Queue::if_there(&aws.sqs(), arn).await,
    }
}

/// A statement in a queue's policy.
pub(super) struct QueueStatement {
    client: Client,
    queue: Queue,
    sid: String,
    principal: &'static str,
    source: String,
    found: Option<Value>,
}

impl QueueStatement {
    /// Lets a service (`events.amazonaws.com`) send for one of its resources, given by its ARN.
    pub(super) fn new(aws: &Aws, queue: Queue, sid: String, principal: &'static str, source: String) -> Self {
        Self {
            client: aws.sqs(),
            queue,
            sid,
            principal,
            source,
            found: None,
        }
    }

    fn statement(&self) -> Value {
        json!({
            "Sid": self.sid,
            "Effect": "Allow",
            "Principal": {"Service": self.principal},
            "Action": "sqs:SendMessage",
            "Resource": self.queue.arn.to_string(),
            "Condition": {"ArnEquals": {"aws:SourceArn": self.source}},
        })
    }

    async fn policy(&self) -> Result<Option<String>, Failure> {
        let mut there = attributes(&self.client, &self.queue.url, &self.queue.arn.resource).await?;
        Ok(there
            .remove(&QueueAttributeName::Policy)
            .filter(|policy| !policy.is_empty()))
    }

    /// Sets the policy. An empty one removes it.
    async fn set(&self, policy: String) -> Result<(), Failure> {
        let call = self
            .client
            .set_queue_attributes()
            .queue_url(&self.queue.url)
            .set_attributes(Some(HashMap::from([(QueueAttributeName::Policy, policy)])));
        call.send()
            .await
            .call_context("sqs:SetQueueAttributes", self.name())
            .map(drop)
    }
}

impl Resource for QueueStatement {
    fn name(&self) -> String {
        format!(
            "statement {} in the policy of queue {}",
            self.sid, self.queue.arn.resource
        )
    }

    fn wanted(&self) -> Vec<String> {
        vec![format!(
            "{} may sqs:SendMessage if aws:SourceArn = {}",
            self.principal, self.source
        )]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let policy = self.policy().await?;
            self.found = policy.map_or(Ok(None), |policy| raw_statement(&policy, &self.sid))?;
            Ok(match &self.found {
                None => Found::Absent,
                Some(found) => {
                    let difference = Difference::between("statement", found, self.statement());
                    Found::Ours(difference.into_iter().collect())
                }
            })
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let policy = self.policy().await?;
            self.set(with_statement(policy.as_deref(), &self.statement())?)
                .await
        })
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        self.create()
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(found) = &self.found else { return Ok(()) };
            let policy = self.policy().await?;
            self.set(with_statement(policy.as_deref(), found)?).await
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(policy) = self.policy().await? else {
                return Ok(());
            };
            self.set(without_statement(&policy, &self.sid)?.unwrap_or_default())
                .await
        })
    }
}
