//! Test events that leave out most of what their source sends, and keep something that no other source has.

use super::super::Source;
use super::super::clue::Clue;
use super::super::test::Test::{All, Any, Has, Is, Isnt, Lacks, Named, Object, Part, Sans, Shown, String};
use super::records::{NO_RESULT, UNSAID};
use super::settled::IN_RECORDS;
use super::{Rule, rule};

/// What is left when no other rule holds: some of these hold by what isn't there, so they need all of the payload.
pub(super) const PARTIAL: &[Rule] = &[
    // Records under the one key that the documented record has to itself.
    rule(Source::S3, &[IN_RECORDS, UNSAID, Object(Clue::RecordS3)]),
    rule(Source::Sns, &[IN_RECORDS, UNSAID, Object(Clue::RecordSns)]),
    rule(Source::Ses, &[IN_RECORDS, UNSAID, Object(Clue::RecordSes)]),
    rule(Source::Cloudfront, &[IN_RECORDS, UNSAID, Object(Clue::RecordCf)]),
    rule(
        Source::Kinesis,
        &[IN_RECORDS, UNSAID, NO_RESULT, Object(Clue::RecordKinesis)],
    ),
    rule(
        Source::Dynamodb,
        &[IN_RECORDS, UNSAID, NO_RESULT, Object(Clue::RecordDynamodb)],
    ),
    // EventBridge User Guide, "Events": sources that begin with `aws.` are AWS's own.
    rule(
        Source::CloudwatchEvents,
        &[Part(Clue::Source, "aws."), Object(Clue::Detail)],
    ),
    // "Capturing records of Lambda asynchronous invocations", and of discarded batches.
    rule(
        Source::LambdaDestination,
        &[Shown(Clue::Condition), Shown(Clue::FunctionArn)],
    ),
    // API Gateway Developer Guide, "Set up a WebSocket API integration": a connection with more than its id. Requests
    // of REST APIs may have the id, too, but they have a method, and those of HTTP APIs have `http`.
    rule(
        Source::ApiGatewayWebsocket,
        &[
            String(Clue::ConnectionId),
            Any(&[
                Has(Clue::ConnectedAt),
                Has(Clue::MessageDirection),
                All(&[String(Clue::DomainName), String(Clue::Stage)]),
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
    // Bedrock User Guide, "Configure Lambda functions to send information".
    rule(
        Source::BedrockAgent,
        &[
            Object(Clue::Agent),
            Any(&[String(Clue::ApiPath), String(Clue::Function)]),
        ],
    ),
    // CodeDeploy User Guide, "AppSpec 'hooks' section".
    rule(Source::Codedeploy, &[String(Clue::LifecycleEventHookExecutionId)]),
    // AWS Config Developer Guide, "Example events for AWS Config rules".
    rule(Source::Config, &[String(Clue::InvokingEvent)]),
    // Cognito Developer Guide: the pages of the triggers show the parameters of request and response only.
    rule(
        Source::Cognito,
        &[
            Object(Clue::Response),
            Any(&[
                Shown(Clue::TriggerSource),
                Has(Clue::ChallengeName),
                Has(Clue::ChallengeAnswer),
                Has(Clue::PrivateChallengeParameters),
                Has(Clue::ChallengeSession),
                Has(Clue::GroupConfiguration),
            ]),
        ],
    ),
    rule(
        Source::Cognito,
        &[Shown(Clue::TriggerSource), String(Clue::UserName)],
    ),
    // Lex Developer Guides: neither version's reply repeats what the user said.
    rule(
        Source::LexV2,
        &[Object(Clue::SessionState), String(Clue::InputTranscript)],
    ),
    rule(
        Source::LexV1,
        &[
            Object(Clue::CurrentIntent),
            Any(&[
                Named(Clue::InputTranscript),
                Named(Clue::OutputDialogMode),
                Named(Clue::SessionAttributes),
                Named(Clue::MessageVersion),
            ]),
        ],
    ),
    // Connect Administrator Guide, "Invoke AWS Lambda functions".
    rule(
        Source::Connect,
        &[Is(Clue::Name, &["ContactFlowEvent"]), Object(Clue::Details)],
    ),
    // Alexa Skills Kit, "Request types reference", the standard ones.
    rule(Source::Alexa, &[Is(Clue::RequestKind, STANDARD_REQUESTS)]),
    // AppSync Developer Guide, "Resolver mapping template context reference".
    rule(
        Source::AppsyncResolver,
        &[
            Shown(Clue::FieldName),
            Named(Clue::Arguments),
            Any(&[
                Named(Clue::Identity),
                Named(Clue::Prev),
                Named(Clue::Stash),
                Object(Clue::RequestHeaders),
            ]),
        ],
    ),
    // IoT Developer Guide, "Defining your Lambda function" for custom authentication.
    rule(
        Source::IotCustomAuth,
        &[
            Has(Clue::SignatureVerified),
            Any(&[Has(Clue::Token), Has(Clue::ConnectionMetadata)]),
        ],
    ),
];

const STANDARD_REQUESTS: &[&str] = &[
    "LaunchRequest",
    "IntentRequest",
    "SessionEndedRequest",
    "CanFulfillIntentRequest",
];
