//! Services that invoke functions: one row for each property that names a function.

use switchboard::source::Source;

use super::super::value::Value;
use super::events::sent;
use super::functions::Functions;
use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{Invoker, Setting, TriggerKind};

/// A property that names a function which the service invokes.
struct Row {
    /// The type of resource.
    kind: &'static str,
    /// The path of the property; `*` is every key.
    path: &'static str,
    /// What the service sends, if that is always the same.
    source: Option<Source>,
    invoker: Invoker,
    asynchronous: bool,
}

/// A service that invokes with a role or the caller's rights, and waits.
const fn by_role(kind: &'static str, path: &'static str, source: Source) -> Row {
    Row {
        kind,
        path,
        source: Some(source),
        invoker: Invoker::Other,
        asynchronous: false,
    }
}

/// A service that the function's policy must allow, and that waits.
const fn waits(kind: &'static str, path: &'static str, source: Source, service: &'static str) -> Row {
    Row {
        invoker: Invoker::Service(service),
        ..by_role(kind, path, source)
    }
}

/// A service that the function's policy must allow, as the source's facts have it.
const fn invoked(kind: &'static str, path: &'static str, source: Source) -> Row {
    match source.invoker() {
        Some(invoker) => Row {
            asynchronous: invoker.asynchronous,
            ..waits(kind, path, source, invoker.principal)
        },
        None => by_role(kind, path, source),
    }
}

/// A service that sends what its configuration composes.
const fn composes(kind: &'static str, path: &'static str, invoker: Invoker) -> Row {
    Row {
        kind,
        path,
        source: None,
        invoker,
        asynchronous: false,
    }
}

const APPSYNC: &str = "appsync.amazonaws.com";
const IOT: Invoker = Invoker::Service("iot.amazonaws.com");

#[rustfmt::skip]
const ROWS: &[Row] = &[
    by_role("AWS::AppSync::DataSource", "LambdaConfig.LambdaFunctionArn", Source::AppsyncResolver),
    waits("AWS::AppSync::GraphQLApi", "LambdaAuthorizerConfig.AuthorizerUri", Source::AppsyncAuthorizer, APPSYNC),
    waits("AWS::AppSync::GraphQLApi", "AdditionalAuthenticationProviders.LambdaAuthorizerConfig.AuthorizerUri", Source::AppsyncAuthorizer, APPSYNC),
    waits("AWS::AppSync::Api", "EventConfig.AuthProviders.LambdaAuthorizerConfig.AuthorizerUri", Source::AppsyncAuthorizer, APPSYNC),
    by_role("AWS::S3ObjectLambda::AccessPoint", "ObjectLambdaConfiguration.TransformationConfigurations.ContentTransformation.AwsLambda.FunctionArn", Source::S3ObjectLambda),
    by_role("AWS::CloudFront::Distribution", "DistributionConfig.DefaultCacheBehavior.LambdaFunctionAssociations.LambdaFunctionARN", Source::Cloudfront),
    by_role("AWS::CloudFront::Distribution", "DistributionConfig.CacheBehaviors.LambdaFunctionAssociations.LambdaFunctionARN", Source::Cloudfront),
    by_role("AWS::CodePipeline::Pipeline", "Stages.Actions.Configuration.FunctionName", Source::Codepipeline),
    waits("AWS::Transfer::Server", "IdentityProviderDetails.Function", Source::TransferFamily, "transfer.amazonaws.com"),
    composes("AWS::Transfer::Workflow", "Steps.CustomStepDetails.Target", Invoker::Other),
    composes("AWS::Transfer::Workflow", "OnExceptionSteps.CustomStepDetails.Target", Invoker::Other),
    invoked("AWS::Cognito::UserPool", "LambdaConfig.*", Source::Cognito),
    invoked("AWS::Cognito::UserPool", "LambdaConfig.*.LambdaArn", Source::Cognito),
    invoked("AWS::Config::ConfigRule", "Source.SourceIdentifier", Source::Config),
    invoked("AWS::Config::OrganizationConfigRule", "OrganizationCustomRuleMetadata.LambdaFunctionArn", Source::Config),
    invoked("AWS::CodeCommit::Repository", "Triggers.DestinationArn", Source::Codecommit),
    invoked("AWS::CloudWatch::Alarm", "AlarmActions", Source::CloudwatchAlarm),
    invoked("AWS::CloudWatch::Alarm", "OKActions", Source::CloudwatchAlarm),
    invoked("AWS::CloudWatch::Alarm", "InsufficientDataActions", Source::CloudwatchAlarm),
    invoked("AWS::CloudWatch::CompositeAlarm", "AlarmActions", Source::CloudwatchAlarm),
    invoked("AWS::SecretsManager::RotationSchedule", "RotationLambdaARN", Source::SecretsmanagerRotation),
    invoked("AWS::Bedrock::Agent", "ActionGroups.ActionGroupExecutor.Lambda", Source::BedrockAgent),
    by_role("AWS::KinesisAnalytics::Application", "Inputs.InputProcessingConfiguration.InputLambdaProcessor.ResourceARN", Source::KinesisAnalytics),
    by_role("AWS::KinesisAnalytics::ApplicationOutput", "Output.LambdaOutput.ResourceARN", Source::KinesisAnalytics),
    by_role("AWS::KinesisAnalyticsV2::Application", "ApplicationConfiguration.SqlApplicationConfiguration.Inputs.InputProcessingConfiguration.InputLambdaProcessor.ResourceARN", Source::KinesisAnalytics),
    by_role("AWS::KinesisAnalyticsV2::ApplicationOutput", "Output.LambdaOutput.ResourceARN", Source::KinesisAnalytics),
    waits("AWS::IoT::Authorizer", "AuthorizerFunctionArn", Source::IotCustomAuth, "iot.amazonaws.com"),
    Row { asynchronous: true, ..composes("AWS::IoT::TopicRule", "TopicRulePayload.Actions.Lambda.FunctionArn", IOT) },
    Row { asynchronous: true, ..composes("AWS::IoT::TopicRule", "TopicRulePayload.ErrorAction.Lambda.FunctionArn", IOT) },
    composes("AWS::Pipes::Pipe", "Target", Invoker::Other),
    composes("AWS::Pipes::Pipe", "Enrichment", Invoker::Other),
    composes("AWS::Lex::Bot", "TestBotAliasSettings.BotAliasLocaleSettings.BotAliasLocaleSetting.CodeHookSpecification.LambdaCodeHook.LambdaArn", Invoker::Service("lexv2.amazonaws.com")),
    composes("AWS::Lex::BotAlias", "BotAliasLocaleSettings.BotAliasLocaleSetting.CodeHookSpecification.LambdaCodeHook.LambdaArn", Invoker::Service("lexv2.amazonaws.com")),
    composes("AWS::Connect::IntegrationAssociation", "IntegrationArn", Invoker::Other),
    composes("AWS::CloudFormation::Stack", "Parameters.*", Invoker::Other),
    composes("AWS::Serverless::Application", "Parameters.*", Invoker::Other),
];

