//! Test events that leave out most of what their source sends, and keep something that no other source has.

use super::super::Source;
use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{Any, Has, Is, Isnt, Lacks, Named, Object, Part, Shown, String};
use super::records::{BARE, NO_RESULT, UNSAID};
use super::settled::{IN_RECORDS, KAFKA};
use super::{Rule, rule};

/// What is left when no other rule holds: some of these hold by what isn't there, so they need all of the payload.
pub(super) const PARTIAL: &[Rule] = &[
    // Records under the one key that the documented record has to itself.
    rule(Source::S3, &[IN_RECORDS, UNSAID, Object(Clue::RecordS3)]),
    rule(Source::Sns, &[IN_RECORDS, UNSAID, Object(Clue::RecordSns)]),
    rule(Source::Ses, &[IN_RECORDS, UNSAID, Object(Clue::RecordSes)]),
    rule(Source::Cloudfront, &[IN_RECORDS, UNSAID, Object(Clue::RecordCf)]),
    rule(
        Source::Codecommit,
        &[IN_RECORDS, UNSAID, Object(Clue::RecordCodecommit)],
    ),
    rule(
        Source::Kinesis,
        &[IN_RECORDS, UNSAID, NO_RESULT, Object(Clue::RecordKinesis)],
    ),
    rule(
        Source::Dynamodb,
        &[IN_RECORDS, UNSAID, NO_RESULT, Object(Clue::RecordDynamodb)],
    ),
    // "Using Lambda with Amazon SQS": a body alone could be anyone's.
    rule(
        Source::Sqs,
        &[
            IN_RECORDS,
            UNSAID,
            Named(Clue::RecordBody),
            Any(&[
                Named(Clue::RecordAttributes),
                Named(Clue::RecordMessageAttributes),
                Named(Clue::RecordMd5OfBody),
            ]),
        ],
    ),
    rule(
        Source::Sqs,
        &[IN_RECORDS, UNSAID, String(Clue::RecordReceiptHandle)],
    ),
    // "Using Lambda with Amazon MSK", with records in a list, or none.
    rule(Source::Kafka, &[Is(Clue::EventSource, KAFKA), Named(Clue::Items)]),
    rule(
        Source::Kafka,
        &[
            Object(Clue::Items),
            Any(&[String(Clue::Topic), Has(Clue::Offset), String(Clue::TopicValue)]),
        ],
    ),
    // "Using Lambda with Amazon MQ".
    rule(
        Source::Activemq,
        &[String(Clue::MessageId), String(Clue::MessageData)],
    ),
    // Firehose Developer Guide, "Transform source data"; Kinesis Analytics, whose records look the same, names no
    // region.
    rule(
        Source::KinesisFirehose,
        &[
            String(Clue::ItemRecordId),
            Any(&[String(Clue::ItemData), String(Clue::ItemKafkaValue)]),
            Lacks(Clue::ItemResult),
            String(Clue::Region),
        ],
    ),
    // EventBridge User Guide, "Events": sources that begin with `aws.` are AWS's own. CloudWatch alarms call
    // functions without EventBridge, too.
    rule(
        Source::CloudwatchEvents,
        &[Part(Clue::Source, "aws."), Object(Clue::Detail)],
    ),
    rule(
        Source::CloudwatchEvents,
        &[
            Part(Clue::Source, "aws."),
            Isnt(Clue::Source, &["aws.cloudwatch"]),
        ],
    ),
    rule(Source::CloudwatchEvents, &[Shown(Clue::DetailType)]),
    rule(
        Source::CloudwatchEvents,
        &[Is(Clue::Version, &["0"]), Object(Clue::Detail)],
    ),
    // S3 User Guide, "Event context format and usage" of S3 Object Lambda.
    rule(
        Source::S3ObjectLambda,
        &[String(Clue::XAmzRequestId), Object(Clue::UserRequest)],
    ),
    // S3 User Guide, "Invoke AWS Lambda function" of S3 Batch Operations.
    rule(
        Source::S3Batch,
        &[
            String(Clue::TaskId),
            Any(&[
                String(Clue::TaskKey),
                String(Clue::TaskBucketArn),
                String(Clue::TaskBucket),
            ]),
        ],
    ),
    // CloudFormation User Guide, "Custom resource request objects".
    rule(
        Source::Cloudformation,
        &[
            String(Clue::ResponseUrl),
            Any(&[
                String(Clue::RequestType),
                String(Clue::StackId),
                String(Clue::LogicalResourceId),
            ]),
        ],
    ),
    rule(
        Source::Cloudformation,
        &[Is(Clue::RequestType, &["Create", "Update", "Delete"])],
    ),
    // "Capturing records of Lambda asynchronous invocations".
    rule(
        Source::LambdaDestination,
        &[Shown(Clue::Condition), Shown(Clue::FunctionArn)],
    ),
    // Bedrock User Guide, "Configure Lambda functions to send information".
    rule(
        Source::BedrockAgent,
        &[
            Object(Clue::Agent),
            Any(&[String(Clue::ApiPath), String(Clue::Function)]),
        ],
    ),
    rule(
        Source::BedrockAgent,
        &[
            String(Clue::ApiPath),
            Any(&[
                String(Clue::HttpMethod),
                Named(Clue::Parameters),
                Object(Clue::RequestBody),
            ]),
        ],
    ),
    rule(
        Source::BedrockAgent,
        &[
            Any(&[Shown(Clue::ActionGroup), Object(Clue::PromptSessionAttributes)]),
            Named(Clue::Parameters),
        ],
    ),
    // CodeDeploy User Guide, "AppSpec 'hooks' section".
    rule(Source::Codedeploy, &[String(Clue::LifecycleEventHookExecutionId)]),
    // AWS Config Developer Guide, "Example events for AWS Config rules".
    rule(Source::Config, &[String(Clue::InvokingEvent)]),
    rule(
        Source::Config,
        &[
            String(Clue::ResultToken),
            Any(&[
                Has(Clue::RuleParameters),
                Shown(Clue::ConfigRuleName),
                Shown(Clue::ConfigRuleId),
            ]),
        ],
    ),
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
    rule(Source::Cognito, &[OCCASION]),
    rule(
        Source::Cognito,
        &[Any(&[
            Object(Clue::UserAttributes),
            Object(Clue::ClientMetadata),
            Object(Clue::PrivateChallengeParameters),
            Object(Clue::GroupConfiguration),
        ])],
    ),
    rule(
        Source::Cognito,
        &[
            String(Clue::UserPoolId),
            String(Clue::UserName),
            Object(Clue::Request),
        ],
    ),
    // Lex Developer Guides: neither version's reply repeats what the user said, or what comes next.
    rule(
        Source::LexV2,
        &[
            Object(Clue::SessionState),
            Any(&[
                String(Clue::InputTranscript),
                Has(Clue::ProposedNextState),
                Has(Clue::Transcriptions),
                String(Clue::InvocationLabel),
            ]),
        ],
    ),
    rule(Source::LexV1, &[Object(Clue::CurrentIntent)]),
    // Connect Administrator Guide, "Invoke AWS Lambda functions".
    rule(
        Source::Connect,
        &[Is(Clue::Name, &["ContactFlowEvent"]), Object(Clue::Details)],
    ),
    rule(Source::Connect, &[Object(Clue::ContactParameters)]),
    // Alexa Skills Kit, "Request types reference", the standard ones.
    rule(Source::Alexa, &[Is(Clue::RequestKind, STANDARD_REQUESTS)]),
    rule(
        Source::Alexa,
        &[Object(Clue::RequestIntent), Object(Clue::Session)],
    ),
    // AppSync Developer Guide, "Resolver mapping template context reference".
    rule(Source::AppsyncResolver, &[Shown(Clue::InfoFieldName)]),
    rule(
        Source::AppsyncResolver,
        &[
            Shown(Clue::FieldName),
            Any(&[
                Named(Clue::Arguments),
                Shown(Clue::TypeName),
                Shown(Clue::ParentTypeName),
            ]),
        ],
    ),
    rule(
        Source::AppsyncResolver,
        &[Named(Clue::Arguments), Named(Clue::Identity)],
    ),
    // "Using AWS Lambda resolvers", whose mapping templates send a field and what it is to be resolved with.
    rule(
        Source::AppsyncResolver,
        &[
            Shown(Clue::Field),
            Any(&[Object(Clue::Arguments), Object(Clue::Source)]),
        ],
    ),
    rule(
        Source::AppsyncBatch,
        &[
            BARE,
            Shown(Clue::ElementField),
            Any(&[Object(Clue::ElementArguments), Object(Clue::ElementSource)]),
        ],
    ),
    // AppSync Events, "Channel namespace handlers".
    rule(
        Source::AppsyncEvents,
        &[
            Has(Clue::Events),
            Any(&[Object(Clue::InfoChannel), Object(Clue::InfoChannelNamespace)]),
        ],
    ),
    // IoT button; IoT 1-Click Developer Guide, "AWS IoT 1-Click callback events".
    rule(
        Source::IotButton,
        &[Is(Clue::ClickType, &["SINGLE", "DOUBLE", "LONG"])],
    ),
    rule(
        Source::IotButton,
        &[Any(&[
            Object(Clue::ButtonClicked),
            Object(Clue::DeviceHealthMonitor),
        ])],
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

/// The occasions user pools call triggers on; other applications know trigger sources, too.
const OCCASION: Test = Any(&[
    Part(Clue::TriggerSource, "PreSignUp_"),
    Part(Clue::TriggerSource, "PostConfirmation_"),
    Part(Clue::TriggerSource, "PreAuthentication_"),
    Part(Clue::TriggerSource, "PostAuthentication_"),
    Part(Clue::TriggerSource, "CustomMessage_"),
    Part(Clue::TriggerSource, "TokenGeneration_"),
    Part(Clue::TriggerSource, "UserMigration_"),
    Part(Clue::TriggerSource, "AuthChallenge_"),
    Part(Clue::TriggerSource, "AuthChallengeResponse_"),
    Part(Clue::TriggerSource, "CustomEmailSender_"),
    Part(Clue::TriggerSource, "CustomSMSSender_"),
    Part(Clue::TriggerSource, "InboundFederation_"),
]);

const STANDARD_REQUESTS: &[&str] = &[
    "LaunchRequest",
    "IntentRequest",
    "SessionEndedRequest",
    "CanFulfillIntentRequest",
];
