//! Which clues make which source, from top to bottom: the first rule that holds decides.
//!
//! A rule asks for what the source's documentation says all its events carry and no relative's do, and for no
//! more, because people's test events leave much out. Above each stands the document it follows, the AWS Lambda
//! Developer Guide where no other is named. To teach detection a source: its keys into `clue.rs`, a rule here, a
//! payload into the tests.

use super::Source;
use super::clue::{Clue, Clues};
use super::survey::{List, Survey};
use super::test::Test::{All, Also, Any, Has, In, Is, Isnt, Lacks, Named, Object, Part, Shown, String};
use super::test::{self, Because, Test};

/// A source, and all that must hold for it.
struct Rule {
    source: Source,
    tests: &'static [Test],
    /// The clues that must be there for the tests to hold: most rules fall at this one look.
    needs: Clues,
}

const fn rule(source: Source, tests: &'static [Test]) -> Rule {
    Rule {
        source,
        tests,
        needs: test::needs(tests),
    }
}

impl Rule {
    fn holds(&self, survey: &Survey<'_>, because: &mut Because) -> bool {
        survey.seen.contains(self.needs) && because.attempt(self.tests, survey)
    }
}

/// The source whose rule holds, and the clues it holds by.
pub(super) fn decide(survey: &Survey<'_>) -> Option<(Source, Because)> {
    let mut because = Because::new();
    let rules = [SETTLED, RECORDS, STREAMS, REQUESTS, SERVICES];
    let rule = rules
        .iter()
        .copied()
        .flatten()
        .find(|rule| rule.holds(survey, &mut because))?;
    Some((rule.source, because))
}

/// Whether what follows `clue` may be left unread; asked before its value is read, and after if that's a string.
pub(super) fn may_settle(clue: Clue) -> bool {
    use Clue::{AwslogsData, Body, DetailType, Elb, EventSource, Events, Items, Messages};
    use Clue::{RecordSource, RecordSourceCapital, RmqMessagesByQueue, Source};
    matches!(
        clue,
        AwslogsData
            | Body
            | DetailType
            | Elb
            | EventSource
            | Events
            | Items
            | Messages
            | RecordSource
            | RecordSourceCapital
            | RmqMessagesByQueue
            | Source
    )
}

/// Whether nothing that can follow changes the answer. A request's `body` is such a point: only proxy requests
/// carry text there, and everything that tells them from each other stands in `requestContext`.
pub(super) fn settled(survey: &Survey<'_>) -> bool {
    SETTLED.iter().any(|rule| rule.holds(survey, &mut Because::new()))
        || Because::new().attempt(&[String(Clue::Body), Object(Clue::RequestContext)], survey)
            && decide(survey).is_some_and(|(source, _)| PROXIES.contains(&source))
}

const PROXIES: &[Source] = &[
    Source::ApiGatewayRest,
    Source::ApiGatewayHttp,
    Source::ApiGatewayWebsocket,
    Source::FunctionUrl,
];

