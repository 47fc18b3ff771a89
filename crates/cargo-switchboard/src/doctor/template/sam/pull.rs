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
        "MQ" => ("Broker", "service-role/AWSLambdaAMQExecutionRole"),
        _ => ("Cluster", "service-role/AWSLambdaVPCAccessExecutionRole"),
    };
    role.managed(event.at, policy);
    let mut properties = event.properties.clone();
    if let Some(source) = event.get(key) {
        properties.set("EventSourceArn", source.clone());
    }
    mapping(event, properties, role, made);
}

/// A mapping of the queue `arn`, such as SAM creates between a topic and the function.
pub(super) fn queue(event: &SamEvent<'_>, arn: Node, role: &mut RoleMaker, made: &mut Expansion) {
    role.managed(event.at, "service-role/AWSLambdaSQSQueueExecutionRole");
    let properties = Node::map(
        event.at,
        [("EventSourceArn", arn), ("BatchSize", Node::text(event.at, "10"))],
    );
    mapping(event, properties, role, made);
}

fn mapping(event: &SamEvent<'_>, mut properties: Node, role: &mut RoleMaker, made: &mut Expansion) {
    properties.set("FunctionName", Node::reference(event.at, event.function));
    let on_failure = properties
        .get("DestinationConfig")
        .and_then(|config| config.get("OnFailure"))
        .cloned();
    if let Some(on_failure) = on_failure {
        let arn = role.destination(&on_failure, &format!("{}FailureQueue", event.id), made);
        let at = on_failure.at;
        let on_failure = Node {
            at,
            kind: NodeKind::Map(vec![("Destination".to_owned(), arn)]),
        };
        properties.set("DestinationConfig", Node::map(at, [("OnFailure", on_failure)]));
    }
    made.push(
        &*event.id,
        "AWS::Lambda::EventSourceMapping",
        event.at,
        properties,
    );
}
