//! The resources between a load balancer and the function, and those that are removed.

use aws_sdk_elasticloadbalancingv2::types::{Listener, ProtocolEnum};

use super::super::mark::mark;
use super::super::permission::{Grant, Permission};
use super::super::plan::Wiring;
use super::super::{Function, Slot};
use super::look_up::{forwarding, is_ours};
use super::rule::{ListenerRule, OwnRule};
use super::target::FunctionTarget;
use super::target_group::{TargetGroup, target_group};
use crate::{Aws, CallContext as _, Failure};

/// What to create.
#[derive(Clone, Debug)]
pub struct AlbOptions {
    /// Whether repeated headers and query parameters all arrive; otherwise the last of each.
    pub multi_value_headers: bool,
    /// The rule that forwards requests to the function. Without it, a rule of someone else's has to.
    pub rule: Option<ListenerRule>,
}

/// Sends requests to a load balancer to the function.
///
/// # Errors
/// If the listener cannot be read.
pub async fn wiring(aws: &Aws, function: &Function, wanted: &AlbOptions) -> Result<Wiring, Failure> {
    let group = Slot::new("the target group's ARN");
    let title = match &wanted.rule {
        Some(rule) => format!(
            "listener {} → function {}",
            rule.shown_listener(),
            function.label()
        ),
        None => format!("target group → function {}", function.label()),
    };
    let wiring = Wiring::new(title)
        .with(TargetGroup::new(
            aws,
            function,
            wanted.multi_value_headers,
            group.clone(),
        ))
        .with(permission(aws, function, group.clone()))
        .with(FunctionTarget::new(aws, function, group.clone()));
    let Some(rule) = &wanted.rule else {
        return Ok(wiring.note(
            "no rule forwards requests to the target group yet: pass --listener, or add a rule where the listener is managed",
        ));
    };
    let url = url(aws, rule).await?;
    let mut wiring = wiring.with(OwnRule::new(aws, function, rule.clone(), group));
    wiring.url = Some(Slot::of("the load balancer's URL", url));
    Ok(wiring)
}

/// The resources that this command created between load balancers and the function; with a listener, only its rule, and the rest
/// if nothing else needs it.
///
/// # Errors
/// If the target group, its listeners or their rules cannot be read.
pub async fn unwiring(aws: &Aws, function: &Function, listener: Option<&str>) -> Result<Wiring, Failure> {
    let client = aws.elasticloadbalancing();
    let group = Slot::new("the target group's ARN");
    let found = target_group(&client, function).await?;
    let rules = match &found {
        Some(found) => forwarding(&client, found, listener).await?,
        None => Vec::new(),
    };
    let mut ours = Vec::new();
    let mut others = Vec::new();
    for rule in rules {
        let asked = listener.is_none_or(|listener| listener == rule.listener);
        match asked && is_ours(&client, function, &rule.arn).await? {
            true => ours.push(rule),
            false => others.push(rule),
        }
    }
    let needed = others
        .first()
        .map(|rule| format!("rule {} forwards to the target group", rule.arn));
    let mut wiring = Wiring::new(format!("load balancers → function {}", function.label()))
        .with(TargetGroup::new(aws, function, true, group.clone()).staying(needed.clone()))
        .with(permission(aws, function, group.clone()).staying(needed.clone()))
        .with(FunctionTarget::new(aws, function, group.clone()).staying(needed));
    for rule in ours {
        let rule = ListenerRule {
            listener: rule.listener,
            ..ListenerRule::default()
        };
        wiring = wiring.with(OwnRule::new(aws, function, rule, group.clone()));
    }
    Ok(wiring)
}

/// A target group's ARN names its account, so the permission needs no account of its own.
fn permission(aws: &Aws, function: &Function, group: Slot<String>) -> Permission {
    let grant = Grant::service("elasticloadbalancing.amazonaws.com", group);
    Permission::new(aws, function, mark("alb", &[&function.target()]), grant)
}

/// The URL of the listener, by the rule's first host without wildcards or else the load balancer's own.
///
/// # Errors
/// If the listener or its load balancer does not exist, or belongs to a load balancer of another type.
async fn url(aws: &Aws, rule: &ListenerRule) -> Result<String, Failure> {
    let client = aws.elasticloadbalancing();
    let asked = client
        .describe_listeners()
        .listener_arns(&rule.listener)
        .send()
        .await;
    let shown = format!("listener {}", rule.listener);
    let there = asked
        .call_context("elasticloadbalancing:DescribeListeners", &shown)
        .map_err(|failure| match failure.is_not_found() {
            true => failure.advise("pass the listener's ARN; find it with `aws elbv2 describe-listeners --load-balancer-arn ARN`"),
            false => failure,
        })?;
    let listener = there.listeners().first().ok_or_else(|| {
        Failure::new(format!("{shown} does not exist"))
            .advise("find its ARN with `aws elbv2 describe-listeners --load-balancer-arn ARN`")
    })?;
    let plain = rule.hosts.iter().find(|host| !host.contains(['*', '?']));
    let host = match plain {
        Some(host) => host.clone(),
        None => dns_name(&client, listener).await?,
    };
    let port = listener.port().unwrap_or_default();
    match listener.protocol() {
        Some(ProtocolEnum::Https) => Ok(address("https", &host, port, 443)),
        Some(ProtocolEnum::Http) => Ok(address("http", &host, port, 80)),
        other => Err(Failure::new(format!(
            "{shown} takes {}, and only listeners of Application Load Balancers forward to functions",
            other.map_or("no HTTP", ProtocolEnum::as_str)
        ))),
    }
}

fn address(scheme: &str, host: &str, port: i32, usual: i32) -> String {
    match port == usual {
        true => format!("{scheme}://{host}/"),
        false => format!("{scheme}://{host}:{port}/"),
    }
}

async fn dns_name(
    client: &aws_sdk_elasticloadbalancingv2::Client,
    listener: &Listener,
) -> Result<String, Failure> {
    let arn = listener.load_balancer_arn().unwrap_or_default();
    let asked = client
        .describe_load_balancers()
        .load_balancer_arns(arn)
        .send()
        .await;
    let there = asked.call_context(
        "elasticloadbalancing:DescribeLoadBalancers",
        format!("load balancer {arn}"),
    )?;
    let name = there.load_balancers().first().and_then(|one| one.dns_name());
    Ok(name.unwrap_or_default().to_owned())
}