/// Rules that nothing further in a payload overrules.
const SETTLED: &[Rule] = &[
    // "Process Amazon S3 event notifications with Lambda".
    rule(Source::S3, &[IN_RECORDS, Is(Clue::RecordSource, &["aws:s3"])]),
    // "Using Lambda with Amazon SQS".
    rule(Source::Sqs, &[IN_RECORDS, Is(Clue::RecordSource, &["aws:sqs"])]),
    // "Invoking Lambda functions with Amazon SNS notifications", where the key has a capital.
    rule(
        Source::Sns,
        &[IN_RECORDS, Is(Clue::RecordSourceCapital, &["aws:sns"])],
    ),
    rule(Source::Sns, &[IN_RECORDS, Is(Clue::RecordSource, &["aws:sns"])]),
    // SES Developer Guide, "Invoke Lambda function action".
    rule(Source::Ses, &[IN_RECORDS, Is(Clue::RecordSource, &["aws:ses"])]),
    // CodeCommit User Guide, "Example: Create a trigger for an AWS Lambda function".
    rule(
        Source::Codecommit,
        &[IN_RECORDS, Is(Clue::RecordSource, &["aws:codecommit"])],
    ),
    // "Implementing stateful stream processing", with the window ahead of its records.
    rule(
        Source::KinesisWindow,
        &[IN_RECORDS, Is(Clue::RecordSource, &["aws:kinesis"]), WINDOW],
    ),
    rule(
        Source::DynamodbWindow,
        &[IN_RECORDS, Is(Clue::RecordSource, &["aws:dynamodb"]), WINDOW],
    ),
    // EventBridge User Guide, "Events": every event has both. Event patterns have lists in their place.
    rule(
        Source::CloudwatchEvents,
        &[Shown(Clue::DetailType), Shown(Clue::Source)],
    ),
    // ELB User Guide, "Lambda functions as targets".
    rule(Source::Alb, &[Has(Clue::Elb)]),
    // "Using Lambda with Amazon MSK", "Using Lambda with self-managed Apache Kafka".
    rule(
        Source::Kafka,
        &[Is(Clue::EventSource, KAFKA), Object(Clue::Items)],
    ),
    // "Using Lambda with Amazon MQ".
    rule(
        Source::Rabbitmq,
        &[Is(Clue::EventSource, MQ), Object(Clue::RmqMessagesByQueue)],
    ),
    rule(
        Source::Activemq,
        &[Is(Clue::EventSource, MQ), Has(Clue::Messages)],
    ),
    // "Using Lambda with Amazon DocumentDB".
    rule(
        Source::Documentdb,
        &[Is(Clue::EventSource, &["aws:docdb"]), Has(Clue::Events)],
    ),
    // Firehose Developer Guide, "Transform source data".
    rule(
        Source::KinesisFirehose,
        &[
            Has(Clue::InvocationId),
            Shown(Clue::DeliveryStreamArn),
            Has(Clue::Items),
        ],
    ),
    // Kinesis Data Analytics for SQL, "Preprocessing data using a Lambda function", "Lambda as an output".
    rule(
        Source::KinesisAnalytics,
        &[
            Has(Clue::InvocationId),
            Shown(Clue::ApplicationArn),
            Has(Clue::Items),
        ],
    ),
    // CloudWatch Logs User Guide, "Subscription filters with AWS Lambda".
    rule(Source::CloudwatchLogs, &[String(Clue::AwslogsData)]),
];

/// Lists of records that need all of the payload: a window may follow, and where no `eventSource` is written, what
/// the record carries has to tell.
const RECORDS: &[Rule] = &[
    // "Using Lambda to process records from Amazon Kinesis / DynamoDB Streams", "stateful processing".
    rule(Source::KinesisWindow, &[IN_RECORDS, KINESIS, WINDOW]),
    rule(Source::Kinesis, &[IN_RECORDS, NO_RESULT, KINESIS]),
    rule(Source::DynamodbWindow, &[IN_RECORDS, DYNAMODB, WINDOW]),
    rule(Source::Dynamodb, &[IN_RECORDS, NO_RESULT, DYNAMODB]),
    // A window's last invocation may have no records left.
    rule(
        Source::KinesisWindow,
        &[IN_RECORDS, Part(Clue::StreamArn, ":kinesis:"), WINDOW],
    ),
    rule(
        Source::DynamodbWindow,
        &[IN_RECORDS, Part(Clue::StreamArn, ":dynamodb:"), WINDOW],
    ),
    // CloudFront Developer Guide, "Lambda@Edge event structure", which knows no `eventSource`.
    rule(
        Source::Cloudfront,
        &[
            IN_RECORDS,
            UNSAID,
            Any(&[Has(Clue::CfConfig), Has(Clue::CfRequest), Has(Clue::CfResponse)]),
        ],
    ),
    rule(
        Source::S3,
        &[IN_RECORDS, UNSAID, Has(Clue::S3Bucket), Has(Clue::S3Object)],
    ),
    rule(Source::Sns, &[IN_RECORDS, UNSAID, Named(Clue::SnsMessage)]),
    rule(Source::Ses, &[IN_RECORDS, UNSAID, Has(Clue::SesMail)]),
    rule(
        Source::Codecommit,
        &[IN_RECORDS, UNSAID, Has(Clue::CodecommitReferences)],
    ),
    rule(
        Source::Sqs,
        &[IN_RECORDS, UNSAID, Part(Clue::RecordSourceArn, ":sqs:")],
    ),
    rule(
        Source::Sqs,
        &[
            IN_RECORDS,
            UNSAID,
            Named(Clue::RecordBody),
            Any(&[Has(Clue::RecordReceiptHandle), Has(Clue::RecordMessageId)]),
        ],
    ),
    // EventBridge User Guide, "Amazon EventBridge Pipes sources": a bare array of records, even of one.
    rule(Source::Sqs, &[BARE, Is(Clue::RecordSource, &["aws:sqs"])]),
    rule(Source::Kinesis, &[BARE, Is(Clue::RecordSource, &["aws:kinesis"])]),
    rule(
        Source::Dynamodb,
        &[BARE, Is(Clue::RecordSource, &["aws:dynamodb"])],
    ),
    rule(Source::Kafka, &[BARE, Is(Clue::RecordSource, KAFKA)]),
    rule(Source::Rabbitmq, &[BARE, Is(Clue::RecordSource, &["aws:rmq"])]),
    rule(Source::Activemq, &[BARE, Is(Clue::RecordSource, MQ)]),
    // AppSync Developer Guide, "Batching": an array of contexts.
    rule(Source::AppsyncBatch, &[BARE, String(Clue::ElementInfoFieldName)]),
    rule(
        Source::AppsyncBatch,
        &[
            BARE,
            Shown(Clue::ElementFieldName),
            ELEMENT_TYPE,
            Named(Clue::ElementArguments),
        ],
    ),
];

