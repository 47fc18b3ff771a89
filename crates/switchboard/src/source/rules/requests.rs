//! Requests, and what asks whether they may pass.

use super::super::Source;
use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{
    All, Also, Any, Has, Host, Is, Isnt, Lacks, Named, Object, Part, Shown, String,
};
use super::{Rule, rule};

/// Requests and what asks whether they may pass. The latter carry the request too, so they come first.
pub(super) const REQUESTS: &[Rule] = &[
    // API Gateway Developer Guide, "Input to an API Gateway Lambda authorizer".
    rule(
        Source::ApiGatewayAuthorizerToken,
        &[
            Is(Clue::Type, &["TOKEN"]),
            Any(&[String(Clue::MethodArn), String(Clue::AuthorizationToken)]),
        ],
    ),
    rule(
        Source::ApiGatewayAuthorizerToken,
        &[
            Lacks(Clue::Type),
            String(Clue::MethodArn),
            String(Clue::AuthorizationToken),
            Lacks(Clue::RequestContext),
            Lacks(Clue::HttpMethod),
        ],
    ),
    // "WebSocket APIs: Lambda REQUEST authorizers", which are asked about connections only.
    rule(
        Source::ApiGatewayAuthorizerWebsocket,
        &[Part(Clue::MethodArn, "/$connect")],
    ),
    rule(
        Source::ApiGatewayAuthorizerWebsocket,
        &[String(Clue::MethodArn), Lacks(Clue::Http), SOCKET],
    ),
    // "Control access to HTTP APIs with Lambda authorizers", payload formats 2.0 and 1.0.
    rule(
        Source::ApiGatewayAuthorizerHttp,
        &[String(Clue::RouteArn), Also(Clue::Type), Also(Clue::Version)],
    ),
    rule(
        Source::ApiGatewayAuthorizerHttp,
        &[
            String(Clue::MethodArn),
            Any(&[Named(Clue::IdentitySource), Is(Clue::Version, &["1.0"])]),
        ],
    ),
    rule(
        Source::ApiGatewayAuthorizerHttp,
        &[
            Object(Clue::Http),
            Any(&[
                Has(Clue::IdentitySource),
                All(&[IS_REQUEST, Is(Clue::Version, &["2.0"])]),
            ]),
        ],
    ),
    rule(
        Source::ApiGatewayAuthorizerRequest,
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
    rule(
        Source::ApiGatewayAuthorizerRequest,
        &[IS_REQUEST, Object(Clue::RequestContext)],
    ),
    // AppSync Developer Guide, "AWS_LAMBDA authorization".
    rule(
        Source::AppsyncAuthorizer,
        &[
            String(Clue::AuthorizationToken),
            Object(Clue::RequestContext),
            Lacks(Clue::HttpMethod),
            Lacks(Clue::Http),
        ],
    ),
    // "Capturing discarded batches" of Kinesis, DynamoDB Streams and Kafka. A bucket gets the whole batch beside it, and a
    // batch that the function was never called with has no response.
    rule(
        Source::LambdaDestinationKinesis,
        &[Object(Clue::KinesisBatchInfo), Also(Clue::Condition)],
    ),
    rule(
        Source::LambdaDestinationDynamodb,
        &[Object(Clue::DdbStreamBatchInfo), Also(Clue::Condition)],
    ),
    rule(
        Source::LambdaDestinationKafka,
        &[Object(Clue::KafkaBatchInfo), Also(Clue::Condition)],
    ),
    // "Capturing records of Lambda asynchronous invocations".
    rule(
        Source::LambdaDestination,
        &[
            Shown(Clue::Condition),
            Any(&[Named(Clue::RequestPayload), Object(Clue::ResponseContext)]),
        ],
    ),
    rule(
        Source::LambdaDestination,
        &[Shown(Clue::FunctionArn), Named(Clue::RequestPayload)],
    ),
    // VPC Lattice User Guide, "Lambda functions as targets", event structures v2 and v1.
    rule(
        Source::VpcLatticeV2,
        &[Any(&[
            Shown(Clue::ServiceNetworkArn),
            Shown(Clue::ServiceArn),
            Shown(Clue::TargetGroupArn),
        ])],
    ),
    rule(
        Source::VpcLatticeV1,
        &[
            String(Clue::LatticeRawPath),
            Any(&[
                Shown(Clue::Method),
                Named(Clue::LatticeIsBase64Encoded),
                Named(Clue::LatticeQuery),
            ]),
        ],
    ),
    // Bedrock User Guide, "Configure Lambda functions to send information", whose events have `httpMethod`, too.
    rule(
        Source::BedrockAgent,
        &[
            Shown(Clue::ActionGroup),
            Any(&[
                Has(Clue::Agent),
                Has(Clue::ApiPath),
                Has(Clue::Function),
                Has(Clue::MessageVersion),
            ]),
        ],
    ),
    // Bedrock User Guide, "Write a custom parser Lambda function".
    rule(
        Source::BedrockAgent,
        &[Object(Clue::Agent), String(Clue::InvokeModelRawResponse)],
    ),
    // API Gateway Developer Guide, "Set up a WebSocket API integration".
    rule(Source::ApiGatewayWebsocket, &[Lacks(Clue::Http), SOCKET]),
    // "Invoking Lambda function URLs": the payload of an HTTP API, from a domain of its own.
    rule(
        Source::FunctionUrl,
        &[Object(Clue::Http), Part(Clue::DomainName, ".lambda-url."), NOT_V1],
    ),
    // Or, where that is left out, from its `host`.
    rule(
        Source::FunctionUrl,
        &[
            Object(Clue::Http),
            Lacks(Clue::DomainName),
            NOT_V1,
            Host(Clue::Headers, ".lambda-url."),
        ],
    ),
    // API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", payload format 2.0.
    rule(
        Source::ApiGatewayHttp,
        &[
            Object(Clue::Http),
            NOT_V1,
            Also(Clue::Version),
            Also(Clue::DomainName),
        ],
    ),
    // "Lambda proxy integrations in API Gateway", which payload format 1.0 of HTTP APIs follows.
    rule(
        Source::ApiGatewayRest,
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
        Source::ApiGatewayRest,
        &[Any(&[
            String(Clue::ResourcePath),
            String(Clue::ResourceId),
            String(Clue::ContextHttpMethod),
        ])],
    ),
];

const IS_REQUEST: Test = Is(Clue::Type, &["REQUEST"]);

/// What only the request contexts of WebSocket APIs have; `connectionId` alone is in some REST requests as well.
const SOCKET: Test = Any(&[
    Is(Clue::SocketEventType, &["CONNECT", "MESSAGE", "DISCONNECT"]),
    Is(Clue::RouteKey, &["$connect", "$disconnect"]),
    All(&[String(Clue::ConnectionId), String(Clue::RouteKey)]),
]);

/// Payload format 2.0, or at least no other; other clouds number theirs `v1`.
const NOT_V1: Test = Isnt(Clue::Version, &["1.0", "v1"]);
