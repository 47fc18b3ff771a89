//! Tenants, durable functions, streaming and provisioned mode, in each of their spellings.

use super::run::{API_PERMISSION, Case};

const URI: &str = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${F.Arn}/invocations";
const STREAMING: &str =
    "arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/${F.Arn}/response-streaming-invocations";

/// The codes for a function with these properties and other resources.
fn codes(properties: &str, resources: &str) -> Vec<String> {
    let template = format!(
        "Parameters: {{ Later: {{ Type: String }} }}
Resources:
  F: {{ Type: AWS::Lambda::Function, Properties: {{ Runtime: provided.al2023, LoggingConfig: {{ LogGroup: shared }}, {properties} }} }}
{API_PERMISSION}{resources}"
    );
    Case::new(&template).codes(&["--no-routes"])
}

/// A REST API whose integration has these settings.
fn rest(settings: &str) -> String {
    format!(
        "  Api: {{ Type: AWS::ApiGateway::RestApi }}
  M: {{ Type: AWS::ApiGateway::Method, Properties: {{ RestApiId: !Ref Api, Integration: {{ {settings} }} }} }}\n"
    )
}

/// The same in a document.
fn documented(settings: &str) -> String {
    format!(
        "  Api: {{ Type: AWS::ApiGateway::RestApi, Properties: {{ Body: {{ paths: {{ /: {{ get: {{ x-amazon-apigateway-integration: {{ {settings} }} }} }} }} }} }} }}\n"
    )
}

#[test]
fn a_rest_api_names_the_tenant_or_is_refused() {
    let tenants = "TenancyConfig: { TenantIsolationMode: PER_TENANT }";
    let header = "integration.request.header.x-amz-tenant-id: method.request.header.x-tenant-id";
    let template =
        "application/json: '#set($context.requestOverride.header.X-Amz-Tenant-Id = $input.params(1))'";
    for (api, expected) in [
        (
            rest(&format!("Type: AWS_PROXY, Uri: !Sub '{URI}'")),
            &["SB0705"][..],
        ),
        (
            rest(&format!(
                "Type: AWS_PROXY, Uri: !Sub '{URI}', RequestParameters: {{ a: b }}"
            )),
            &["SB0705"],
        ),
        (
            rest(&format!(
                "Type: AWS_PROXY, Uri: !Sub '{URI}', RequestParameters: {{ {header} }}"
            )),
            &[],
        ),
        (
            rest(&format!(
                "Type: AWS_PROXY, Uri: !Sub '{URI}', RequestParameters: !Ref Later"
            )),
            &[],
        ),
        (
            rest(&format!(
                "Type: AWS, Uri: !Sub '{URI}', RequestTemplates: {{ {template} }}"
            )),
            &[],
        ),
        (
            rest(&format!(
                "Type: AWS, Uri: !Sub '{URI}', RequestTemplates: {{ application/json: '$input' }}"
            )),
            &["SB0705"],
        ),
        (
            rest(&format!(
                "Type: AWS_PROXY, Uri: !Sub '{URI}', RequestTemplates: {{ {template} }}"
            )),
            &["SB0705"],
        ),
        (
            documented(&format!("type: aws_proxy, uri: !Sub '{URI}'")),
            &["SB0705"],
        ),
        (
            documented(&format!(
                "type: aws_proxy, uri: !Sub '{URI}', requestParameters: {{ {header} }}"
            )),
            &[],
        ),
    ] {
        assert_eq!(codes(tenants, &api), expected, "{api}");
    }
}

#[test]
fn nothing_waits_for_a_long_durable_execution() {
    let url =
        "  U: { Type: AWS::Lambda::Url, Properties: { TargetFunctionArn: !Ref A, AuthType: AWS_IAM } }\n";
    let durable = |seconds: u64, resources: &str| {
        let alias = "  A: { Type: AWS::Lambda::Alias, Properties: { FunctionName: !Ref F, FunctionVersion: '1', Name: live } }\n";
        codes(
            &format!("DurableConfig: {{ ExecutionTimeout: {seconds} }}"),
            &format!("{alias}{resources}"),
        )
    };
    let is_long = |codes: Vec<String>| codes.contains(&"SB0110".to_owned());
    assert!(is_long(durable(901, url)) && !is_long(durable(900, url)));
    // A role invokes the alias.
    let uri = URI.replace("${F.Arn}", "${A}");
    for kind in ["AWS_PROXY", "AWS"] {
        let api = rest(&format!("Type: {kind}, Credentials: role, Uri: !Sub '{uri}'"));
        assert!(is_long(durable(3600, &api)), "{kind}");
    }
    let queued = "RequestParameters: { integration.request.header.X-Amz-Invocation-Type: \"'Event'\" }";
    let api = rest(&format!(
        "Type: AWS, Credentials: role, Uri: !Sub '{uri}', {queued}"
    ));
    assert!(!is_long(durable(3600, &api)));
}