/// Other payloads with records, where the keys that decide at once have been left out.
const STREAMS: &[Rule] = &[
    rule(
        Source::KinesisAnalytics,
        &[Has(Clue::Items), ANALYTICS, Lacks(Clue::DeliveryStreamArn)],
    ),
    rule(
        Source::KinesisFirehose,
        &[
            Has(Clue::Items),
            Any(&[Has(Clue::InvocationId), Shown(Clue::DeliveryStreamArn)]),
        ],
    ),
    rule(
        Source::KinesisFirehose,
        &[
            String(Clue::ItemRecordId),
            Lacks(Clue::ItemResult),
            Has(Clue::ItemData),
            FIREHOSE,
        ],
    ),
    rule(
        Source::Kafka,
        &[Lacks(Clue::EventSource), Object(Clue::Items), KAFKA_LIKE],
    ),
    rule(
        Source::Rabbitmq,
        &[Lacks(Clue::EventSource), Object(Clue::RmqMessagesByQueue)],
    ),
    rule(
        Source::Activemq,
        &[
            Lacks(Clue::EventSource),
            Has(Clue::Messages),
            Part(Clue::EventSourceArn, ":mq:"),
        ],
    ),
    rule(
        Source::CloudwatchEvents,
        &[Shown(Clue::DetailType), Has(Clue::Detail)],
    ),
    rule(
        Source::CloudwatchEvents,
        &[
            Shown(Clue::DetailTypeCamel),
            Shown(Clue::Source),
            Has(Clue::Detail),
        ],
    ),
    // CloudWatch User Guide, "Invoke a Lambda function from an alarm".
    rule(
        Source::CloudwatchAlarm,
        &[Shown(Clue::AlarmArn), Object(Clue::AlarmData)],
    ),
    rule(
        Source::CloudwatchAlarm,
        &[Is(Clue::Source, &["aws.cloudwatch"]), Object(Clue::AlarmData)],
    ),
];

