//! What a template takes from other files: documents of APIs, and what `AWS::Include` adds.

use serde_json::Value;

use super::run::{Case, codes};

const URI: &str = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:orders/invocations";

/// A document with a route for GET /orders/{id}.
fn document(uri: &str) -> String {
    format!(
        "openapi: 3.0.1
paths:
  /orders/{{id}}:
    get:
      x-amazon-apigateway-integration: {{ type: aws_proxy, httpMethod: POST, payloadFormatVersion: '2.0', uri: {uri} }}\n"
    )
}

/// A function whose permission is for `path` of an API that is written as `api`.
fn template(api: &str, path: &str) -> String {
    format!(
        "Transform: AWS::Serverless-2016-10-31
Parameters: {{ Where: {{ Type: String, Default: openapi.yaml }} }}
Resources:
  F: {{ Type: AWS::Lambda::Function, Properties: {{ FunctionName: orders, LoggingConfig: {{ LogGroup: shared }} }} }}
  May:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref F
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub 'arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/{path}'
  Api: {api}\n"
    )
}

fn report(api: &str, path: &str, file: &str) -> Value {
    let case = Case::new(&template(api, path));
    case.file("openapi.yaml", file);
    case.report(&["--no-routes"])
}

fn unread(report: &Value) -> Vec<String> {
    let unread = report["unread"].as_array().unwrap().iter();
    unread
        .map(|unread| {
            format!(
                "{}: {}",
                unread["resource"].as_str().unwrap(),
                unread["reason"].as_str().unwrap()
            )
        })
        .collect()
}

#[test]
fn the_document_of_an_api_is_read_from_its_file() {
    for api in [
        "{ Type: AWS::Serverless::Api, Properties: { StageName: prod, DefinitionUri: openapi.yaml } }",
        "{ Type: AWS::Serverless::Api, Properties: { StageName: prod, DefinitionUri: !Ref Where } }",
        "{ Type: AWS::Serverless::HttpApi, Properties: { DefinitionUri: ./openapi.yaml } }",
        "{ Type: AWS::ApiGateway::RestApi, Properties: { BodyS3Location: openapi.yaml } }",
    ] {
        for (path, expected) in [("*/GET/orders/*", &[][..]), ("*/GET/order", &["SB0403"])] {
            let report = report(api, path, &document(URI));
            assert_eq!(codes(&report), expected, "{api}, {path}");
            assert_eq!(unread(&report), [""; 0]);
        }
    }
}

#[test]
fn an_event_is_no_route_of_an_http_api_with_a_file() {
    let api = "{ Type: AWS::Serverless::HttpApi, Properties: { DefinitionUri: openapi.yaml } }
  G:
    Type: AWS::Serverless::Function
    Properties:
      LoggingConfig: { LogGroup: shared }
      Timeout: 31
      Events: { Web: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /other } } }";
    assert_eq!(codes(&report(api, "*/GET/orders/*", &document(URI))), [""; 0]);
}

#[test]
fn what_is_included_is_read_and_evaluated() {
    let uri = "{ 'Fn::Sub': 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations' }";
    let include = "{ 'Fn::Transform': { Name: AWS::Include, Parameters: { Location: !Ref Where } } }";
    for api in [
        format!("{{ Type: AWS::Serverless::Api, Properties: {{ StageName: prod, DefinitionBody: {include} }} }}"),
        format!("{{ Type: AWS::ApiGateway::RestApi, Properties: {{ Body: {include} }} }}"),
        format!("{{ Type: AWS::ApiGatewayV2::Api, Properties: {{ ProtocolType: HTTP, Body: {include} }} }}"),
        "{ Type: AWS::ApiGateway::RestApi, Properties: { Body: !Transform { Name: AWS::Include, Parameters: { Location: openapi.yaml } } } }"
            .to_owned(),
    ] {
        for (path, expected) in [("*/GET/orders/*", &[][..]), ("*/GET/order", &["SB0403"])] {
            let report = report(&api, path, &document(uri));
            assert_eq!(codes(&report), expected, "{api}, {path}");
            assert_eq!(unread(&report), [""; 0]);
        }
    }
}

