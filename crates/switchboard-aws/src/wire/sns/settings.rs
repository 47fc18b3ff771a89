//! The attributes of a subscription.

use std::collections::HashMap;

use aws_sdk_sns::Client;
use serde_json::{Value, json};

use crate::{CallContext as _, Failure};

/// The attributes of a subscription, as text; empty without.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(in crate::wire) struct SubscriptionSettings {
    pub(super) filter_policy: String,
    pub(super) filter_scope: String,
    pub(super) dead_letter_queue: String,
}

impl SubscriptionSettings {
    /// # Errors
    /// If the subscription cannot be read.
    pub(in crate::wire) async fn read(client: &Client, subscription: &str) -> Result<Self, Failure> {
        let asked = client
            .get_subscription_attributes()
            .subscription_arn(subscription)
            .send()
            .await;
        let there = asked.call_context(
            "sns:GetSubscriptionAttributes",
            format!("subscription {subscription}"),
        )?;
        Ok(Self::of(&there.attributes.unwrap_or_default()))
    }

    fn of(attributes: &HashMap<String, String>) -> Self {
        let text = |name: &str| attributes.get(name).map(String::as_str).unwrap_or_default();
        let redrive: Value = serde_json::from_str(text("RedrivePolicy")).unwrap_or_default();
        let filter_policy = canonical(text("FilterPolicy"));
        Self {
            filter_scope: match (filter_policy.as_str(), text("FilterPolicyScope")) {
                ("", _) => String::new(),
                (_, "") => "MessageAttributes".to_owned(),
                (_, scope) => scope.to_owned(),
            },
            filter_policy,
            dead_letter_queue: redrive["deadLetterTargetArn"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        }
    }

    pub(super) fn properties(&self) -> [(&'static str, &str); 3] {
        [
            ("filter policy", &self.filter_policy),
            ("filter scope", &self.filter_scope),
            ("dead-letter queue", &self.dead_letter_queue),
        ]
    }

    fn redrive_policy(&self) -> Option<String> {
        let queue = &self.dead_letter_queue;
        (!queue.is_empty()).then(|| json!({"deadLetterTargetArn": queue}).to_string())
    }

    /// The attributes of a new subscription.
    pub(super) fn attributes(&self) -> HashMap<String, String> {
        let of = |name: &str, value: String| (!value.is_empty()).then(|| (name.to_owned(), value));
        [
            of("FilterPolicy", self.filter_policy.clone()),
            of("FilterPolicyScope", self.filter_scope.clone()),
            of("RedrivePolicy", self.redrive_policy().unwrap_or_default()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The attributes to set, in this order, on a subscription that has `earlier` ones. `None` removes an attribute.
    ///
    /// A policy must fit its scope, so it is removed before the scope changes: meanwhile the function gets too many messages
    /// rather than too few. An empty object is what removes a policy.
    pub(super) fn changes(&self, earlier: &Self) -> Vec<(&'static str, Option<String>)> {
        let mut all = Vec::new();
        let removed = ("FilterPolicy", Some("{}".to_owned()));
        let rescoped = self.filter_scope != earlier.filter_scope;
        if rescoped && !earlier.filter_policy.is_empty() {
            all.push(removed.clone());
        }
        if rescoped && !self.filter_scope.is_empty() {
            all.push(("FilterPolicyScope", Some(self.filter_scope.clone())));
        }
        if !self.filter_policy.is_empty() && (rescoped || self.filter_policy != earlier.filter_policy) {
            all.push(("FilterPolicy", Some(self.filter_policy.clone())));
        }
        if self.dead_letter_queue != earlier.dead_letter_queue {
            all.push(("RedrivePolicy", self.redrive_policy()));
        }
        all
    }

    /// For display in a list.
    pub(in crate::wire) fn shown(&self) -> String {
        match self.filter_policy.as_str() {
            "" => "every message".to_owned(),
            policy => format!("{} like {policy}", self.filter_scope),
        }
    }
}

/// Compact JSON, so that whitespace and the order of keys make no difference; nothing for a policy that lets all through.
pub(super) fn canonical(policy: &str) -> String {
    let value = serde_json::from_str::<Value>(policy);
    let text = value.map_or_else(|_| policy.to_owned(), |value| value.to_string());
    if text == "{}" { String::new() } else { text }
}

#[cfg(test)]
mod tests;
