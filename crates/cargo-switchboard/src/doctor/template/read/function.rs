//! Functions, their asynchronous invocation settings, their permissions and their log groups.

use super::super::node::Node;
use super::super::value::Value;
use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{Async, Function, Logs, Permission, Setting, TriggerKind};
use crate::doctor::text::{Certainty, is_known, same};

pub(super) fn read(reader: &Reader<'_>) -> Vec<Function> {
    let mut functions: Vec<Function> = reader
        .of("AWS::Lambda::Function")
        .map(|read| function(reader, read))
        .collect();
    for read in reader.of("AWS::Lambda::EventInvokeConfig") {
        if let Some(function) = read.function(&mut functions, "FunctionName") {
            function.asynchronous.at = Some(read.resource.at);
            function.asynchronous.on_failure =
                read.properties.text_at("DestinationConfig.OnFailure.Destination");
        }
    }
    for read in reader.of("AWS::Lambda::Permission") {
        if let Some(function) = read.function(&mut functions, "FunctionName") {
            function.permissions.push(permission(read));
        }
    }
    for read in reader.of("AWS::Lambda::Url") {
        if let Some(function) = read.function(&mut functions, "TargetFunctionArn") {
            function
                .triggers
                .push(read.trigger(String::new(), None, TriggerKind::FunctionUrl));
        }
    }
    functions
}

fn function(reader: &Reader<'_>, read: &EvaluatedResource<'_>) -> Function {
    let name = reader.name(read);
    let metadata = read.resource.metadata.as_ref();
    let binary = metadata.and_then(|metadata| metadata.get("BuildProperties")?.get("Binary"));
    Function {
        at: Some(read.resource.at),
        binary: binary.and_then(Node::as_text).map(str::to_owned),
        timeout: read.properties.number_at("Timeout"),
        asynchronous: Async {
            at: Some(read.resource.at),
            on_failure: Setting::Absent,
            dead_letters: read.properties.text_at("DeadLetterConfig.TargetArn"),
        },
        logs: logs(reader, read, &name),
        ..Function::new(&*read.resource.id, name)
    }
}

fn permission(read: &EvaluatedResource<'_>) -> Permission {
    let properties = &read.properties;
    let action = properties.text_at("Action");
    let narrowing = ["EventSourceToken", "PrincipalOrgID", "FunctionUrlAuthType"];
    Permission {
        label: read.resource.id.clone(),
        at: Some(read.resource.at),
        principal: properties
            .text_at("Principal")
            .known()
            .cloned()
            .unwrap_or_default(),
        source_arn: properties.text_at("SourceArn"),
        source_account: properties.text_at("SourceAccount"),
        narrowed: narrowing.iter().any(|key| !properties.get(key).is_absent()),
        url_only: action
            .known()
            .is_some_and(|action| action == "lambda:InvokeFunctionUrl")
            || !properties.get("FunctionUrlAuthType").is_absent()
            || properties.flag_at("InvokedViaFunctionUrl") == Setting::Known(true),
    }
}

/// The log group that the function names, or the one that Lambda creates for it.
fn logs(reader: &Reader<'_>, read: &EvaluatedResource<'_>, name: &str) -> Logs {
    let named = read.properties.text_at("LoggingConfig.LogGroup");
    let (group, own) = match &named {
        Setting::Known(group) => (group.clone(), false),
        Setting::Absent => (format!("/aws/lambda/{name}"), true),
        Setting::Unknown => return unknown(),
    };
    let groups = || reader.of("AWS::Logs::LogGroup");
    let is = |read: &&EvaluatedResource<'_>, answer: Certainty| same(&reader.name(read), &group) == answer;
    match groups().find(|read| is(read, Certainty::Yes)) {
        Some(read) => Logs {
            at: Some(read.resource.at),
            label: Some(read.resource.id.clone()),
            retention: retention(&read.properties),
        },
        // The log group is defined elsewhere, so its retention is unknown.
        None if !own || groups().any(|read| is(&read, Certainty::Open) && !is_known(&group)) => unknown(),
        None => Logs {
            at: Some(read.resource.at),
            ..Logs::default()
        },
    }
}

fn retention(properties: &Value) -> Setting<u64> {
    properties.number_at("RetentionInDays")
}

fn unknown() -> Logs {
    Logs {
        retention: Setting::Unknown,
        ..Logs::default()
    }
}