/// Requests and what asks whether they may pass. The latter carry the request too, so they come first.
const REQUESTS: &[Rule] = &[
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
    // "WebSocket APIs: Lambda REQUEST authorizers".
    rule(
        Source::ApiGatewayAuthorizerWebsocket,
        &[String(Clue::MethodArn), Lacks(Clue::Http), SOCKET],
    ),
    // "Control access to HTTP APIs with Lambda authorizers", payload formats 2.0 and 1.0.
    rule(
        Source::ApiGatewayAuthorizerHttp,
        &[
            String(Clue::RouteArn),
            Any(&[
                IS_REQUEST,
                Named(Clue::IdentitySource),
                Object(Clue::RequestContext),
            ]),
        ],
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
        &[IS_REQUEST, Is(Clue::Version, &["2.0"]), Object(Clue::Http)],
    ),
    rule(
        Source::ApiGatewayAuthorizerRequest,
        &[
            String(Clue::MethodArn),
            Any(&[IS_REQUEST, Object(Clue::RequestContext), Has(Clue::HttpMethod)]),
        ],
    ),
    rule(
        Source::ApiGatewayAuthorizerRequest,
        &[IS_REQUEST, Object(Clue::RequestContext)],
    ),
    // AppSync Developer Guide, "AWS_LAMBDA authorization".
    rule(
        Source::AppsyncAuthorizer,
        &[String(Clue::AuthorizationToken), Object(Clue::RequestContext)],
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
    // API Gateway Developer Guide, "Set up a WebSocket API integration".
    rule(Source::ApiGatewayWebsocket, &[Lacks(Clue::Http), SOCKET]),
    // "Invoking Lambda function URLs": the payload of an HTTP API, from a domain of its own.
    rule(
        Source::FunctionUrl,
        &[Object(Clue::Http), NOT_V1, Part(Clue::DomainName, ".lambda-url.")],
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
    rule(
        Source::ApiGatewayRest,
        &[String(Clue::HttpMethod), String(Clue::Path), Lacks(Clue::RawUrl)],
    ),
];

/// Everything that one service sends in a shape of its own.
const SERVICES: &[Rule] = &[
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
        &[
            Any(&[
                Object(Clue::GetObjectContext),
                Object(Clue::HeadObjectContext),
                Object(Clue::ListObjectsContext),
                Object(Clue::ListObjectsV2Context),
            ]),
            Any(&[Object(Clue::UserRequest), String(Clue::XAmzRequestId)]),
        ],
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
                Is(Clue::Protocol, &["SFTP", "FTP", "FTPS", "AS2"]),
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
            Any(&[
                Has(Clue::UserPoolId),
                Has(Clue::CallerContext),
                Object(Clue::Response),
            ]),
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
    // Alexa Skills Kit, "Request and response JSON reference"; Smart Home, messages of versions 3 and 2.
    rule(
        Source::Alexa,
        &[
            Shown(Clue::RequestKind),
            Any(&[Object(Clue::Session), Object(Clue::ContextSystem)]),
        ],
    ),
    rule(Source::Alexa, &[Part(Clue::DirectiveNamespace, "Alexa")]),
    rule(
        Source::Alexa,
        &[
            Part(Clue::HeaderNamespace, "Alexa."),
            Part(Clue::HeaderName, "Request"),
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
        &[Shown(Clue::InfoParentTypeName), APPSYNC],
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

const IN_RECORDS: Test = In(List::Records);
const BARE: Test = In(List::Bare);
/// The record doesn't say where it comes from.
const UNSAID: Test = All(&[Lacks(Clue::RecordSource), Lacks(Clue::RecordSourceCapital)]);
/// The Kinesis and DynamoDB APIs answer `GetRecords` with `Records`, too.
const NO_RESULT: Test = All(&[Lacks(Clue::NextShardIterator), Lacks(Clue::MillisBehindLatest)]);
const KAFKA: &[&str] = &["aws:kafka", "SelfManagedKafka", "aws:SelfManagedKafka"];
const MQ: &[&str] = &["aws:mq", "aws:amq", "aws:rmq"];
const KINESIS: Test = Any(&[
    Is(Clue::RecordSource, &["aws:kinesis"]),
    All(&[
        UNSAID,
        Any(&[Has(Clue::KinesisData), Part(Clue::RecordSourceArn, ":kinesis:")]),
    ]),
]);
const DYNAMODB: Test = Any(&[
    Is(Clue::RecordSource, &["aws:dynamodb"]),
    All(&[
        UNSAID,
        Any(&[
            Object(Clue::DynamodbKeys),
            Object(Clue::DynamodbNewImage),
            Object(Clue::DynamodbOldImage),
            Part(Clue::RecordSourceArn, ":dynamodb:"),
        ]),
    ]),
]);
const WINDOW: Test = Any(&[
    Has(Clue::Window),
    Has(Clue::IsFinalInvoke),
    Has(Clue::IsWindowTerminatedEarly),
    Object(Clue::State),
]);
const ELEMENT_TYPE: Test = Any(&[Shown(Clue::ElementTypeName), Shown(Clue::ElementParentTypeName)]);
const ANALYTICS: Test = Any(&[
    Shown(Clue::ApplicationArn),
    Shown(Clue::AnalyticsStreamArn),
    Has(Clue::ItemStreamMetadata),
    Has(Clue::ItemDeliveryMetadata),
    Has(Clue::ItemOutputMetadata),
]);
const FIREHOSE: Test = Any(&[Has(Clue::ItemArrival), Has(Clue::ItemFirehoseMetadata)]);
const KAFKA_LIKE: Test = Any(&[
    String(Clue::BootstrapServers),
    Part(Clue::EventSourceArn, ":kafka:"),
    All(&[String(Clue::Topic), Has(Clue::Partition), Has(Clue::Offset)]),
]);
const IS_REQUEST: Test = Is(Clue::Type, &["REQUEST"]);
/// What only the request contexts of WebSocket APIs have; `connectionId` alone is in some REST requests as well.
const SOCKET: Test = Any(&[
    Is(Clue::SocketEventType, &["CONNECT", "MESSAGE", "DISCONNECT"]),
    Is(Clue::RouteKey, &["$connect", "$disconnect"]),
    All(&[String(Clue::ConnectionId), String(Clue::RouteKey)]),
]);
const NOT_V1: Test = Isnt(Clue::Version, &["1.0"]);
const APPSYNC: Test = Any(&[
    Named(Clue::Arguments),
    Named(Clue::Identity),
    Named(Clue::Request),
    Named(Clue::Prev),
    Named(Clue::Stash),
]);