#[test]
fn the_variable_and_the_mode_agree() {
    let url = |mode: &str| {
        format!(
            "  U: {{ Type: AWS::Lambda::Url, Properties: {{ TargetFunctionArn: !Ref F, AuthType: AWS_IAM, InvokeMode: {mode} }} }}\n"
        )
    };
    let api = |settings: &str| rest(&format!("Type: AWS_PROXY, {settings}"));
    let streams =
        |fronts: &str| format!("Environment: {{ Variables: {{ SWITCHBOARD_RESPONSE_STREAM: {fronts} }} }}");
    let plain = format!("Uri: !Sub '{URI}'");
    let found = &["SB0303"][..];
    for (fronts, resources, expected) in [
        ("function_url", url("RESPONSE_STREAM"), &[][..]),
        ("function_url", url("BUFFERED"), found),
        ("'rest_api, function_url'", url("RESPONSE_STREAM"), &[]),
        ("rest_api", url("RESPONSE_STREAM"), found),
        ("''", url("RESPONSE_STREAM"), found),
        ("rest_api", url("BUFFERED"), &[]),
        ("function_url", url("!Ref Later"), &[]),
        ("!Ref Later", url("RESPONSE_STREAM"), &[]),
        ("!Ref Later", url("BUFFERED"), &[]),
        ("rest_api", api(&plain), found),
        ("function_url", api(&plain), &[]),
        (
            "rest_api",
            api(&format!("{plain}, ResponseTransferMode: STREAM")),
            &[],
        ),
        ("rest_api", api(&format!("Uri: !Sub '{STREAMING}'")), &[]),
        (
            "function_url",
            api(&format!("Uri: !Sub '{STREAMING}', ResponseTransferMode: STREAM")),
            found,
        ),
        (
            "rest_api",
            documented(&format!("type: aws_proxy, uri: !Sub '{URI}'")),
            found,
        ),
        (
            "rest_api",
            documented(&format!(
                "type: aws_proxy, uri: !Sub '{STREAMING}', responseTransferMode: STREAM"
            )),
            &[],
        ),
        (
            "rest_api",
            api(&format!("{plain}, ResponseTransferMode: !Ref Later")),
            &[],
        ),
    ] {
        assert_eq!(
            codes(&streams(fronts), &resources),
            expected,
            "{fronts}: {resources}"
        );
    }
}

#[test]
fn a_disagreement_is_an_error_and_says_what_to_paste() {
    let report = |variable: &str, mode: &str| {
        let template = format!(
            "Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: provided.al2023
      LoggingConfig: {{ LogGroup: shared }}
      Environment: {{ Variables: {{ SWITCHBOARD_RESPONSE_STREAM: {variable} }} }}
      FunctionUrlConfig: {{ AuthType: AWS_IAM, InvokeMode: {mode} }}\n"
        );
        let report = Case::new(&template).report(&["--no-routes"]);
        let finding = report["findings"][0].clone();
        assert_eq!(finding["severity"], "error");
        finding["what"].as_str().unwrap().to_owned()
    };
    let said = report("rest_api", "RESPONSE_STREAM");
    assert!(
        said.contains("SWITCHBOARD_RESPONSE_STREAM of F does not name function_url"),
        "{said}"
    );
    let said = report("function_url", "BUFFERED");
    assert!(
        said.contains("SWITCHBOARD_RESPONSE_STREAM of F names function_url"),
        "{said}"
    );
}

#[test]
fn pollers_have_a_least_and_a_most() {
    let mapping = |source: &str, config: &str| {
        let resources = format!(
            "  E: {{ Type: AWS::Lambda::EventSourceMapping, Properties: {{ FunctionName: !Ref F, {source}, FunctionResponseTypes: [ReportBatchItemFailures], ProvisionedPollerConfig: {{ {config} }} }} }}\n"
        );
        codes("Timeout: 5", &resources)
    };
    let queue = "EventSourceArn: 'arn:aws:sqs:eu-west-1:123456789012:jobs'";
    let topic = "EventSourceArn: 'arn:aws:kafka:eu-west-1:123456789012:cluster/c/1', Topics: [t], MaximumRetryAttempts: 5, DestinationConfig: { OnFailure: { Destination: 'kafka://failed' } }";
    let found = &["SB0111"][..];
    for (source, config, expected) in [
        (queue, "MinimumPollers: 20, MaximumPollers: 10", found),
        (queue, "MinimumPollers: 10, MaximumPollers: 10", &[][..]),
        (queue, "MinimumPollers: 1", found),
        (queue, "MaximumPollers: 1", found),
        (topic, "MinimumPollers: 1, MaximumPollers: 1", &[]),
        (topic, "MinimumPollers: 0", found),
        (topic, "MinimumPollers: 201", found),
        (topic, "MinimumPollers: 201, MaximumPollers: !Ref Later", &[]),
        (topic, "MinimumPollers: 2, MaximumPollers: 1", found),
    ] {
        assert_eq!(mapping(source, config), expected, "{source}: {config}");
    }
}
