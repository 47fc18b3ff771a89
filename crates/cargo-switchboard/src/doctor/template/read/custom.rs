//! Custom resources: what they do is known of those that tools write; every other one invokes the function it names.

use switchboard::source::Source;

use super::functions::Functions;
use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{Invoker, Payload, Target, TriggerKind};

pub(super) fn read(reader: &Reader<'_>, functions: &mut Functions) {
    let is_custom =
        |kind: &str| kind.starts_with("Custom::") || kind == "AWS::CloudFormation::CustomResource";
    for read in reader
        .resources
        .iter()
        .filter(|read| is_custom(&read.resource.kind))
    {
        // The stack waits for the answer, so a lost event is not lost silently.
        let kind = TriggerKind::Other {
            source: Some(Source::Cloudformation),
            asynchronous: false,
        };
        let token = read.properties.text_at("ServiceToken");
        functions.add(&token, read.trigger(String::new(), Invoker::Other, kind));
    }
    // A provider framework of CDK calls the function that its own function names in a variable.
    for read in reader.of("AWS::Lambda::Function") {
        for variable in ["USER_ON_EVENT_FUNCTION_ARN", "USER_IS_COMPLETE_FUNCTION_ARN"] {
            let target = read
                .properties
                .text_at(&format!("Environment.Variables.{variable}"));
            let kind = TriggerKind::Other {
                source: Some(Source::Cloudformation),
                asynchronous: false,
            };
            functions.add(&target, read.trigger(String::new(), Invoker::Other, kind));
        }
    }
    for read in reader.of("Custom::EventBridge") {
        rule(read, functions);
    }
    for read in reader.of("Custom::CognitoUserPool") {
        let kind = TriggerKind::Other {
            source: Some(Source::Cognito),
            asynchronous: false,
        };
        let trigger = read.trigger(String::new(), Invoker::Other, kind);
        functions.add(&read.properties.text_at("FunctionName"), trigger);
    }
}

/// A rule that the Serverless Framework has its own function make.
fn rule(read: &EvaluatedResource<'_>, functions: &mut Functions) {
    let mut target = Target::default();
    let composed = ["Input", "InputPath", "InputTransformer"];
    if composed.iter().any(|key| {
        !read
            .properties
            .get(&format!("EventBridgeConfig.{key}"))
            .is_absent()
    }) {
        target.payload = Payload::Composed;
    }
    let trigger = read.trigger(String::new(), Invoker::Other, TriggerKind::Rule(target));
    functions.add(&read.properties.text_at("FunctionName"), trigger);
}
