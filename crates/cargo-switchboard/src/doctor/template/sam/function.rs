//! `AWS::Serverless::Function`.

use super::super::node::Node;
use super::super::resource::Resource;
use super::event::SamTarget;
use super::events;
use super::expansion::Expansion;
use super::role::RoleMaker;

/// Properties that the transform makes resources of, so that the function itself has them no longer.
const OF_SAM: [&str; 8] = [
    "AutoPublishAlias",
    "DeadLetterQueue",
    "DeploymentPreference",
    "EventInvokeConfig",
    "Events",
    "FunctionUrlConfig",
    "Policies",
    "ProvisionedConcurrencyConfig",
];

pub(super) fn expand(function: Resource, made: &mut Expansion) {
    let target = SamTarget {
        function: function.id.clone(),
        alias: function.properties.get("AutoPublishAlias").cloned(),
    };
    alias(&function, &target, made);
    let mut role = RoleMaker::new(&function);
    events::expand(&function, &target, &mut role, made);
    if let Some(config) = function.properties.get("EventInvokeConfig") {
        invoke_config(&target, config, &mut role, made);
    }
    if let Some(config) = function.properties.get("FunctionUrlConfig") {
        url(&target, config, made);
    }
    let mut lambda = Resource {
        kind: "AWS::Lambda::Function".to_owned(),
        ..function
    };
    if let Some(queue) = lambda.properties.get("DeadLetterQueue").cloned() {
        let arn = queue.get("TargetArn").cloned().unwrap_or_else(|| queue.clone());
        let config = Node::map(queue.at, [("TargetArn", arn)]);
        lambda.properties.set("DeadLetterConfig", config);
    }
    for key in OF_SAM {
        lambda.properties.remove(key);
    }
    if let Some(role) = role.finish() {
        lambda
            .properties
            .set("Role", Node::attribute(lambda.at, &role.id, "Arn"));
        made.resources.push(role);
    }
    made.resources.push(lambda);
}

/// The version and the alias of `AutoPublishAlias`, by their ids and by the names with which templates refer to them.
fn alias(function: &Resource, target: &SamTarget, made: &mut Expansion) {
    let Some(name) = &target.alias else { return };
    let at = name.at;
    let of = Node::reference(at, &target.function);
    let version = Node::map(at, [("FunctionName", of.clone())]);
    made.push(
        format!("{}.Version", target.function),
        "AWS::Lambda::Version",
        at,
        version,
    );
    let mut properties = Node::map(at, [("FunctionName", of), ("Name", name.clone())]);
    let concurrency = function.properties.get("ProvisionedConcurrencyConfig");
    if let Some(config) = concurrency {
        properties.set("ProvisionedConcurrencyConfig", config.clone());
    }
    let mut alias = Resource::new(target.alias_id(), "AWS::Lambda::Alias", at, properties);
    let hooks = function
        .properties
        .get("DeploymentPreference")
        .and_then(|preference| preference.get("Hooks"));
    if let Some(hooks) = hooks {
        let renamed = [
            ("PreTraffic", "BeforeAllowTrafficHook"),
            ("PostTraffic", "AfterAllowTrafficHook"),
        ];
        let hooks = renamed
            .into_iter()
            .filter_map(|(from, to)| Some((to, hooks.get(from)?.clone())));
        alias.update = Some(Node::map(
            at,
            [("CodeDeployLambdaAliasUpdate", Node::map(at, hooks))],
        ));
    }
    if let Some(text) = name.as_text() {
        let mut by_id = Resource {
            id: format!("{}Alias{}", target.function, alphanumeric(text)),
            ..alias.clone()
        };
        // What is provisioned and hooked counts once.
        by_id.update = None;
        by_id.properties = Node::map(
            at,
            ["FunctionName", "Name"]
                .into_iter()
                .filter_map(|key| Some((key, by_id.properties.get(key)?.clone()))),
        );
        made.resources.push(by_id);
    }
    made.resources.push(alias);
}

/// What SAM makes a part of a logical id.
fn alphanumeric(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn invoke_config(target: &SamTarget, config: &Node, role: &mut RoleMaker, made: &mut Expansion) {
    let mut properties = config.clone();
    properties.set("FunctionName", Node::reference(config.at, &target.function));
    let latest = || Node::text(config.at, "$LATEST");
    properties.set("Qualifier", target.alias.clone().unwrap_or_else(latest));
    let id = format!("{}EventInvokeConfig", target.function);
    for when in ["OnSuccess", "OnFailure"] {
        let destinations = config.get("DestinationConfig");
        if let Some(destination) = destinations.and_then(|all| all.get(when)) {
            let arn = role.destination(destination, &format!("{id}{when}"), made);
            let mut all = properties.get("DestinationConfig").cloned();
            let all = all.get_or_insert_with(|| Node::map(config.at, []));
            all.set(when, Node::map(destination.at, [("Destination", arn)]));
            properties.set("DestinationConfig", all.clone());
        }
    }
    made.push(id, "AWS::Lambda::EventInvokeConfig", config.at, properties);
}

/// The URL, and the two statements that let everyone call it if nobody has to sign.
fn url(target: &SamTarget, config: &Node, made: &mut Expansion) {
    let at = config.at;
    let mut properties = config.clone();
    properties.set("TargetFunctionArn", Node::reference(at, &target.function));
    if let Some(alias) = &target.alias {
        properties.set("Qualifier", alias.clone());
    }
    let function = &target.function;
    made.push(format!("{function}Url"), "AWS::Lambda::Url", at, properties);
    let auth = config.get("AuthType");
    if auth.and_then(Node::as_text) != Some("NONE") {
        return;
    }
    let statement = |action: &str, key: &'static str, value: &str| {
        let properties = [
            ("FunctionName", target.name(at)),
            ("Action", Node::text(at, action)),
            ("Principal", Node::text(at, "*")),
            (key, Node::text(at, value)),
        ];
        Node::map(at, properties)
    };
    let url = statement("lambda:InvokeFunctionUrl", "FunctionUrlAuthType", "NONE");
    let invoke = statement("lambda:InvokeFunction", "InvokedViaFunctionUrl", "true");
    made.push(
        format!("{function}UrlPublicPermissions"),
        "AWS::Lambda::Permission",
        at,
        url,
    );
    made.push(
        format!("{function}URLInvokeAllowPublicAccess"),
        "AWS::Lambda::Permission",
        at,
        invoke,
    );
}
