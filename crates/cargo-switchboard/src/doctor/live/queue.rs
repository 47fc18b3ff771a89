//! Queues that trigger the function, or receive what rules could not deliver.

use serde_json::Value;
use switchboard_aws::sdk::aws_sdk_sqs::types::QueueAttributeName as Name;

use crate::doctor::deployment::{Queue, ResourcePolicy, Setting};
use crate::doctor::template::statements;
use switchboard_aws::{Arn, Aws, CallContext as _, Failure};

/// The queue with its policy; `None` if it does not exist or belongs to another account.
pub(super) async fn read(aws: &Aws, arn: &str) -> Result<Option<(Queue, ResourcePolicy)>, Failure> {
    let parsed: Arn = arn.parse().map_err(Failure::new)?;
    let sqs = aws.sqs();
    let on = format!("queue {arn}");
    let url = sqs.get_queue_url().queue_name(&parsed.resource);
    let url = url.queue_owner_aws_account_id(&parsed.account).send().await;
    let url = match url.call_context("sqs:GetQueueUrl", on.clone()) {
        Ok(told) => told.queue_url().unwrap_or_default().to_owned(),
        Err(failure) if failure.is_not_found() => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let told = sqs
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(Name::All)
        .send()
        .await;
    let told = told.call_context("sqs:GetQueueAttributes", on)?;
    let of = |name: Name| told.attributes().and_then(|all| all.get(&name));
    let redrive = of(Name::RedrivePolicy).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let target = redrive
        .as_ref()
        .and_then(|redrive| redrive["deadLetterTargetArn"].as_str().map(str::to_owned));
    // SQS answers a number, or a text where a text was put.
    let receives = redrive.and_then(|redrive| {
        let count = &redrive["maxReceiveCount"];
        count.as_u64().or_else(|| count.as_str()?.parse().ok())
    });
    let number = |name: Name| {
        of(name).map_or(Setting::Absent, |text| {
            text.parse().map_or(Setting::Unknown, Setting::Known)
        })
    };
    let policy = of(Name::Policy).filter(|policy| !policy.is_empty());
    let policy = ResourcePolicy {
        arn: arn.to_owned(),
        statements: Some(policy.map_or(Ok(Vec::new()), |policy| statements(policy))?),
    };
    let queue = Queue {
        label: parsed.resource.clone(),
        at: None,
        arn: arn.to_owned(),
        fifo: parsed.resource.ends_with(".fifo"),
        visibility: number(Name::VisibilityTimeout),
        retention: number(Name::MessageRetentionPeriod),
        dead_letters: target.into(),
        receives: receives.into(),
        // A key of AWS's own needs no right.
        key: of(Name::KmsMasterKeyId)
            .filter(|key| !key.is_empty() && !key.contains("alias/aws/"))
            .map_or(Setting::Absent, |key| super::store::key(key)),
    };
    Ok(Some((queue, policy)))
}
