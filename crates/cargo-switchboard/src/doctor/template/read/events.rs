//! Rules, schedules, topics, load balancers and log subscriptions.

use switchboard::source::Source;

use super::super::value::Value;
use super::functions::Functions;
use super::reader::Reader;
use crate::doctor::deployment::{Invoker, Payload, Target, TriggerKind};

pub(super) fn read(reader: &Reader<'_>, functions: &mut Functions) {
    rules(reader, functions);
    for read in reader.of("AWS::Scheduler::Schedule") {
        let target = read
            .properties
            .get("Target")
            .known()
            .map(|target| self::target(target));
        let kind = TriggerKind::Schedule(target.unwrap_or_default());
        let trigger = read.trigger(reader.arn(read), Invoker::Role("scheduler.amazonaws.com"), kind);
        functions.add(&read.properties.text_at("Target.Arn"), trigger);
    }
    topics(reader, functions);
    for read in reader.of("AWS::Logs::SubscriptionFilter") {
        let (invoker, kind) = sent(Source::CloudwatchLogs);
        let trigger = read.trigger(String::new(), invoker, kind);
        functions.add(&read.properties.text_at("DestinationArn"), trigger);
    }
}

fn rules(reader: &Reader<'_>, functions: &mut Functions) {
    for read in reader.of("AWS::Events::Rule") {
        for target in read.properties.items_at("Targets") {
            let invoker = Invoker::by("events.amazonaws.com", !target.get("RoleArn").is_absent());
            let arn = match read.properties.text_at("EventBusName").known() {
                // The ARN of a rule on a custom bus starts with the bus.
                Some(bus) if bus != "default" => reader.arn(read).replace(":rule/", ":rule/*"),
                _ => reader.arn(read),
            };
            let trigger = read.trigger(arn, invoker, TriggerKind::Rule(self::target(target)));
            functions.add(&target.text_at("Arn"), trigger);
        }
    }
}

pub(super) fn target(target: &Value) -> Target {
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
fn topics(reader: &Reader<'_>, functions: &mut Functions) {
    let (invoker, kind) = sent(Source::Sns);
    for read in reader.of("AWS::SNS::Subscription") {
        let topic = read.properties.text_at("TopicArn").known().cloned();
        let trigger = read.trigger(topic.unwrap_or_default(), invoker, kind.clone());
        functions.add(&read.properties.text_at("Endpoint"), trigger);
    }
    for read in reader.of("AWS::SNS::Topic") {
        for subscription in read.properties.items_at("Subscription") {
            let trigger = read.trigger(reader.arn(read), invoker, kind.clone());
            functions.add(&subscription.text_at("Endpoint"), trigger);
        }
    }
}

/// A trigger that is known by its source, with the service that the function's policy must allow.
pub(super) fn sent(source: Source) -> (Invoker, TriggerKind) {
    let invoker = source.invoker();
    let kind = TriggerKind::Other {
        source: Some(source),
        asynchronous: invoker.is_some_and(|invoker| invoker.asynchronous),
    };
    let service = invoker.map(|invoker| Invoker::Service(invoker.principal));
    (service.unwrap_or_default(), kind)
}
