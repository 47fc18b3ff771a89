//! Which rules forward to a target group, and which of them this command created.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{Rule as Described, TargetGroup};

use super::super::Function;
use super::super::mark;
use crate::{CallContext as _, Failure};

/// A rule that forwards to a target group.
pub(super) struct Forwarding {
    pub(super) arn: String,
    pub(super) listener: String,
}

/// Lists the rules that forward to a target group, of the listeners of its load balancers and of this listener.
///
/// # Errors
/// If listeners or rules cannot be listed.
pub(super) async fn forwarding(
    client: &Client,
    group: &TargetGroup,
    listener: Option<&str>,
) -> Result<Vec<Forwarding>, Failure> {
    let mut listeners: Vec<String> = listener.map(str::to_owned).into_iter().collect();
    for balancer in group.load_balancer_arns() {
        let pages = client
            .describe_listeners()
            .load_balancer_arn(balancer)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await;
        let found = pages.call_context(
            "elasticloadbalancing:DescribeListeners",
            format!("load balancer {balancer}"),
        )?;
        listeners.extend(found.into_iter().filter_map(|one| one.listener_arn));
    }
    listeners.sort();
    listeners.dedup();
    let mut all = Vec::new();
    for listener in listeners {
        let there = match rules(client, &listener).await {
            Err(failure) if failure.is_not_found() => continue,
            there => there?,
        };
        let to_group = there
            .into_iter()
            .filter(|rule| forwards_to(rule, group.target_group_arn()));
        all.extend(to_group.filter_map(|rule| {
            Some(Forwarding {
                arn: rule.rule_arn?,
                listener: listener.clone(),
            })
        }));
    }
    Ok(all)
}

pub(super) fn forwards_to(rule: &Described, group: Option<&str>) -> bool {
    rule.actions().iter().any(|action| {
        let weighted = action
            .forward_config()
            .into_iter()
            .flat_map(|forward| forward.target_groups());
        let mut groups = weighted
            .map(|one| one.target_group_arn())
            .chain([action.target_group_arn()]);
        group.is_some() && groups.any(|arn| arn == group)
    })
}

pub(super) async fn rules(client: &Client, listener: &str) -> Result<Vec<Described>, Failure> {
    let pages = client
        .describe_rules()
        .listener_arn(listener)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await;
    pages.call_context(
        "elasticloadbalancing:DescribeRules",
        format!("listener {listener}"),
    )
}

/// Elastic Load Balancing describes the tags of at most this many resources at once.
const MOST_TAGGED: usize = 20;

/// Whether this command created the target group or the rule for this function.
///
/// # Errors
/// If its tags cannot be read.
pub(super) async fn is_ours(client: &Client, function: &Function, arn: &str) -> Result<bool, Failure> {
    Ok(first_of_ours(client, function, &[arn]).await?.is_some())
}

/// The first of these resources that this command created for the function.
///
/// # Errors
/// If their tags cannot be read.
pub(super) async fn first_of_ours(
    client: &Client,
    function: &Function,
    arns: &[&str],
) -> Result<Option<String>, Failure> {
    for some in arns.chunks(MOST_TAGGED) {
        let some = some.iter().map(|&arn| arn.to_owned()).collect();
        let asked = client.describe_tags().set_resource_arns(Some(some)).send().await;
        let there = asked.call_context("elasticloadbalancing:DescribeTags", arns.join(", "))?;
        let ours = there.tag_descriptions().iter().find(|one| {
            let tags = one.tags().iter();
            let tags: Vec<(String, String)> = tags
                .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned())))
                .collect();
            mark::is_ours(function, tags.iter().map(|(key, value)| (key, value)))
        });
        if let Some(arn) = ours.and_then(|one| one.resource_arn()) {
            return Ok(Some(arn.to_owned()));
        }
    }
    Ok(None)
}
