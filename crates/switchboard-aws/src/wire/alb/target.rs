//! The function as the target of its target group.

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::TargetDescription;

use super::super::plan::{BoxFuture, Difference, Found, Resource};
use super::super::wait::retry;
use super::super::{Function, Slot};
use super::look_up::is_ours;
use super::target_group::name;
use crate::{Aws, CallContext as _, Failure, ok_if_gone};

/// The longest that a load balancer takes to see a new permission.
const PERMISSION_SPREADS: Duration = Duration::from_secs(20);

/// The function in the target group, which has room for one.
pub(super) struct FunctionTarget {
    client: Client,
    function: Function,
    group: Slot<String>,
    found: Option<String>,
    stays: Option<String>,
}

impl FunctionTarget {
    pub(super) fn new(aws: &Aws, function: &Function, group: Slot<String>) -> Self {
        Self {
            client: aws.elasticloadbalancing(),
            function: function.clone(),
            group,
            found: None,
            stays: None,
        }
    }

    /// The same target, which `unwire` keeps for this reason.
    #[must_use]
    pub(super) fn staying(mut self, reason: Option<String>) -> Self {
        self.stays = reason;
        self
    }

    async fn register(&self, target: &str) -> Result<(), Failure> {
        let group = self.group.need()?;
        let attempt = async || {
            let call = self
                .client
                .register_targets()
                .target_group_arn(&group)
                .targets(described(target));
            let done = call.send().await;
            done.call_context("elasticloadbalancing:RegisterTargets", self.name())
                .map(drop)
        };
        retry(PERMISSION_SPREADS, cannot_invoke, attempt).await
    }

    async fn deregister(&self, target: &str) -> Result<(), Failure> {
        let Some(group) = self.group.get() else {
            return Ok(());
        };
        let call = self
            .client
            .deregister_targets()
            .target_group_arn(group)
            .targets(described(target));
        let gone = call.send().await;
        ok_if_gone(gone.call_context("elasticloadbalancing:DeregisterTargets", self.name()))
    }

    async fn replace(&self, earlier: Option<&str>, target: &str) -> Result<(), Failure> {
        if let Some(earlier) = earlier {
            self.deregister(earlier).await?;
        }
        self.register(target).await
    }
}

fn described(target: &str) -> TargetDescription {
    TargetDescription::builder().id(target).build()
}

/// The load balancer does not see the new permission yet.
fn cannot_invoke(failure: &Failure) -> bool {
    failure.code() == Some("AccessDenied") && failure.message().contains("permission to invoke")
}

/// The targets of a group.
///
/// # Errors
/// If they cannot be read.
async fn targets(client: &Client, group: &str) -> Result<Vec<String>, Failure> {
    let asked = client
        .describe_target_health()
        .target_group_arn(group)
        .send()
        .await;
    let there = asked.call_context(
        "elasticloadbalancing:DescribeTargetHealth",
        format!("target group {group}"),
    )?;
    let all = there.target_health_descriptions().iter();
    Ok(all
        .filter_map(|one| Some(one.target()?.id()?.to_owned()))
        .collect())
}

/// Whether the function is in this target group, and if so, whether this command created the group.
///
/// # Errors
/// If the group cannot be read.
pub(in crate::wire) async fn target_in(
    aws: &Aws,
    function: &Function,
    group: &str,
) -> Result<Option<bool>, Failure> {
    let client = aws.elasticloadbalancing();
    match targets(&client, group).await?.contains(&function.target()) {
        true => is_ours(&client, function, group).await.map(Some),
        false => Ok(None),
    }
}

impl Resource for FunctionTarget {
    fn name(&self) -> String {
        format!("target of target group {}", name(&self.function))
    }

    fn wanted(&self) -> Vec<String> {
        vec![format!("invokes {}", self.function.target())]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let Some(group) = self.group.get() else {
                return Ok(Found::Absent);
            };
            self.found = targets(&self.client, &group).await?.into_iter().next();
            Ok(match &self.found {
                None => Found::Absent,
                Some(found) => {
                    let difference = Difference::between("invokes", found, self.function.target());
                    Found::Ours(difference.into_iter().collect())
                }
            })
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move { self.register(&self.function.target()).await })
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move { self.replace(self.found.as_deref(), &self.function.target()).await })
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            match &self.found {
                Some(found) => self.replace(Some(&self.function.target()), found).await,
                None => Ok(()),
            }
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let target = self.found.clone().unwrap_or_else(|| self.function.target());
            self.deregister(&target).await
        })
    }

    fn stays(&self) -> Option<String> {
        self.stays.clone()
    }
}
