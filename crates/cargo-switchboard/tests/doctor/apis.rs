//! The many ways in which an API, a topic or a schedule can be connected with a function.

use super::run::Case;

/// A function of 31 seconds, which is too long for every API, with `resources`.
fn codes(resources: &str) -> Vec<String> {
    let template = format!(
        "Resources:
  F:
    Type: AWS::Lambda::Function
    Properties: {{ Timeout: 31, LoggingConfig: {{ LogGroup: shared }} }}
  May:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref F
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub 'arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/*'
{resources}"
    );
    Case::new(&template).codes(&["--no-routes"])
}

const URI: &str =
    "!Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'";

#[test]
fn every_api_is_known() {
    let rest = "  Api: { Type: AWS::ApiGateway::RestApi }\n";
    let http = "  Api: { Type: AWS::ApiGatewayV2::Api, Properties: { ProtocolType: HTTP } }\n";
    let websocket = "  Api: { Type: AWS::ApiGatewayV2::Api, Properties: { ProtocolType: WEBSOCKET } }\n";
    let method = format!(
        "  M: {{ Type: AWS::ApiGateway::Method, Properties: {{ RestApiId: !Ref Api, Integration: {{ Type: AWS_PROXY, Uri: {URI} }} }} }}\n"
    );
    let integration = format!(
        "  I: {{ Type: AWS::ApiGatewayV2::Integration, Properties: {{ ApiId: !Ref Api, IntegrationUri: {URI} }} }}\n"
    );
    let document = format!(
        "  Api: {{ Type: AWS::ApiGateway::RestApi, Properties: {{ Body: {{ paths: {{ /: {{ get: {{ \
         x-amazon-apigateway-integration: {{ type: aws_proxy, uri: {URI} }} }} }} }} }} }} }}\n"
    );
    let quick = "  Api: { Type: AWS::ApiGatewayV2::Api, Properties: { ProtocolType: HTTP, Target: !GetAtt F.Arn } }\n";
    for resources in [
        format!("{rest}{method}"),
        format!("{http}{integration}"),
        format!("{websocket}{integration}"),
        document,
        quick.to_owned(),
    ] {
        assert_eq!(codes(&resources), ["SB0302"], "{resources}");
    }
}

#[test]
fn several_routes_of_an_api_are_one_fault() {
    let route = |id: &str| {
        format!(
            "  {id}: {{ Type: AWS::ApiGateway::Method, Properties: {{ RestApiId: !Ref Api, Integration: {{ Type: AWS_PROXY, Uri: {URI} }} }} }}\n"
        )
    };
    let api = "  Api: { Type: AWS::ApiGateway::RestApi }\n";
    assert_eq!(codes(&format!("{api}{}{}", route("A"), route("B"))), ["SB0302"]);
}

#[test]
fn an_api_that_waits_as_long_as_its_limit_is_an_error() {
    let raised = format!(
        "  Api: {{ Type: AWS::ApiGateway::RestApi }}\n  M: {{ Type: AWS::ApiGateway::Method, Properties: {{ RestApiId: !Ref Api, \
         Integration: {{ Type: AWS_PROXY, Uri: {URI}, TimeoutInMillis: 31000 }} }} }}\n"
    );
    assert_eq!(codes(&raised), [""; 0]);
}

#[test]
fn what_invokes_asynchronously_needs_a_place_for_failures() {
    let topic = "  Api: { Type: AWS::SNS::Topic, Properties: { Subscription: [{ Protocol: lambda, Endpoint: !GetAtt F.Arn }] } }\n";
    // Nothing lets the topic invoke, either.
    assert_eq!(codes(topic), ["SB0201", "SB0403"]);
    let schedule = "  Api: { Type: AWS::Scheduler::Schedule, Properties: { Target: { Arn: !GetAtt F.Arn, RoleArn: r } } }\n";
    assert_eq!(codes(schedule), ["SB0201", "SB0202"]);
}
