//! Rules, schedules, topics, load balancers and log subscriptions.

use switchboard::source::Source;

use super::super::value::Value;
use super::reader::{Reader, function_of};
use crate::doctor::deployment::{Function, Payload, Target, TriggerKind};

pub(super) fn read(reader: &Reader<'_>, functions: &mut [Function]) {
    rules(reader, functions);
    for read in reader.of("AWS::Scheduler::Schedule") {
        if let Some(function) = read.function(functions, "Target.Arn") {
            let target = read
                .properties
                .get("Target")
                .known()
                .map(|target| self::target(target));
            let kind = TriggerKind::Schedule(target.unwrap_or_default());
            function.triggers.push(read.trigger(reader.arn(read), None, kind));
        }
    }
    topics(reader, functions);
    for read in reader.of("AWS::Logs::SubscriptionFilter") {
        if let Some(function) = read.function(functions, "DestinationArn") {
            let (invoker, kind) = other(Source::CloudwatchLogs);
            function.triggers.push(read.trigger(String::new(), invoker, kind));
        }
    }
    for read in reader.of("AWS::ElasticLoadBalancingV2::TargetGroup") {
        for target in read.properties.items_at("Targets") {
            let id = target.text_at("Id");
            if let Some(function) = id.known().and_then(|id| function_of(functions, id)) {
                let (invoker, kind) = other(Source::Alb);
                let arn = reader.reference(read);
                function.triggers.push(read.trigger(arn, invoker, kind));
            }
        }
    }
}

fn rules(reader: &Reader<'_>, functions: &mut [Function]) {
    for read in reader.of("AWS::Events::Rule") {
        for target in read.properties.items_at("Targets") {
            let arn = target.text_at("Arn");
            let Some(function) = arn.known().and_then(|arn| function_of(functions, arn)) else {
                continue;
            };
            let by_role = !target.get("RoleArn").is_absent();
            let invoker = (!by_role).then_some("events.amazonaws.com");
            let arn = match read.properties.text_at("EventBusName").known() {
                // The ARN of a rule on a custom bus starts with the bus.
                Some(bus) if bus != "default" => reader.arn(read).replace(":rule/", ":rule/*"),
                _ => reader.arn(read),
            };
            function
                .triggers
                .push(read.trigger(arn, invoker, TriggerKind::Rule(self::target(target))));
        }
    }
}

fn target(target: &Value) -> Target {
    let composed = ["Input", "InputPath", "InputTransformer"];
    Target {
        dead_letters: target.text_at("DeadLetterConfig.Arn"),
        payload: match composed.iter().all(|key| target.get(key).is_absent()) {
            true => Payload::Event,
            false => Payload::Composed,
        },
    }
}

/// Subscriptions, including those defined in their topic.
fn topics(reader: &Reader<'_>, functions: &mut [Function]) {
    for read in reader.of("AWS::SNS::Subscription") {
        if let Some(function) = read.function(functions, "Endpoint") {
            let topic = read.properties.text_at("TopicArn").known().cloned();
            let (invoker, kind) = other(Source::Sns);
            function
                .triggers
                .push(read.trigger(topic.unwrap_or_default(), invoker, kind));
        }
    }
    for read in reader.of("AWS::SNS::Topic") {
        for subscription in read.properties.items_at("Subscription") {
            let endpoint = subscription.text_at("Endpoint");
            if let Some(function) = endpoint.known().and_then(|text| function_of(functions, text)) {
                let (invoker, kind) = other(Source::Sns);
                function
                    .triggers
                    .push(read.trigger(reader.arn(read), invoker, kind));
            }
        }
    }
}

/// A trigger that is known by its source, with the service that the function's policy must allow.
fn other(source: Source) -> (Option<&'static str>, TriggerKind) {
    let invoker = source.invoker();
    let kind = TriggerKind::Other {
        source: Some(source),
        asynchronous: invoker.is_some_and(|invoker| invoker.asynchronous),
    };
    (invoker.map(|invoker| invoker.principal), kind)
}
