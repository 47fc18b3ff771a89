//! The target group of a function.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{
    Tag, TargetGroup as Described, TargetGroupAttribute, TargetTypeEnum,
};

use super::super::mark::{TAG, mark};
use super::super::plan::{BoxFuture, Difference, Found, Resource};
use super::super::{Function, Slot};
use super::look_up::is_ours;
use crate::{Aws, CallContext as _, Failure, ok_if_gone};

const MULTI_VALUE_HEADERS: &str = "lambda.multi_value_headers.enabled";

/// The target group that this command created for the function.
///
/// # Errors
/// If it cannot be read.
pub(in crate::wire) async fn target_group(
    client: &Client,
    function: &Function,
) -> Result<Option<Described>, Failure> {
    let name = name(function);
    let asked = client.describe_target_groups().names(&name).send().await;
    match asked.call_context(
        "elasticloadbalancing:DescribeTargetGroups",
        format!("target group {name}"),
    ) {
        Err(failure) if failure.is_not_found() => Ok(None),
        there => Ok(there?.target_groups.unwrap_or_default().into_iter().next()),
    }
}

/// The group's name; it has at most 32 characters.
pub(super) fn name(function: &Function) -> String {
    mark("alb", &[&function.target()])
}

/// A target group for functions.
pub(super) struct TargetGroup {
    client: Client,
    function: Function,
    multi_value_headers: bool,
    /// Its ARN, for the resources after it.
    arn: Slot<String>,
    found: Option<bool>,
    stays: Option<String>,
}

impl TargetGroup {
    pub(super) fn new(aws: &Aws, function: &Function, multi_value_headers: bool, arn: Slot<String>) -> Self {
        Self {
            client: aws.elasticloadbalancing(),
            function: function.clone(),
            multi_value_headers,
            arn,
            found: None,
            stays: None,
        }
    }

    /// The same group, which `unwire` keeps for this reason.
    #[must_use]
    pub(super) fn staying(mut self, reason: Option<String>) -> Self {
        self.stays = reason;
        self
    }

    async fn set_attribute(&self, multi_value_headers: bool) -> Result<(), Failure> {
        let attribute = TargetGroupAttribute::builder()
            .key(MULTI_VALUE_HEADERS)
            .value(multi_value_headers.to_string());
        let call = self
            .client
            .modify_target_group_attributes()
            .target_group_arn(self.arn.need()?)
            .attributes(attribute.build());
        call.send()
            .await
            .call_context("elasticloadbalancing:ModifyTargetGroupAttributes", self.name())
            .map(drop)
    }

    async fn attribute(&self, arn: &str) -> Result<bool, Failure> {
        let call = self
            .client
            .describe_target_group_attributes()
            .target_group_arn(arn);
        let there = call
            .send()
            .await
            .call_context("elasticloadbalancing:DescribeTargetGroupAttributes", self.name())?;
        let mut all = there.attributes().iter();
        let found = all.find(|one| one.key() == Some(MULTI_VALUE_HEADERS));
        Ok(found.and_then(|one| one.value()) == Some("true"))
    }
}

impl Resource for TargetGroup {
    fn name(&self) -> String {
        format!("target group {}", name(&self.function))
    }

    fn wanted(&self) -> Vec<String> {
        vec![format!("multi-value headers {}", self.multi_value_headers)]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let Some(found) = target_group(&self.client, &self.function).await? else {
                return Ok(Found::Absent);
            };
            let arn = found.target_group_arn.unwrap_or_default();
            let is = self.attribute(&arn).await?;
            let ours = is_ours(&self.client, &self.function, &arn).await?;
            self.arn.set(Some(arn));
            self.found = Some(is);
            let difference = Difference::between("multi-value headers", is, self.multi_value_headers);
            let differences = difference.into_iter().collect();
            Ok(if ours {
                Found::Ours(differences)
            } else {
                Found::Foreign(differences)
            })
        })
    }

    /// A step that fails halfway leaves nothing: the group is removed again if its attribute cannot be set.
    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let tag = Tag::builder().key(TAG).value(self.function.target()).build();
            let call = self
                .client
                .create_target_group()
                .name(name(&self.function))
                .target_type(TargetTypeEnum::Lambda)
                .tags(tag);
            let made = call
                .send()
                .await
                .call_context("elasticloadbalancing:CreateTargetGroup", self.name())?;
            let arn = made
                .target_groups()
                .first()
                .and_then(|one| one.target_group_arn());
            self.arn.set(arn.map(str::to_owned));
            if !self.multi_value_headers {
                return Ok(());
            }
            match self.set_attribute(true).await {
                Ok(()) => Ok(()),
                Err(failure) => {
                    self.remove().await?;
                    Err(failure)
                }
            }
        })
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.set_attribute(self.multi_value_headers))
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            match self.found {
                Some(found) => self.set_attribute(found).await,
                None => Ok(()),
            }
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(found) = target_group(&self.client, &self.function).await? else {
                return Ok(());
            };
            let call = self
                .client
                .delete_target_group()
                .set_target_group_arn(found.target_group_arn);
            let gone = call.send().await;
            ok_if_gone(gone.call_context("elasticloadbalancing:DeleteTargetGroup", self.name()))
        })
    }

    fn stays(&self) -> Option<String> {
        self.stays.clone()
    }
}
