//! `AWS::Serverless::Function`.

use super::super::node::Node;
use super::super::resource::Resource;
use super::events;
use super::expansion::Expansion;
use super::role::RoleMaker;

pub(super) fn expand(function: Resource, made: &mut Expansion) {
    let mut role = RoleMaker::new(&function);
    events::expand(&function, &mut role, made);
    if let Some(config) = function.properties.get("EventInvokeConfig") {
        invoke_config(&function, config, &mut role, made);
    }
    if let Some(config) = function.properties.get("FunctionUrlConfig") {
        url(&function, config, made);
    }
    let mut lambda = Resource {
        kind: "AWS::Lambda::Function".to_owned(),
        ..function
    };
    if let Some(queue) = lambda.properties.get("DeadLetterQueue").cloned() {
        let target = queue.get("TargetArn").cloned().unwrap_or_else(|| queue.clone());
        let config = Node::map(queue.at, [("TargetArn", target)]);
        lambda.properties.set("DeadLetterConfig", config);
    }
    if let Some(role) = role.finish() {
        lambda
            .properties
            .set("Role", Node::attribute(lambda.at, &role.id, "Arn"));
        made.resources.push(role);
    }
    made.resources.push(lambda);
}

fn invoke_config(function: &Resource, config: &Node, role: &mut RoleMaker, made: &mut Expansion) {
    let mut properties = config.clone();
    properties.set("FunctionName", Node::reference(config.at, &function.id));
    for (when, name) in [("OnSuccess", "SuccessQueue"), ("OnFailure", "FailureQueue")] {
        let destinations = config.get("DestinationConfig");
        if let Some(destination) = destinations.and_then(|all| all.get(when)) {
            let id = format!("{}{name}", function.id);
            let arn = role.destination(destination, &id, made);
            let mut all = properties.get("DestinationConfig").cloned();
            let all = all.get_or_insert_with(|| Node::map(config.at, []));
            all.set(when, Node::map(destination.at, [("Destination", arn)]));
            properties.set("DestinationConfig", all.clone());
        }
    }
    let id = format!("{}EventInvokeConfig", function.id);
    made.push(id, "AWS::Lambda::EventInvokeConfig", config.at, properties);
}

fn url(function: &Resource, config: &Node, made: &mut Expansion) {
    let mut properties = config.clone();
    properties.set("TargetFunctionArn", Node::reference(config.at, &function.id));
    made.push(
        format!("{}Url", function.id),
        "AWS::Lambda::Url",
        config.at,
        properties,
    );
}