#[test]
fn a_finding_in_a_file_is_at_the_line_that_names_it() {
    let api = "{ Type: AWS::Serverless::Api, Properties: { StageName: prod, DefinitionUri: openapi.yaml } }";
    let report = report(api, "*/GET/order", &document(URI));
    let line = template(api, "")
        .lines()
        .position(|line| line.starts_with("  Api:"));
    assert_eq!(report["findings"][0]["line"], line.unwrap() + 1);
}

#[test]
fn a_document_that_is_taken_as_it_is_has_no_functions() {
    let api = "{ Type: AWS::Serverless::Api, Properties: { StageName: prod, DefinitionUri: openapi.yaml } }";
    let report = report(api, "*", &document("{ 'Fn::Sub': '${F.Arn}' }"));
    let said = unread(&report);
    assert!(
        said[0].starts_with("Api: openapi.yaml has intrinsic functions"),
        "{said:?}"
    );
}

#[test]
fn what_is_not_here_is_named_and_nothing_is_guessed() {
    let served =
        r#"{"routes": [{"source": "api_gateway_rest", "handler": "a"}, {"source": "sqs", "handler": "b"}]}"#;
    let include = |location: &str| {
        format!(
            "{{ Type: AWS::ApiGateway::RestApi, Properties: {{ Body: {{ 'Fn::Transform': {{ Name: AWS::Include, Parameters: {{ Location: {location} }} }} }} }} }}"
        )
    };
    let by_uri = |location: &str| {
        format!(
            "{{ Type: AWS::Serverless::Api, Properties: {{ StageName: prod, DefinitionUri: {location} }} }}"
        )
    };
    for (api, reason) in [
        (
            by_uri("s3://bucket/openapi.yaml"),
            "Api: its document s3://bucket/openapi.yaml is not a local file",
        ),
        (
            by_uri("{ Bucket: b, Key: k }"),
            "Api: its document is in a place that is not known",
        ),
        (by_uri("none.yaml"), "Api: its document none.yaml cannot be read"),
        (by_uri("."), "Api: its document . cannot be read"),
        (
            by_uri("wrong.yaml"),
            "Api: its document wrong.yaml cannot be read: line",
        ),
        (
            include("s3://bucket/openapi.yaml"),
            "Api: its include s3://bucket/openapi.yaml is not a local file",
        ),
        (include("none.yaml"), "Api: its include none.yaml cannot be read"),
    ] {
        let case = Case::new(&template(&api, "*/GET/orders/*"));
        case.file("wrong.yaml", "paths: [");
        case.file("routes.json", served);
        let report = case.report(&["--routes", "routes.json"]);
        assert_eq!(codes(&report), [""; 0], "{api}");
        assert!(
            unread(&report).iter().any(|said| said.starts_with(reason)),
            "{reason}: {report:#}"
        );
    }
}

#[test]
fn resources_sections_and_settings_are_included() {
    let function = "F: { Type: AWS::Lambda::Function, Properties: { LoggingConfig: { LogGroup: shared } } }";
    let url = "U: { Type: AWS::Lambda::Url, Properties: { TargetFunctionArn: { Ref: F }, AuthType: AWS_IAM, InvokeMode: RESPONSE_STREAM } }";
    let include = |file: &str| format!("{{ Name: AWS::Include, Parameters: {{ Location: {file} }} }}");
    for template in [
        format!(
            "Resources:\n  {function}\n  Fn::Transform: {}\n",
            include("more.yaml")
        ),
        format!(
            "Transform: [{}]\nResources:\n  {function}\n",
            include("whole.yaml")
        ),
    ] {
        let case = Case::new(&template);
        case.file("more.yaml", url);
        case.file("whole.yaml", &format!("Resources:\n  {url}\n"));
        assert_eq!(case.codes(&["--no-routes"]), ["SB0303"], "{template}");
    }
    // What may be included is not absent.
    let rest = "Resources: { F: { Type: AWS::Lambda::Function, Properties: { ReservedConcurrentExecutions: 0, Fn::Transform: { Name: AWS::Include, Parameters: { Location: rest.yaml } } } } }";
    let case = Case::new(rest);
    assert_eq!(case.codes(&["--no-routes"]), ["SB0703"]);
    case.file(
        "rest.yaml",
        "LoggingConfig: { LogGroup: shared }\nReservedConcurrentExecutions: 5\n",
    );
    assert_eq!(case.codes(&["--no-routes"]), ["SB0703"]);
}
