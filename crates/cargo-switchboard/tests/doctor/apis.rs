//! The many ways in which an API, a topic or a schedule can be connected with a function.

use super::run::{API_PERMISSION, Case};

/// A function of 31 seconds, which is too long for every API, with `resources`.
fn codes(resources: &str) -> Vec<String> {
    let template = format!(
        "Resources:
  F:
    Type: AWS::Lambda::Function
    Properties: {{ Timeout: 31, LoggingConfig: {{ LogGroup: shared }} }}
{API_PERMISSION}{resources}"
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

/// A REST API and an HTTP API with documents of their own, whose routes the function's permissions may not have.
fn documented(permissions: &[&str]) -> Vec<String> {
    let permissions: Vec<String> = permissions
        .iter()
        .enumerate()
        .map(|(n, path)| {
            format!(
                "  P{n}: {{ Type: AWS::Lambda::Permission, Properties: {{ FunctionName: !Ref F, Principal: apigateway.amazonaws.com, SourceArn: !Sub 'arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Own}}/{path}' }} }}\n"
            )
        })
        .collect();
    let template = format!(
        "Resources:
  F: {{ Type: AWS::Lambda::Function, Properties: {{ LoggingConfig: {{ LogGroup: shared }} }} }}
  Own:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        paths:
          /orders/{{id}}:
            get: {{ x-amazon-apigateway-integration: {{ type: aws_proxy, uri: {URI} }} }}
          /orders:
            x-amazon-apigateway-any-method: {{ x-amazon-apigateway-integration: {{ type: aws_proxy, uri: {URI} }} }}
{}",
        permissions.concat()
    );
    Case::new(&template).codes(&["--no-routes"])
}

#[test]
fn each_path_of_a_document_needs_its_permission() {
    let none = [""; 0];
    for enough in [
        &["*"][..],
        &["*/*"],
        &["*/*/*"],
        &["*/GET/orders/*", "*/*/orders"],
        &[
            "prod/GET/orders/{id}",
            "prod/DELETE/orders",
            "prod/GET/orders",
            "prod/HEAD/orders",
            "prod/OPTIONS/orders",
            "prod/PATCH/orders",
            "prod/POST/orders",
            "prod/PUT/orders",
        ],
        &["${Stage}/GET/orders/{id}", "*/*/orders"],
    ] {
        assert_eq!(documented(enough), none, "{enough:?}");
    }
    for lacking in [
        &["*/GET/orders"][..],
        &["*/POST/orders/*"],
        &["*/GET/order/*", "*/*/order"],
        &["*/GET/orders/*", "*/GET/orders", "*/POST/orders"],
    ] {
        assert_eq!(documented(lacking), ["SB0403"], "{lacking:?}");
    }
}

#[test]
fn an_event_on_a_document_of_its_own_is_for_its_path_only() {
    let sam = |path: &str| {
        let template = format!(
            "Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      LoggingConfig: {{ LogGroup: shared }}
      Events:
        Web: {{ Type: Api, Properties: {{ Method: get, Path: {path}, RestApiId: !Ref Own }} }}
  Own:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionBody:
        paths:
          /orders/{{id}}:
            get: {{ x-amazon-apigateway-integration: {{ type: aws_proxy, uri: {URI} }} }}\n"
        );
        Case::new(&template).codes(&["--no-routes"])
    };
    assert_eq!(sam("'/orders/{id}'"), [""; 0]);
    assert_eq!(sam("'/orders/{proxy+}'"), [""; 0]);
    assert_eq!(sam("/order"), ["SB0403"]);
}

#[test]
fn the_routes_of_a_rest_api_have_paths_of_resources() {
    let api = |path: &str| {
        let resources = format!(
            "  A: {{ Type: AWS::ApiGateway::RestApi }}
  Orders: {{ Type: AWS::ApiGateway::Resource, Properties: {{ RestApiId: !Ref A, ParentId: !GetAtt A.RootResourceId, PathPart: orders }} }}
  One: {{ Type: AWS::ApiGateway::Resource, Properties: {{ RestApiId: !Ref A, ParentId: !Ref Orders, PathPart: '{{id}}' }} }}
  M: {{ Type: AWS::ApiGateway::Method, Properties: {{ RestApiId: !Ref A, ResourceId: !Ref One, HttpMethod: PUT, Integration: {{ Type: AWS_PROXY, Uri: {URI} }} }} }}
  W: {{ Type: AWS::ApiGatewayV2::Api, Properties: {{ ProtocolType: HTTP }} }}
  I: {{ Type: AWS::ApiGatewayV2::Integration, Properties: {{ ApiId: !Ref W, IntegrationUri: {URI} }} }}
  T: {{ Type: AWS::ApiGatewayV2::Route, Properties: {{ ApiId: !Ref W, RouteKey: PUT /orders, Target: !Sub 'integrations/${{I}}' }} }}
  P: {{ Type: AWS::Lambda::Permission, Properties: {{ FunctionName: !Ref G, Principal: apigateway.amazonaws.com, SourceArn: !Sub 'arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{A}}/*/{path}' }} }}
  O: {{ Type: AWS::Lambda::Permission, Properties: {{ FunctionName: !Ref G, Principal: apigateway.amazonaws.com, SourceArn: !Sub 'arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{W}}/*/{path}' }} }}
  G: {{ Type: AWS::Lambda::Function, Properties: {{ LoggingConfig: {{ LogGroup: shared }} }} }}\n"
        );
        let template = format!("Resources:\n{}", resources.replace("${F.Arn}", "${G.Arn}"));
        Case::new(&template).codes(&["--no-routes"])
    };
    assert_eq!(api("*/orders*"), [""; 0]);
    assert_eq!(api("PUT/orders/*"), ["SB0403"]);
    assert_eq!(api("PUT/orders"), ["SB0403"]);
    assert_eq!(api("GET/*"), ["SB0403", "SB0403"]);
}

/// A route of an API of this protocol, whose function has a permission for `path`.
fn routed(protocol: &str, key: &str, path: &str) -> Vec<String> {
    let template = format!(
        "Resources:
  F: {{ Type: AWS::Lambda::Function, Properties: {{ LoggingConfig: {{ LogGroup: shared }} }} }}
  W: {{ Type: AWS::ApiGatewayV2::Api, Properties: {{ ProtocolType: {protocol} }} }}
  I: {{ Type: AWS::ApiGatewayV2::Integration, Properties: {{ ApiId: !Ref W, IntegrationUri: {URI} }} }}
  T: {{ Type: AWS::ApiGatewayV2::Route, Properties: {{ ApiId: !Ref W, RouteKey: {key}, Target: !Sub 'integrations/${{I}}' }} }}
  P: {{ Type: AWS::Lambda::Permission, Properties: {{ FunctionName: !Ref F, Principal: apigateway.amazonaws.com, SourceArn: !Sub 'arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{W}}/{path}' }} }}\n"
    );
    Case::new(&template).codes(&["--no-routes"])
}

#[test]
fn the_routes_of_a_websocket_api_have_their_keys() {
    for (key, path) in [
        ("$connect", "*/$connect"),
        ("$connect", "prod/$connect"),
        ("$default", "*"),
        ("$default", "*/*"),
        ("sendMessage", "*/send*"),
    ] {
        assert_eq!(routed("WEBSOCKET", key, path), [""; 0], "{key} {path}");
    }
    for (key, path) in [
        ("$connect", "*/$disconnect"),
        ("$default", "*/$connect"),
        ("sendMessage", "prod/$default"),
    ] {
        assert_eq!(routed("WEBSOCKET", key, path), ["SB0403"], "{key} {path}");
    }
}

#[test]
fn the_route_for_all_other_requests_has_its_own_permission() {
    for path in ["*", "*/*", "*/*/*", "*/$default", "prod/$default"] {
        assert_eq!(routed("HTTP", "$default", path), [""; 0], "{path}");
    }
    for path in ["*/GET/orders", "*/*/orders"] {
        assert_eq!(routed("HTTP", "$default", path), ["SB0403"], "{path}");
    }
}
