//! The function's subscription to a topic.

use aws_sdk_sns::Client;

use super::super::plan::{BoxFuture, Difference, Found, Resource};
use super::super::{Function, Slot};
use super::settings::SubscriptionSettings;
use crate::{Arn, CallContext as _, Failure, ok_if_gone};

/// The ARN of the function's subscription to the topic.
///
/// # Errors
/// If the topic's subscriptions cannot be listed.
pub(in crate::wire) async fn subscription(
    client: &Client,
    topic: &Arn,
    function: &Function,
) -> Result<Option<String>, Failure> {
    let target = function.target();
    let mut pages = client
        .list_subscriptions_by_topic()
        .topic_arn(topic.to_string())
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.call_context(
            "sns:ListSubscriptionsByTopic",
            format!("topic {}", topic.resource),
        )?;
        let mut all = page.subscriptions().iter();
        let ours = all.find(|one| one.protocol() == Some("lambda") && one.endpoint() == Some(&target));
        if let Some(arn) = ours.and_then(|one| one.subscription_arn()) {
            return Ok(Some(arn.to_owned()));
        }
    }
    Ok(None)
}

/// The function's subscription to a topic.
pub(super) struct Subscription {
    client: Client,
    function: Function,
    topic: Arn,
    wanted: SubscriptionSettings,
    /// Whether this command created it.
    ours: Slot<bool>,
    found: Option<(String, SubscriptionSettings)>,
}

impl Subscription {
    /// `ours` says whether this command created it, once that is known.
    pub(super) fn new(
        client: Client,
        function: &Function,
        topic: &Arn,
        wanted: SubscriptionSettings,
        ours: Slot<bool>,
    ) -> Self {
        Self {
            client,
            function: function.clone(),
            topic: topic.clone(),
            wanted,
            ours,
            found: None,
        }
    }

    async fn set(
        &self,
        earlier: &SubscriptionSettings,
        wanted: &SubscriptionSettings,
    ) -> Result<(), Failure> {
        let Some((arn, _)) = &self.found else {
            return Ok(());
        };
        for (name, value) in wanted.changes(earlier) {
            let call = self
                .client
                .set_subscription_attributes()
                .subscription_arn(arn)
                .attribute_name(name)
                .set_attribute_value(value);
            let done = call.send().await;
            done.call_context("sns:SetSubscriptionAttributes", self.name())?;
        }
        Ok(())
    }
}

impl Resource for Subscription {
    fn name(&self) -> String {
        format!(
            "subscription of function {} to topic {}",
            self.function.label(),
            self.topic.resource
        )
    }

    fn wanted(&self) -> Vec<String> {
        let set = self
            .wanted
            .properties()
            .into_iter()
            .filter(|(_, value)| !value.is_empty());
        set.map(|(name, value)| format!("{name} {value}")).collect()
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let Some(arn) = subscription(&self.client, &self.topic, &self.function).await? else {
                self.found = None;
                return Ok(Found::Absent);
            };
            let there = SubscriptionSettings::read(&self.client, &arn).await?;
            let wanted = self.wanted.properties().into_iter();
            let differences = there
                .properties()
                .into_iter()
                .zip(wanted)
                .filter_map(|((name, is), (_, wanted))| Difference::between(name, is, wanted))
                .collect();
            self.found = Some((arn, there));
            Ok(match self.ours.get() {
                Some(true) => Found::Ours(differences),
                _ => Found::Foreign(differences),
            })
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let call = self
                .client
                .subscribe()
                .topic_arn(self.topic.to_string())
                .protocol("lambda")
                .endpoint(self.function.target())
                .set_attributes(Some(self.wanted.attributes()))
                .return_subscription_arn(true);
            let made = call.send().await.call_context("sns:Subscribe", self.name())?;
            self.found = Some((made.subscription_arn.unwrap_or_default(), self.wanted.clone()));
            Ok(())
        })
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let earlier = self.found.as_ref().map(|(_, earlier)| earlier.clone());
            self.set(&earlier.unwrap_or_default(), &self.wanted).await
        })
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let earlier = self.found.as_ref().map(|(_, earlier)| earlier.clone());
            self.set(&self.wanted, &earlier.unwrap_or_default()).await
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // A call that AWS did not answer may have created it.
            let Some(arn) = subscription(&self.client, &self.topic, &self.function).await? else {
                return Ok(());
            };
            let gone = self.client.unsubscribe().subscription_arn(arn).send().await;
            ok_if_gone(gone.call_context("sns:Unsubscribe", self.name()))
        })
    }
}
