//! API Gateway, and function URLs, which speak the same.

use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{
    All, Any, Contains, DoesNotContain, Has, Host, Is, IsNot, Lacks, Named, Object, Show, String,
};
use super::common::SOCKET;
use super::row::{
    Delivery, Embedded, Facts, HttpPaths, MAX_REPLY, Proxy, ReplyForm, RequestForm, RequestPaths, Trigger,
};
use super::rule::{Stage, rule};

pub(in crate::source) const API_GATEWAY_REST: Facts = Facts {
    name: "api_gateway_rest",
    alias: Some("rest"),
    rules: &[
        // "Lambda proxy integrations in API Gateway", which payload format 1.0 of HTTP APIs follows.
        rule(
            Stage::Requests,
            240,
            &[
                String(Clue::HttpMethod),
                Any(&[
                    Object(Clue::RequestContext),
                    String(Clue::Resource),
                    Named(Clue::PathParameters),
                    Named(Clue::StageVariables),
                ]),
            ],
        ),
        rule(
            Stage::Requests,
            250,
            &[Any(&[
                String(Clue::ResourcePath),
                String(Clue::ResourceId),
                String(Clue::ContextHttpMethod),
            ])],
        ),
        // "Lambda proxy integrations in API Gateway". Other hosts of functions add the whole address, as `rawUrl`.
        rule(
            Stage::PartialRequests,
            30,
            &[
                String(Clue::HttpMethod),
                Any(&[
                    String(Clue::Path),
                    Named(Clue::Headers),
                    Named(Clue::QueryStringParameters),
                    Named(Clue::Body),
                ]),
                Lacks(Clue::RawUrl),
            ],
        ),
        rule(
            Stage::PartialRequests,
            40,
            &[
                Contains(Clue::Resource, "/"),
                Any(&[
                    Object(Clue::RequestContext),
                    Named(Clue::PathParameters),
                    Named(Clue::StageVariables),
                ]),
            ],
        ),
        // Of those who send `pathParameters` or a stage, payload format 2.0 calls the path `rawPath`.
        rule(
            Stage::PartialRequests,
            50,
            &[
                String(Clue::Path),
                Any(&[
                    String(Clue::Stage),
                    Named(Clue::PathParameters),
                    Named(Clue::StageVariables),
                ]),
                Lacks(Clue::RawUrl),
                NO_OTHER_API,
            ],
        ),
        // "$context variables for data models, authorizers": the caller's identity, the claims of a user pool's token,
        // what a Lambda authorizer returned. Payload format 2.0 has them all in places of its own; VPC Lattice, which
        // tells the caller's identity as well, has a `method`.
        rule(
            Stage::PartialRequests,
            60,
            &[
                Any(&[
                    All(&[Object(Clue::ContextIdentity), Lacks(Clue::Method)]),
                    Object(Clue::AuthorizerClaims),
                    String(Clue::AuthorizerPrincipalId),
                    All(&[Object(Clue::Authorizer), Named(Clue::PathParameters)]),
                ]),
                NO_OTHER_API,
            ],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [Some("requestContext.requestId"), None],
    trigger: Trigger::Http(HttpPaths {
        proxy: Some(Proxy {
            form: RequestForm::Rest,
            reply: ReplyForm::MultiValue,
            max_reply: MAX_REPLY,
            streams_as: Some("rest_api"),
        }),
        request: RequestPaths {
            method: Some("httpMethod"),
            path: Some("path"),
            route: Some("resource"),
            host: Some("requestContext.domainName"),
            traceparent: [Some("headers.traceparent"), Some("multiValueHeaders.traceparent")],
        },
    }),
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: None,
};

pub(in crate::source) const API_GATEWAY_HTTP: Facts = Facts {
    name: "api_gateway_http",
    alias: Some("http"),
    rules: &[
        // API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", payload format 2.0.
        rule(
            Stage::Requests,
            230,
            &[
                Object(Clue::Http),
                NOT_V1,
                Show(Clue::Version),
                Show(Clue::DomainName),
            ],
        ),
        // "Create AWS Lambda proxy integrations for HTTP APIs", payload format 2.0, and what authorizers of HTTP APIs add.
        rule(
            Stage::PartialRequests,
            80,
            &[
                Any(&[Object(Clue::AuthorizerJwt), Object(Clue::AuthorizerLambda)]),
                IsNot(Clue::Version, &["1.0"]),
            ],
        ),
        rule(
            Stage::PartialRequests,
            90,
            &[Contains(Clue::TopRouteKey, " /"), Lacks(Clue::Type)],
        ),
        rule(
            Stage::PartialRequests,
            100,
            &[
                String(Clue::RawPath),
                Any(&[Is(Clue::Version, &["2.0"]), String(Clue::TopRouteKey)]),
                Lacks(Clue::Type),
            ],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [Some("requestContext.requestId"), None],
    trigger: Trigger::Http(HttpPaths {
        proxy: Some(Proxy {
            form: RequestForm::HttpApi,
            reply: ReplyForm::Cookies,
            max_reply: MAX_REPLY,
            streams_as: None,
        }),
        request: FORMAT_2,
    }),
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: None,
};

pub(in crate::source) const API_GATEWAY_WEBSOCKET: Facts = Facts {
    name: "api_gateway_websocket",
    alias: None,
    rules: &[
        // API Gateway Developer Guide, "Set up a WebSocket API integration".
        rule(Stage::Requests, 200, &[Lacks(Clue::Http), SOCKET]),
        // API Gateway Developer Guide, "Set up a WebSocket API integration". Requests of REST APIs may have the
        // connection's id, too, but they have a method, and those of HTTP APIs have `http`.
        rule(
            Stage::PartialRequests,
            10,
            &[
                String(Clue::ConnectionId),
                Any(&[
                    Has(Clue::ConnectedAt),
                    Has(Clue::MessageDirection),
                    All(&[String(Clue::DomainName), String(Clue::Stage)]),
                    All(&[Lacks(Clue::HttpMethod), Lacks(Clue::Path), Lacks(Clue::Resource)]),
                ]),
                Lacks(Clue::Http),
            ],
        ),
        // Or its route alone; routes of HTTP APIs have a path.
        rule(
            Stage::PartialRequests,
            20,
            &[
                DoesNotContain(Clue::RouteKey, "/"),
                Lacks(Clue::Http),
                Lacks(Clue::TopRouteKey),
                Lacks(Clue::RawPath),
                IsNot(Clue::Version, &["1.0", "2.0"]),
            ],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [Some("requestContext.requestId"), None],
    trigger: Trigger::Http(HttpPaths {
        proxy: Some(Proxy {
            form: RequestForm::Websocket,
            reply: ReplyForm::MultiValue,
            max_reply: MAX_REPLY,
            streams_as: None,
        }),
        request: RequestPaths {
            method: None,
            path: None,
            route: Some("requestContext.routeKey"),
            host: Some("requestContext.domainName"),
            traceparent: [Some("headers.traceparent"), Some("multiValueHeaders.traceparent")],
        },
    }),
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: None,
};

pub(in crate::source) const FUNCTION_URL: Facts = Facts {
    name: "function_url",
    alias: None,
    rules: &[
        // "Invoking Lambda function URLs": the payload of an HTTP API, from a domain of its own.
        rule(
            Stage::Requests,
            210,
            &[
                Object(Clue::Http),
                Contains(Clue::DomainName, ".lambda-url."),
                NOT_V1,
            ],
        ),
        // Or, where that is left out, from its `host`.
        rule(
            Stage::Requests,
            220,
            &[
                Object(Clue::Http),
                Lacks(Clue::DomainName),
                NOT_V1,
                Host(Clue::Headers, ".lambda-url."),
            ],
        ),
        // "Invoking Lambda function URLs".
        rule(
            Stage::PartialRequests,
            70,
            &[Contains(Clue::DomainName, ".lambda-url.")],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [Some("requestContext.requestId"), None],
    trigger: Trigger::Http(HttpPaths {
        proxy: Some(Proxy {
            form: RequestForm::FunctionUrl,
            reply: ReplyForm::Cookies,
            max_reply: MAX_REPLY,
            streams_as: Some("function_url"),
        }),
        request: FORMAT_2,
    }),
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: None,
};

/// Where payload format 2.0, of HTTP APIs and function URLs, has what traces say about a request.
const FORMAT_2: RequestPaths = RequestPaths {
    method: Some("requestContext.http.method"),
    path: Some("rawPath"),
    route: Some("routeKey"),
    host: Some("requestContext.domainName"),
    traceparent: [Some("headers.traceparent"), None],
};

/// Payload format 2.0, or at least no other; other clouds number theirs `v1`.
const NOT_V1: Test = IsNot(Clue::Version, &["1.0", "v1"]);

/// Nothing that WebSocket APIs or HTTP APIs with payload format 2.0 say about a request.
const NO_OTHER_API: Test = All(&[
    Lacks(Clue::Http),
    Lacks(Clue::RouteKey),
    Lacks(Clue::TopRouteKey),
    Lacks(Clue::SocketEventType),
    Lacks(Clue::RawPath),
    Lacks(Clue::AuthorizerJwt),
    Lacks(Clue::AuthorizerLambda),
    Lacks(Clue::AuthorizerIam),
]);
