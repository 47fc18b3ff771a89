//! Events that Lambda reads for the function: streams and queues.

use super::super::node::{Node, NodeKind};
use super::event::SamEvent;
use super::expansion::Expansion;
use super::role::RoleMaker;

pub(super) fn expand(event: &SamEvent<'_>, role: &mut RoleMaker, made: &mut Expansion) {
    let (key, policy) = match event.kind {
        "Kinesis" => ("Stream", "service-role/AWSLambdaKinesisExecutionRole"),
        "DynamoDB" => ("Stream", "service-role/AWSLambdaDynamoDBExecutionRole"),
        "SQS" => ("Queue", "service-role/AWSLambdaSQSQueueExecutionRole"),
        "MSK" => ("Stream", "service-role/AWSLambdaMSKExecutionRole"),
        // The rights of these are statements about the secret and the network, of which rules say nothing.
        "MQ" => ("Broker", ""),
        _ => ("Cluster", ""),
    };
    if !policy.is_empty() {
        role.managed(event.at, policy);
    }
    let mut properties = event.properties.clone();
    if let Some(source) = event.get(key) {
        properties.set("EventSourceArn", source.clone());
    }
    mapping(event, properties, role, made);
}

/// A mapping of the queue `arn`, such as SAM creates between a topic and the function.
pub(super) fn queue(
    event: &SamEvent<'_>,
    arn: Node,
    size: Option<&Node>,
    role: &mut RoleMaker,
    made: &mut Expansion,
) {
    role.managed(event.at, "service-role/AWSLambdaSQSQueueExecutionRole");
    let size = size.cloned().unwrap_or_else(|| Node::text(event.at, "10"));
    let properties = Node::map(event.at, [("EventSourceArn", arn), ("BatchSize", size)]);
    mapping(event, properties, role, made);
}

fn mapping(event: &SamEvent<'_>, mut properties: Node, role: &mut RoleMaker, made: &mut Expansion) {
    properties.set("FunctionName", event.target.name(event.at));
    if let Some(servers) = event.get("KafkaBootstrapServers") {
        let at = servers.at;
        let endpoints = Node::map(at, [("KafkaBootstrapServers", servers.clone())]);
        properties.set(
            "SelfManagedEventSource",
            Node::map(at, [("Endpoints", endpoints)]),
        );
    }
    let on_failure = properties
        .get("DestinationConfig")
        .and_then(|config| config.get("OnFailure"))
        .cloned();
    if let Some(on_failure) = on_failure {
        let at = on_failure.at;
        let kind = on_failure.get("Type").and_then(Node::as_text).unwrap_or_default();
        let arn = on_failure.get("Destination").cloned();
        if let Some(arn) = &arn {
            role.sends(at, kind, arn);
        }
        let entries = arn.map(|arn| ("Destination".to_owned(), arn));
        let kind = NodeKind::Map(entries.into_iter().collect());
        properties.set(
            "DestinationConfig",
            Node::map(at, [("OnFailure", Node { at, kind })]),
        );
    }
    made.push(
        &*event.id,
        "AWS::Lambda::EventSourceMapping",
        event.at,
        properties,
    );
}