pub(super) fn read(reader: &Reader<'_>, functions: &mut Functions) {
    for row in ROWS {
        for read in reader.of(row.kind) {
            for value in read.properties.all_at(row.path) {
                add(reader, functions, read, value, row);
            }
        }
    }
    firehose(reader, functions);
    lattice(reader, functions);
    balancers(reader, functions);
    mail(reader, functions);
    channels(reader, functions);
    hooks(reader, functions);
    destinations(reader, functions);
    // A state machine's definition says what each task sends.
    for read in reader.of("AWS::StepFunctions::StateMachine") {
        let trigger = read.trigger(String::new(), Invoker::Other, other(None, false));
        functions.add_everywhere(&read.properties, &trigger);
    }
}

fn add(
    reader: &Reader<'_>,
    functions: &mut Functions,
    read: &EvaluatedResource<'_>,
    value: &Value,
    row: &Row,
) {
    // Maps have rows of their own, and what is unknown here may be no function at all.
    if let Setting::Known(text) = value.setting() {
        let kind = other(row.source, row.asynchronous);
        let trigger = read.trigger(reader.arn(read), row.invoker, kind);
        functions.add(&Setting::Known(text), trigger);
    }
}

fn other(source: Option<Source>, asynchronous: bool) -> TriggerKind {
    TriggerKind::Other { source, asynchronous }
}

/// Processors of any destination of a delivery stream, which may leave the version out or not.
fn firehose(reader: &Reader<'_>, functions: &mut Functions) {
    for read in reader.of("AWS::KinesisFirehose::DeliveryStream") {
        for parameter in read
            .properties
            .all_at("*.ProcessingConfiguration.Processors.Parameters")
        {
            if parameter.text_at("ParameterName") == Setting::Known("LambdaArn".to_owned()) {
                let kind = other(Some(Source::KinesisFirehose), false);
                let trigger = read.trigger(String::new(), Invoker::Other, kind);
                functions.add(&parameter.text_at("ParameterValue"), trigger);
            }
        }
    }
}

