//! From a function's name to the model.

use super::{api, bucket, function, mapping, permission, queue, role, rule};
use crate::doctor::deployment::{Deployment, Function, Kind, derive};
use switchboard_aws::{Arn, Aws, Failure};

/// A function that is deployed, while its surroundings are asked about.
pub(super) struct Live<'a> {
    pub(super) aws: &'a Aws,
    /// Its name alone.
    pub(super) name: String,
    /// With the alias that was asked for, which has a policy and triggers of its own.
    pub(super) arn: Arn,
}

/// What AWS says of the function `name`, of what wakes it and of what takes its failures.
///
/// # Errors
/// When the function is not there, and when AWS refuses a question.
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

/// The ARNs of the queues that rules look at.
fn asked_about(function: &Function) -> Vec<&str> {
    let mut arns: Vec<&str> = function
        .triggers
        .iter()
        .filter_map(|trigger| match &trigger.kind {
            Kind::Mapping(_) => Some(&trigger.arn),
            Kind::Rule(target) => target.dead_letters.known(),
            _ => None,
        })
        .map(String::as_str)
        .filter(|arn| arn.contains(":sqs:"))
        .collect();
    arns.sort_unstable();
    arns.dedup();
    arns
}
