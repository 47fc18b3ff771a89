//! The policies of buckets and functions that take failures. Those of queues come with the queues.

use crate::doctor::deployment::ResourcePolicy;
use crate::doctor::template::statements;
use switchboard_aws::{Arn, Aws, CallContext as _, Failure};

/// The policy of what has this ARN; `None` for a service whose policies are not asked for.
pub(super) async fn read(aws: &Aws, arn: &str) -> Result<Option<ResourcePolicy>, Failure> {
    let parsed: Arn = arn.parse().map_err(Failure::new)?;
    let told = match &*parsed.service {
        "s3" => of_bucket(aws, &parsed.resource).await,
        "lambda" => of_function(aws, arn).await,
        // Whether the topic's policy allows it stays open.
        "sns" => Ok(None),
        _ => return Ok(None),
    };
    let document = match told {
        Ok(document) => document,
        Err(failure) if failure.is_not_found() => Some("{}".to_owned()),
        // What is in another account may be closed to whoever asks.
        Err(failure) if failure.is_denied() => None,
        Err(failure) => return Err(failure),
    };
    Ok(Some(ResourcePolicy {
        arn: owner(&parsed, arn),
        statements: document.map(|document| statements(&document)).transpose()?,
    }))
}

/// A version or an alias has a policy of its own, which is looked up by its function.
fn owner(parsed: &Arn, arn: &str) -> String {
    let name = parsed.resource.strip_prefix("function:");
    let name = name.and_then(|name| Some(name.split_once(':')?.0));
    name.map_or_else(
        || arn.to_owned(),
        |name| parsed.sibling("lambda", format!("function:{name}")).to_string(),
    )
}

async fn of_bucket(aws: &Aws, name: &str) -> Result<Option<String>, Failure> {
    let told = aws.s3().get_bucket_policy().bucket(name).send().await;
    let told = told.call_context("s3:GetBucketPolicy", format!("bucket {name}"))?;
    Ok(told.policy().map(str::to_owned))
}

async fn of_function(aws: &Aws, arn: &str) -> Result<Option<String>, Failure> {
    let told = aws.lambda().get_policy().function_name(arn).send().await;
    let told = told.call_context("lambda:GetPolicy", format!("function {arn}"))?;
    Ok(told.policy().map(str::to_owned))
}
