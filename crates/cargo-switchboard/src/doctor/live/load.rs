//! Reads the model of the function with a given name.

use super::{api, bucket, function, mapping, permission, queue, role, rule};
use crate::doctor::deployment::{Deployment, Function, TriggerKind, derive};
use switchboard_aws::{Aws, Failure};

/// Reads the function `name`, its triggers and its failure destinations.
///
/// # Errors
/// If the function does not exist, or if AWS refuses a call.
pub(crate) async fn load(aws: &Aws, name: &str) -> Result<Deployment, Failure> {
    let (live, role_arn, mut function) = function::read(aws, name).await?;
    function.role = role::read(aws, &role_arn).await?;
    function.permissions = permission::read(&live).await?;
    mapping::read(&live, &mut function).await?;
    bucket::read(&live, &mut function).await?;
    rule::read(&live, &mut function).await?;
    api::read(&live, &mut function).await?;
    derive(&mut function);
    let mut queues = Vec::new();
    for arn in asked_about(&function) {
        queues.extend(queue::read(aws, arn).await?);
    }
    Ok(Deployment {
        functions: vec![function],
        queues,
        ..Deployment::default()
    })
}

/// The ARNs of the queues that rules check.
fn asked_about(function: &Function) -> Vec<&str> {
    let mut arns: Vec<&str> = function
        .triggers
        .iter()
        .filter_map(|trigger| match &trigger.kind {
            TriggerKind::Mapping(_) => Some(&trigger.arn),
            TriggerKind::Rule(target) => target.dead_letters.known(),
            _ => None,
        })
        .map(String::as_str)
        .filter(|arn| arn.contains(":sqs:"))
        .collect();
    arns.sort_unstable();
    arns.dedup();
    arns
}
