//! Everything that one service sends in a shape of its own.

use super::super::Source;
use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{All, Any, Has, Is, Named, Object, Part, Shown, String};
use super::{Rule, rule};

/// Everything that one service sends in a shape of its own.
pub(super) const SERVICES: &[Rule] = &[
    // S3 User Guide, "Event message structure".
    rule(Source::S3Test, &[Is(Clue::S3Event, &["s3:TestEvent"])]),
    // "Invoke AWS Lambda function" of S3 Batch Operations, schemas 1.0 and 2.0.
    rule(
        Source::S3Batch,
        &[Shown(Clue::InvocationSchemaVersion), Has(Clue::Tasks)],
    ),
    // "Event context format and usage" of S3 Object Lambda.
    rule(
        Source::S3ObjectLambda,
        &[Any(&[
            Object(Clue::GetObjectContext),
            Object(Clue::HeadObjectContext),
            Object(Clue::ListObjectsContext),
            Object(Clue::ListObjectsV2Context),
        ])],
    ),
    // CloudFormation User Guide, "Custom resource request objects".
    rule(
        Source::Cloudformation,
        &[
            Is(Clue::RequestType, &["Create", "Update", "Delete"]),
            Any(&[
                Has(Clue::ResponseUrl),
                Has(Clue::StackId),
                Has(Clue::LogicalResourceId),
                Has(Clue::ResourceType),
                Has(Clue::ResourceProperties),
            ]),
        ],
    ),
    // CodePipeline User Guide, "JSON event example".
    rule(Source::Codepipeline, &[Object(Clue::CodePipelineJob)]),
    // CodeDeploy User Guide, "AppSpec 'hooks' section".
    rule(
        Source::Codedeploy,
        &[
            String(Clue::DeploymentId),
            String(Clue::LifecycleEventHookExecutionId),
        ],
    ),
    // AWS Config Developer Guide, "Example events for AWS Config rules".
    rule(
        Source::Config,
        &[
            String(Clue::InvokingEvent),
            Any(&[
                Has(Clue::ResultToken),
                Has(Clue::RuleParameters),
                Has(Clue::ConfigRuleName),
                Has(Clue::ConfigRuleArn),
                Has(Clue::ConfigRuleId),
            ]),
        ],
    ),
    rule(
        Source::Config,
        &[String(Clue::ConfigRuleArn), Has(Clue::ResultToken)],
    ),
    // Secrets Manager User Guide, "Rotation function".
    rule(
        Source::SecretsmanagerRotation,
        &[
            Is(
                Clue::Step,
                &["createSecret", "setSecret", "testSecret", "finishSecret"],
            ),
            String(Clue::SecretId),
        ],
    ),
    rule(
        Source::SecretsmanagerRotation,
        &[
            String(Clue::Step),
            String(Clue::SecretId),
            String(Clue::ClientRequestToken),
        ],
    ),
    // Transfer Family User Guide, "Using AWS Lambda to integrate your identity provider", "custom processing steps".
    rule(
        Source::TransferFamily,
        &[
            String(Clue::Username),
            Any(&[
                String(Clue::ServerId),
                All(&[String(Clue::Protocol), String(Clue::SourceIp)]),
            ]),
        ],
    ),
    rule(
        Source::TransferFamily,
        &[Object(Clue::ExecutionDetails), Object(Clue::FileLocation)],
    ),
    // Cognito Developer Guide, "Customizing user pool workflows with Lambda triggers".
    rule(
        Source::Cognito,
        &[
            Shown(Clue::TriggerSource),
            Any(&[
                Has(Clue::UserPoolId),
                Has(Clue::CallerContext),
                Object(Clue::Request),
            ]),
        ],
    ),
    rule(
        Source::Cognito,
        &[
            Object(Clue::UserAttributes),
            Any(&[Has(Clue::UserPoolId), Has(Clue::UserName), Object(Clue::Response)]),
        ],
    ),
    rule(
        Source::Cognito,
        &[
            String(Clue::UserPoolId),
            Object(Clue::CallerContext),
            Object(Clue::Request),
        ],
    ),
    // "Amazon Cognito Events" of Cognito Sync.
    rule(Source::CognitoSync, &[Is(Clue::EventType, &["SyncTrigger"])]),
    rule(
        Source::CognitoSync,
        &[
            String(Clue::IdentityPoolId),
            String(Clue::DatasetName),
            Object(Clue::DatasetRecords),
        ],
    ),
    // Lex Developer Guides, V1 "Lambda function input event" and V2 "Lambda input event format".
    rule(
        Source::LexV2,
        &[
            Object(Clue::SessionState),
            Any(&[Object(Clue::Bot), Shown(Clue::InvocationSource)]),
        ],
    ),
    rule(
        Source::LexV1,
        &[
            Object(Clue::CurrentIntent),
            Any(&[
                Object(Clue::Bot),
                Shown(Clue::InvocationSource),
                String(Clue::UserId),
            ]),
        ],
    ),
    // Connect Administrator Guide, "Invoke AWS Lambda functions".
    rule(Source::Connect, &[Object(Clue::ContactData)]),
    // Alexa Skills Kit, "Request and response JSON reference"; Smart Home, messages of versions 3 to 1.
    rule(
        Source::Alexa,
        &[
            Any(&[Part(Clue::RequestKind, "Request"), Part(Clue::RequestKind, ".")]),
            Any(&[Object(Clue::Session), Object(Clue::ContextSystem)]),
        ],
    ),
    rule(Source::Alexa, &[Part(Clue::DirectiveNamespace, "Alexa")]),
    rule(
        Source::Alexa,
        &[
            Any(&[
                Part(Clue::HeaderNamespace, "Alexa."),
                Is(Clue::HeaderNamespace, &["Control", "Discovery", "System"]),
            ]),
            Part(Clue::HeaderName, "Request"),
            Has(Clue::HeaderPayloadVersion),
        ],
    ),
    // AppSync Developer Guide, "Lambda resolvers", and AppSync Events, "Channel namespace handlers".
    rule(
        Source::AppsyncEvents,
        &[
            Is(Clue::InfoOperation, &["PUBLISH", "SUBSCRIBE"]),
            Any(&[Has(Clue::InfoChannel), Has(Clue::InfoChannelNamespace)]),
        ],
    ),
    rule(Source::AppsyncResolver, &[Shown(Clue::InfoFieldName), APPSYNC]),
    rule(
        Source::AppsyncResolver,
        &[Shown(Clue::InfoParentTypeName), Named(Clue::Arguments)],
    ),
    rule(
        Source::AppsyncResolver,
        &[
            Shown(Clue::FieldName),
            Any(&[Shown(Clue::TypeName), Shown(Clue::ParentTypeName)]),
            Named(Clue::Arguments),
        ],
    ),
    rule(
        Source::AppsyncResolver,
        &[
            Named(Clue::Arguments),
            Named(Clue::Identity),
            Any(&[
                Named(Clue::Prev),
                Named(Clue::Stash),
                Object(Clue::RequestHeaders),
            ]),
        ],
    ),
    // AppSync Developer Guide, "resolver function reference for Lambda", whose mapping documents are events, too.
    rule(
        Source::AppsyncResolver,
        &[Is(Clue::Operation, &["Invoke"]), Named(Clue::Payload)],
    ),
    rule(
        Source::AppsyncBatch,
        &[Is(Clue::Operation, &["BatchInvoke"]), Named(Clue::Payload)],
    ),
    // IoT 1-Click Developer Guide, "AWS IoT 1-Click callback events"; IoT button, "payload".
    rule(
        Source::IotButton,
        &[String(Clue::SerialNumber), Shown(Clue::ClickType)],
    ),
    rule(
        Source::IotButton,
        &[
            Object(Clue::DeviceEvent),
            Any(&[Object(Clue::DeviceInfo), Object(Clue::PlacementInfo)]),
        ],
    ),
    // IoT Developer Guide, "Defining your Lambda function" for custom authentication.
    rule(
        Source::IotCustomAuth,
        &[
            Object(Clue::ProtocolData),
            Any(&[
                Has(Clue::Protocols),
                Has(Clue::SignatureVerified),
                Has(Clue::ConnectionMetadata),
                Has(Clue::Token),
            ]),
        ],
    ),
    rule(
        Source::IotCustomAuth,
        &[Has(Clue::Protocols), Has(Clue::SignatureVerified)],
    ),
];

const APPSYNC: Test = Any(&[
    Named(Clue::Arguments),
    Named(Clue::Identity),
    Has(Clue::InfoParentTypeName),
    Named(Clue::Request),
    Named(Clue::Prev),
    Named(Clue::Stash),
]);
