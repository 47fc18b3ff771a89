//! Requests that leave out most of what their source sends.

use super::super::Source;
use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{All, Any, Has, Is, Isnt, Lacks, Named, Object, Part, Sans, String};
use super::{Rule, rule};

/// Requests without the keys that tell at once whose they are. They hold by what isn't there, too.
pub(super) const PARTIAL_REQUESTS: &[Rule] = &[
    // API Gateway Developer Guide, "Set up a WebSocket API integration". Requests of REST APIs may have the
    // connection's id, too, but they have a method, and those of HTTP APIs have `http`.
    rule(
        Source::ApiGatewayWebsocket,
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
        Source::ApiGatewayWebsocket,
        &[
            Sans(Clue::RouteKey, "/"),
            Lacks(Clue::Http),
            Lacks(Clue::TopRouteKey),
            Lacks(Clue::RawPath),
            Isnt(Clue::Version, &["1.0", "2.0"]),
        ],
    ),
    // "Lambda proxy integrations in API Gateway". Other hosts of functions add the whole address, as `rawUrl`.
    rule(
        Source::ApiGatewayRest,
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
        Source::ApiGatewayRest,
        &[
            Part(Clue::Resource, "/"),
            Any(&[
                Object(Clue::RequestContext),
                Named(Clue::PathParameters),
                Named(Clue::StageVariables),
            ]),
        ],
    ),
    // Of those who send `pathParameters` or a stage, payload format 2.0 calls the path `rawPath`.
    rule(
        Source::ApiGatewayRest,
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
        Source::ApiGatewayRest,
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
    // "Invoking Lambda function URLs".
    rule(Source::FunctionUrl, &[Part(Clue::DomainName, ".lambda-url.")]),
    // "Create AWS Lambda proxy integrations for HTTP APIs", payload format 2.0, and what authorizers of HTTP APIs add.
    rule(
        Source::ApiGatewayHttp,
        &[
            Any(&[Object(Clue::AuthorizerJwt), Object(Clue::AuthorizerLambda)]),
            Isnt(Clue::Version, &["1.0"]),
        ],
    ),
    rule(
        Source::ApiGatewayHttp,
        &[Part(Clue::TopRouteKey, " /"), Lacks(Clue::Type)],
    ),
    rule(
        Source::ApiGatewayHttp,
        &[
            String(Clue::RawPath),
            Any(&[Is(Clue::Version, &["2.0"]), String(Clue::TopRouteKey)]),
            Lacks(Clue::Type),
        ],
    ),
];

/// Nothing that WebSocket APIs or HTTP APIs with payload format 2.0 say of a request.
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
