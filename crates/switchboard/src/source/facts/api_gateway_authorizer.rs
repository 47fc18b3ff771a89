//! What asks whether a request to API Gateway may pass.

use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{All, Any, Contains, Has, Is, Lacks, Named, Object, Show, String};
use super::common::SOCKET;
use super::row::{Delivery, Embedded, Facts, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const API_GATEWAY_AUTHORIZER_TOKEN: Facts = Facts {
    name: "api_gateway_authorizer_token",
    alias: None,
    rules: &[
        // API Gateway Developer Guide, "Input to an API Gateway Lambda authorizer".
        rule(
            Stage::Requests,
            10,
            &[
                Is(Clue::Type, &["TOKEN"]),
                Any(&[String(Clue::MethodArn), String(Clue::AuthorizationToken)]),
            ],
        ),
        rule(
            Stage::Requests,
            20,
            &[
                Lacks(Clue::Type),
                String(Clue::MethodArn),
                String(Clue::AuthorizationToken),
                Lacks(Clue::RequestContext),
                Lacks(Clue::HttpMethod),
            ],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: None,
};

pub(in crate::source) const API_GATEWAY_AUTHORIZER_REQUEST: Facts = Facts {
    name: "api_gateway_authorizer_request",
    alias: None,
    rules: &[
        // API Gateway Developer Guide, "Input to an API Gateway Lambda authorizer".
        rule(
            Stage::Requests,
            80,
            &[
                String(Clue::MethodArn),
                Any(&[
                    IS_REQUEST,
                    Object(Clue::RequestContext),
                    Has(Clue::HttpMethod),
                    Has(Clue::Headers),
                    Has(Clue::QueryStringParameters),
                ]),
            ],
        ),
        rule(Stage::Requests, 90, &[IS_REQUEST, Object(Clue::RequestContext)]),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: None,
};

pub(in crate::source) const API_GATEWAY_AUTHORIZER_HTTP: Facts = Facts {
    name: "api_gateway_authorizer_http",
    alias: None,
    rules: &[
        // "Control access to HTTP APIs with Lambda authorizers", payload formats 2.0 and 1.0.
        rule(
            Stage::Requests,
            50,
            &[String(Clue::RouteArn), Show(Clue::Type), Show(Clue::Version)],
        ),
        rule(
            Stage::Requests,
            60,
            &[
                String(Clue::MethodArn),
                Any(&[Named(Clue::IdentitySource), Is(Clue::Version, &["1.0"])]),
            ],
        ),
        rule(
            Stage::Requests,
            70,
            &[
                Object(Clue::Http),
                Any(&[
                    Has(Clue::IdentitySource),
                    All(&[IS_REQUEST, Is(Clue::Version, &["2.0"])]),
                ]),
            ],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: None,
};

pub(in crate::source) const API_GATEWAY_AUTHORIZER_WEBSOCKET: Facts = Facts {
    name: "api_gateway_authorizer_websocket",
    alias: None,
    rules: &[
        // "WebSocket APIs: Lambda REQUEST authorizers", which are asked about connections only.
        rule(Stage::Requests, 30, &[Contains(Clue::MethodArn, "/$connect")]),
        rule(
            Stage::Requests,
            40,
            &[String(Clue::MethodArn), Lacks(Clue::Http), SOCKET],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: None,
};

const IS_REQUEST: Test = Is(Clue::Type, &["REQUEST"]);
