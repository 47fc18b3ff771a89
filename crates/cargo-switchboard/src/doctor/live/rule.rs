//! Rules that have the function as a target, on every bus.

use switchboard_aws::sdk::aws_sdk_eventbridge::types::Target as RuleTarget;

use super::live_function::LiveFunction;
use crate::doctor::deployment::{Function, Invoker, Payload, Target, TriggerKind};
use switchboard_aws::{CallContext as _, Failure};

const INVOKER: &str = "events.amazonaws.com";

pub(super) async fn read(live: &LiveFunction<'_>, function: &mut Function) -> Result<(), Failure> {
    let events = live.aws.eventbridge();
    let buses = events
        .list_event_buses()
        .send()
        .await
        .call_context("events:ListEventBuses", "all buses")?;
    for bus in buses.event_buses().iter().filter_map(|bus| bus.name()) {
        let mut token = None;
        loop {
            let rules = events
                .list_rule_names_by_target()
                .target_arn(live.arn.to_string());
            let told = rules.event_bus_name(bus).set_next_token(token).send().await;
            let told =
                told.call_context("events:ListRuleNamesByTarget", format!("function {}", live.name))?;
            for name in told.rule_names() {
                targets(live, function, bus, name).await?;
            }
            token = told.next_token().map(str::to_owned);
            if token.is_none() {
                break;
            }
        }
    }
    Ok(())
}

async fn targets(
    live: &LiveFunction<'_>,
    function: &mut Function,
    bus: &str,
    name: &str,
) -> Result<(), Failure> {
    let targets = live
        .aws
        .eventbridge()
        .list_targets_by_rule()
        .rule(name)
        .event_bus_name(bus);
    let told = targets
        .send()
        .await
        .call_context("events:ListTargetsByRule", format!("rule {name}"))?;
    let path = match bus {
        "default" => format!("rule/{name}"),
        bus => format!("rule/{bus}/{name}"),
    };
    let arn = live.arn.sibling("events", path).to_string();
    for told in told.targets().iter().filter(|told| live.is_meant(told.arn())) {
        let invoker = Invoker::by(INVOKER, told.role_arn().is_some());
        function
            .triggers
            .push(live.trigger(name, arn.clone(), invoker, TriggerKind::Rule(target(told))));
    }
    Ok(())
}

fn target(told: &RuleTarget) -> Target {
    let composed =
        told.input().is_some() || told.input_path().is_some() || told.input_transformer().is_some();
    let dead_letters = told.dead_letter_config().and_then(|config| config.arn());
    Target {
        dead_letters: dead_letters.map(str::to_owned).into(),
        payload: if composed {
            Payload::Composed
        } else {
            Payload::Event
        },
    }
}
