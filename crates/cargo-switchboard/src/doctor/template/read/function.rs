//! Functions, their asynchronous invocation settings, their permissions and their URLs.

use super::super::node::Node;
use super::super::value::{Value, is_mode};
use super::functions::Functions;
use super::logs::LogGroups;
use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{
    Async, Function, Invoker, Modes, Permission, STREAM_VARIABLE, Setting, TriggerKind, UrlPart, named,
};
use crate::doctor::text::is_known;

pub(super) fn read(reader: &Reader<'_>) -> Vec<Function> {
    let groups = LogGroups::new(reader);
    let functions = reader.of("AWS::Lambda::Function");
    functions.map(|read| function(reader, &groups, read)).collect()
}

fn function(reader: &Reader<'_>, groups: &LogGroups<'_>, read: &EvaluatedResource<'_>) -> Function {
    let name = reader.name(read);
    let metadata = read.resource.metadata.as_ref();
    let binary = metadata.and_then(|metadata| metadata.get("BuildProperties")?.get("Binary"));
    Function {
        at: Some(read.resource.at),
        binary: binary.and_then(Node::as_text).map(str::to_owned),
        timeout: read.properties.number_at("Timeout"),
        modes: modes(read),
        dead_letters: read.properties.text_at("DeadLetterConfig.TargetArn"),
        logs: groups.of(read, &name),
        ..Function::new(&*read.resource.id, name)
    }
}

fn modes(read: &EvaluatedResource<'_>) -> Modes {
    let properties = &read.properties;
    let image = properties.text_at("PackageType") == Setting::Known("Image".to_owned());
    let there = |path: &str| properties.get(path).map_known(|_| true);
    Modes {
        runtime: match image {
            true => Setting::Absent,
            false => properties.text_at("Runtime"),
        },
        snap_start: properties.text_at("SnapStart.ApplyOn"),
        reserved: properties.number_at("ReservedConcurrentExecutions"),
        durable: there("DurableConfig"),
        execution: properties.number_at("DurableConfig.ExecutionTimeout"),
        vpc: there("VpcConfig"),
        tenants: properties
            .text_at("TenancyConfig.TenantIsolationMode")
            .map_known(|mode| mode == "PER_TENANT"),
        instances: there("CapacityProviderConfig"),
        streams_to: streams_to(properties),
        provisioned: Vec::new(),
    }
}

fn streams_to(properties: &Value) -> Setting<String> {
    let told = properties.text_at(&format!("Environment.Variables.{STREAM_VARIABLE}"));
    told.then(|text| match is_known(&text) {
        true => Setting::Known(text),
        false => Setting::Unknown,
    })
}

/// What other resources say of the functions.
pub(super) fn settings(reader: &Reader<'_>, functions: &mut Functions) {
    for read in reader.of("AWS::Lambda::EventInvokeConfig") {
        invoke_config(read, functions);
    }
    for read in reader.of("AWS::Lambda::Permission") {
        let name = read.properties.text_at("FunctionName");
        if name == Setting::Unknown {
            functions.unclear_permission(&read.resource.id);
        }
        if let Some((function, qualifier)) = name.known().and_then(|name| functions.find(name)) {
            function.permissions.push(permission(read, qualifier));
        }
    }
    for read in reader.of("AWS::Lambda::Url") {
        let target = qualified(read, "TargetFunctionArn");
        let kind = TriggerKind::FunctionUrl {
            auth: read.properties.text_at("AuthType"),
            streamed: read
                .properties
                .text_at("InvokeMode")
                .then(|mode| is_mode(&mode, "RESPONSE_STREAM")),
        };
        functions.add(&target, read.trigger(String::new(), Invoker::Other, kind));
    }
    for read in reader
        .of("AWS::Lambda::Alias")
        .chain(reader.of("AWS::Lambda::Version"))
    {
        let name = read.properties.text_at("FunctionName");
        let provisioned = !read.properties.get("ProvisionedConcurrencyConfig").is_absent();
        if let Some((function, _)) = name.known().and_then(|name| functions.find(name)) {
            let arn = reader.reference(read);
            let qualifier = named(&arn).qualifier.to_owned();
            function.aliases.push((qualifier, read.resource.id.clone()));
            if provisioned {
                function.modes.provisioned.push(read.resource.id.clone());
            }
        }
    }
}

fn invoke_config(read: &EvaluatedResource<'_>, functions: &mut Functions) {
    let target = read.properties.text_at("FunctionName");
    let own = read.properties.text_at("Qualifier");
    let Some((function, qualifier)) = target.known().and_then(|target| functions.find(target)) else {
        return;
    };
    function.asynchronous.push(Async {
        label: read.resource.id.clone(),
        at: Some(read.resource.at),
        qualifier: match own {
            Setting::Absent => Setting::Known(qualifier),
            // `Ref` of an alias is its ARN, but the property takes the name.
            own => own.map_known(|own| match named(&own).qualifier {
                "" => own,
                qualifier => qualifier.to_owned(),
            }),
        },
        on_failure: read.properties.text_at("DestinationConfig.OnFailure.Destination"),
        on_success: read.properties.text_at("DestinationConfig.OnSuccess.Destination"),
    });
}

/// The function at `path`, with the qualifier that is given beside it.
fn qualified(read: &EvaluatedResource<'_>, path: &str) -> Setting<String> {
    let target = read.properties.text_at(path);
    match (target, read.properties.text_at("Qualifier")) {
        (Setting::Known(target), Setting::Known(qualifier)) => {
            Setting::Known(format!("{target}:{qualifier}"))
        }
        (_, Setting::Unknown) => Setting::Unknown,
        (target, _) => target,
    }
}

fn permission(read: &EvaluatedResource<'_>, qualifier: String) -> Permission {
    let properties = &read.properties;
    let action = properties.text_at("Action");
    let narrowing = ["EventSourceToken", "PrincipalOrgID", "FunctionUrlAuthType"];
    let by_url = properties.flag_at("InvokedViaFunctionUrl") == Setting::Known(true);
    let of_url = action
        .known()
        .is_some_and(|action| action == "lambda:InvokeFunctionUrl");
    Permission {
        label: read.resource.id.clone(),
        at: Some(read.resource.at),
        qualifier,
        principal: properties
            .text_at("Principal")
            .known()
            .cloned()
            .unwrap_or_default(),
        source_arn: properties.text_at("SourceArn"),
        source_account: properties.text_at("SourceAccount"),
        narrowed: narrowing.iter().any(|key| !properties.get(key).is_absent()),
        url: match (
            by_url,
            of_url || !properties.get("FunctionUrlAuthType").is_absent(),
        ) {
            (true, _) => Some(UrlPart::Function),
            (false, true) => Some(UrlPart::Url),
            (false, false) => None,
        },
    }
}
