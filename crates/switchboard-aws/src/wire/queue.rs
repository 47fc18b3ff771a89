//! Queues, by URL, ARN or name.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use std::collections::HashMap;

use crate::{Arn, CallContext as _, Failure};

/// An existing queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The URL, by which calls name the queue.
    pub url: String,
    /// Its ARN.
    pub arn: Arn,
    /// The queue's attributes.
    pub attributes: HashMap<QueueAttributeName, String>,
}

impl Queue {
    /// Looks up a queue.
    ///
    /// # Errors
    /// If the queue does not exist or cannot be read.
    pub async fn look_up(client: &Client, text: &str) -> Result<Self, Failure> {
        let url = match text.starts_with("https://") || text.starts_with("http://") {
            true => text.to_owned(),
            false => url(client, text).await?,
        };
        let attributes = attributes(client, &url, text).await?;
        let arn = attributes.get(&QueueAttributeName::QueueArn).map(String::as_str);
        let arn = arn.unwrap_or_default().parse().map_err(Failure::new)?;
        Ok(Self { url, arn, attributes })
    }

    /// Looks up a queue that may be gone.
    ///
    /// # Errors
    /// If the queue cannot be read.
    pub(super) async fn if_there(client: &Client, text: &str) -> Result<Option<Self>, Failure> {
        match Self::look_up(client, text).await {
            Ok(queue) => Ok(Some(queue)),
            Err(failure) if failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// A numeric attribute.
    pub fn number(&self, name: &QueueAttributeName) -> Option<u64> {
        self.attributes.get(name)?.parse().ok()
    }
}

async fn url(client: &Client, text: &str) -> Result<String, Failure> {
    let arn: Option<Arn> = text.parse().ok();
    let call = match &arn {
        Some(arn) => client
            .get_queue_url()
            .queue_name(&arn.resource)
            .queue_owner_aws_account_id(&arn.account),
        None => client.get_queue_url().queue_name(text),
    };
    let asked = call
        .send()
        .await
        .call_context("sqs:GetQueueUrl", format!("queue {text}"));
    let found = asked.map_err(|failure| match failure.is_not_found() {
        true => failure.advise(format!(
            "create it first: aws sqs create-queue --queue-name {text}"
        )),
        false => failure,
    })?;
    Ok(found.queue_url.unwrap_or_default())
}

/// Reads all attributes of a queue, including its policy.
///
/// # Errors
/// If the attributes cannot be read.
pub(super) async fn attributes(
    client: &Client,
    url: &str,
    name: &str,
) -> Result<HashMap<QueueAttributeName, String>, Failure> {
    let asked = client
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::All)
        .send()
        .await;
    let there = asked.call_context("sqs:GetQueueAttributes", format!("queue {name}"))?;
    Ok(there.attributes.unwrap_or_default())
}
