//! Reads the model of the function with a given name.

use super::{api, bucket, function, mapping, permission, queue, resource_policy, role, rule, store};
use crate::doctor::deployment::{Deployment, DeploymentKind, Function, TriggerKind, derive};
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
    let (mut queues, mut stores, mut policies) = (Vec::new(), Vec::new(), Vec::new());
    for arn in asked_about(&function) {
        if arn.contains(":sqs:") {
            let (queue, policy) = queue::read(aws, &arn).await?.unzip();
            queues.extend(queue);
            policies.extend(policy);
        } else {
            stores.extend(store::read(aws, &arn).await?);
            policies.extend(resource_policy::read(aws, &arn).await?);
        }
    }
    // The dead-letter queues of the queues that trigger the function.
    let behind: Vec<String> = queues
        .iter()
        .filter_map(|queue| queue.dead_letters.known().cloned())
        .collect();
    for arn in behind {
        if !queues.iter().any(|queue| queue.arn == arn) {
            queues.extend(queue::read(aws, &arn).await?.map(|(queue, _)| queue));
        }
    }
    let mut deployment = Deployment::new(vec![function], queues, stores, DeploymentKind::Live);
    deployment.set_policies(policies);
    Ok(deployment)
}

/// The ARNs of what rules check: queues, streams, and what takes failures.
fn asked_about(function: &Function) -> Vec<String> {
    let of_triggers = function.triggers.iter().flat_map(|trigger| match &trigger.kind {
        TriggerKind::Mapping(mapping) => {
            let stream = trigger.arn.split("/consumer/").next().map(str::to_owned);
            vec![stream, mapping.on_failure.known().cloned()]
        }
        TriggerKind::Rule(target) => vec![target.dead_letters.known().cloned()],
        _ => Vec::new(),
    });
    let configs = function
        .asynchronous
        .iter()
        .flat_map(|config| [&config.on_failure, &config.on_success]);
    let own = configs
        .chain([&function.dead_letters])
        .map(|arn| arn.known().cloned());
    let asked = [":sqs:", ":kinesis:", ":s3:", ":sns:", ":lambda:"];
    let mut arns: Vec<String> = of_triggers.chain(own).flatten().collect();
    arns.retain(|arn| asked.iter().any(|service| arn.contains(service)));
    arns.sort_unstable();
    arns.dedup();
    arns
}