/// Target groups of VPC Lattice, which send version 1 of the event by default.
fn lattice(reader: &Reader<'_>, functions: &mut Functions) {
    for read in reader.of("AWS::VpcLattice::TargetGroup") {
        let source = match read
            .properties
            .text_at("Config.LambdaEventStructureVersion")
            .or("V1".to_owned())
        {
            Some(version) if version == "V1" => Some(Source::VpcLatticeV1),
            Some(_) => Some(Source::VpcLatticeV2),
            None => None,
        };
        for target in read.properties.items_at("Targets") {
            let invoker = Invoker::Service("vpc-lattice.amazonaws.com");
            let trigger = read.trigger(reader.arn(read), invoker, other(source, false));
            functions.add(&target.text_at("Id"), trigger);
        }
    }
}

fn balancers(reader: &Reader<'_>, functions: &mut Functions) {
    for read in reader.of("AWS::ElasticLoadBalancingV2::TargetGroup") {
        for target in read.properties.items_at("Targets") {
            let (invoker, kind) = sent(Source::Alb);
            let trigger = read.trigger(reader.reference(read), invoker, kind);
            functions.add(&target.text_at("Id"), trigger);
        }
    }
}

/// Receipt rules of SES, which may wait for the function.
fn mail(reader: &Reader<'_>, functions: &mut Functions) {
    for read in reader.of("AWS::SES::ReceiptRule") {
        for action in read.properties.all_at("Rule.Actions.LambdaAction") {
            let waits = action.text_at("InvocationType") == Setting::Known("RequestResponse".to_owned());
            let kind = other(Some(Source::Ses), !waits);
            let trigger = read.trigger(String::new(), Invoker::Service("ses.amazonaws.com"), kind);
            functions.add(&action.text_at("FunctionArn"), trigger);
        }
    }
}

/// Handlers of AppSync Events name a data source, and the data source the function, which so gets events of another kind.
fn channels(reader: &Reader<'_>, functions: &mut Functions) {
    let handlers =
        ["OnPublish", "OnSubscribe"].map(|on| format!("HandlerConfigs.{on}.Integration.DataSourceName"));
    let namespaces = || reader.of("AWS::AppSync::ChannelNamespace");
    for read in reader.of("AWS::AppSync::DataSource") {
        let name = reader.name(read);
        let serves = |namespace: &EvaluatedResource<'_>| {
            let names = handlers.iter().flat_map(|path| namespace.properties.all_at(path));
            names
                .into_iter()
                .any(|value| value.as_text().is_none_or(|text| text == name))
        };
        if namespaces().any(serves) {
            let kind = other(Some(Source::AppsyncEvents), false);
            let trigger = read.trigger(String::new(), Invoker::Other, kind);
            functions.add(
                &read.properties.text_at("LambdaConfig.LambdaFunctionArn"),
                trigger,
            );
        }
    }
    // A resolver that batches sends lists.
    let batches =
        |read: &EvaluatedResource<'_>| read.properties.number_at::<u64>("MaxBatchSize").or(0) != Some(0);
    let resolvers = reader
        .of("AWS::AppSync::Resolver")
        .chain(reader.of("AWS::AppSync::FunctionConfiguration"));
    if resolvers.into_iter().any(batches) {
        for read in reader.of("AWS::AppSync::DataSource") {
            let kind = other(Some(Source::AppsyncBatch), false);
            let trigger = read.trigger(String::new(), Invoker::Other, kind);
            functions.add(
                &read.properties.text_at("LambdaConfig.LambdaFunctionArn"),
                trigger,
            );
        }
    }
}

/// Functions that CodeDeploy calls before and after it shifts traffic to an alias.
fn hooks(reader: &Reader<'_>, functions: &mut Functions) {
    let update = ["BeforeAllowTrafficHook", "AfterAllowTrafficHook"];
    for read in reader.of("AWS::Lambda::Alias") {
        let Some(policy) = read
            .resource
            .update
            .as_ref()
            .and_then(|node| reader.scope.value(node))
        else {
            continue;
        };
        for hook in update {
            let kind = other(Some(Source::Codedeploy), false);
            let trigger = read.trigger(String::new(), Invoker::Other, kind);
            functions.add(
                &policy.text_at(&format!("CodeDeployLambdaAliasUpdate.{hook}")),
                trigger,
            );
        }
    }
}

/// Functions that get the records of another function's asynchronous invocations.
fn destinations(reader: &Reader<'_>, functions: &mut Functions) {
    for read in reader.of("AWS::Lambda::EventInvokeConfig") {
        for value in read.properties.all_at("DestinationConfig.*.Destination") {
            let trigger = read.trigger(
                String::new(),
                Invoker::Other,
                other(Some(Source::LambdaDestination), true),
            );
            functions.add(&value.setting(), trigger);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_own_property() {
        let mut rows: Vec<_> = ROWS.iter().map(|row| (row.kind, row.path)).collect();
        rows.sort_unstable();
        let all = rows.len();
        rows.dedup();
        assert_eq!(rows.len(), all);
    }
}
