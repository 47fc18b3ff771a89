//! The names of the event sources.

use std::fmt;
use std::str::FromStr;

macro_rules! sources {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// An event source: who composed the payload that woke the function.
        ///
        /// Its string form ([`Source::as_str`], `Display`, `FromStr`) is stable; logs, metrics and the companion
        /// use it.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum Source {
            $($(#[$doc])* $variant,)*
        }

        impl Source {
            /// Every source, in the order of the enum.
            pub const ALL: &[Source] = &[$(Source::$variant,)*];

            /// The source's stable identifier, for instance `"api_gateway_http"`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Source::$variant => $name,)*
                }
            }
        }
    };
}

sources! {
    /// Amazon S3 event notifications, `Records` of `aws:s3`.
    S3 => "s3",
    /// The one-off `s3:TestEvent` S3 sends when a notification is configured.
    S3Test => "s3_test",
    /// S3 Batch Operations tasks.
    S3Batch => "s3_batch",
    /// S3 Object Lambda requests.
    S3ObjectLambda => "s3_object_lambda",
    /// API Gateway REST API proxy requests (payload format 1.0).
    ApiGatewayRest => "api_gateway_rest",
    /// API Gateway HTTP API requests (payload format 2.0).
    ApiGatewayHttp => "api_gateway_http",
    /// API Gateway WebSocket API requests.
    ApiGatewayWebsocket => "api_gateway_websocket",
    /// REST API `TOKEN` authorizer requests.
    ApiGatewayAuthorizerToken => "api_gateway_authorizer_token",
    /// REST API `REQUEST` authorizer requests.
    ApiGatewayAuthorizerRequest => "api_gateway_authorizer_request",
    /// HTTP API authorizer requests, payload formats 1.0 and 2.0.
    ApiGatewayAuthorizerHttp => "api_gateway_authorizer_http",
    /// WebSocket API authorizer requests.
    ApiGatewayAuthorizerWebsocket => "api_gateway_authorizer_websocket",
    /// Lambda function URL requests.
    FunctionUrl => "function_url",
    /// Application Load Balancer target group requests.
    Alb => "alb",
    /// VPC Lattice requests, event structure v1.
    VpcLatticeV1 => "vpc_lattice_v1",
    /// VPC Lattice requests, event structure v2.
    VpcLatticeV2 => "vpc_lattice_v2",
    /// DynamoDB Streams batches.
    Dynamodb => "dynamodb",
    /// DynamoDB Streams batches of a tumbling window.
    DynamodbWindow => "dynamodb_window",
    /// Kinesis Data Streams batches.
    Kinesis => "kinesis",
    /// Kinesis Data Streams batches of a tumbling window.
    KinesisWindow => "kinesis_window",
    /// Firehose data transformation requests.
    KinesisFirehose => "kinesis_firehose",
    /// Kinesis Data Analytics preprocessing and output requests.
    KinesisAnalytics => "kinesis_analytics",
    /// CloudWatch Events, today EventBridge.
    CloudwatchEvents => "cloudwatch_events",
    /// CloudWatch Logs subscription data.
    CloudwatchLogs => "cloudwatch_logs",
    /// CloudWatch alarm actions.
    CloudwatchAlarm => "cloudwatch_alarm",
    /// Amazon SQS batches.
    Sqs => "sqs",
    /// Amazon SNS notifications.
    Sns => "sns",
    /// Amazon SES inbound mail.
    Ses => "ses",
    /// Amazon MSK and self-managed Apache Kafka batches.
    Kafka => "kafka",
    /// Amazon MQ for ActiveMQ batches.
    Activemq => "activemq",
    /// Amazon MQ for RabbitMQ batches.
    Rabbitmq => "rabbitmq",
    /// Amazon DocumentDB change streams.
    Documentdb => "documentdb",
    /// Amazon Cognito user pool triggers.
    Cognito => "cognito",
    /// Amazon Cognito Sync triggers.
    CognitoSync => "cognito_sync",
    /// Lambda@Edge requests and responses.
    Cloudfront => "cloudfront",
    /// CloudFormation custom resource requests.
    Cloudformation => "cloudformation",
    /// AWS CodeCommit triggers.
    Codecommit => "codecommit",
    /// AWS CodePipeline invoke actions.
    Codepipeline => "codepipeline",
    /// AWS CodeDeploy lifecycle hooks.
    Codedeploy => "codedeploy",
    /// AWS Config rule evaluations.
    Config => "config",
    /// Amazon Lex V1 code hooks.
    LexV1 => "lex_v1",
    /// Amazon Lex V2 code hooks.
    LexV2 => "lex_v2",
    /// Amazon Connect contact flows.
    Connect => "connect",
    /// AWS IoT 1-Click buttons.
    IotButton => "iot_button",
    /// AWS IoT custom authorizers.
    IotCustomAuth => "iot_custom_auth",
    /// AWS AppSync resolvers.
    AppsyncResolver => "appsync_resolver",
    /// AWS AppSync batch resolvers.
    AppsyncBatch => "appsync_batch",
    /// AWS AppSync Lambda authorizers.
    AppsyncAuthorizer => "appsync_authorizer",
    /// AWS AppSync Events channel namespace handlers.
    AppsyncEvents => "appsync_events",
    /// Amazon Bedrock agent action groups.
    BedrockAgent => "bedrock_agent",
    /// Alexa skills.
    Alexa => "alexa",
    /// Secrets Manager rotation steps.
    SecretsmanagerRotation => "secretsmanager_rotation",
    /// AWS Transfer Family identity providers.
    TransferFamily => "transfer_family",
    /// Records of Lambda's asynchronous invocation destinations.
    LambdaDestination => "lambda_destination",
    /// Records of Kinesis batches that an event source mapping has given up.
    LambdaDestinationKinesis => "lambda_destination_kinesis",
    /// Records of DynamoDB Streams batches that an event source mapping has given up.
    LambdaDestinationDynamodb => "lambda_destination_dynamodb",
    /// Records of Kafka batches that an event source mapping has given up.
    LambdaDestinationKafka => "lambda_destination_kafka",
    /// What cannot be told; the evidence says why.
    Unknown => "unknown",
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is no source's identifier.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownSourceName;

impl fmt::Display for UnknownSourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no event source has this identifier")
    }
}

impl std::error::Error for UnknownSourceName {}

impl FromStr for Source {
    type Err = UnknownSourceName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Source::ALL
            .iter()
            .copied()
            .find(|source| source.as_str() == name)
            .ok_or(UnknownSourceName)
    }
}
