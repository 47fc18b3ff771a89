//! The event sources: one line for each, which names its row of [facts](super::facts).

use super::facts::{Delivery, Embedded, Invoker, NamedPlace, Proxy, Rule, Trigger};
use std::fmt;
use std::str::FromStr;

macro_rules! sources {
    ($(
        $(#[doc = $doc:literal])*
        $(#[cfg($cfg:meta)])?
        $variant:ident => $file:ident::$facts:ident,
    )*) => {
        /// An event source: the service that sent the payload.
        ///
        /// Its string form ([`Source::as_str`], `Display`, `FromStr`) is stable; logs, metrics and the companion
        /// use it.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum Source {
            $($(#[doc = $doc])* $(#[cfg($cfg)])? $variant,)*
        }

        impl Source {
            /// Every source, in the order of the enum.
            pub const ALL: &[Source] = &[$($(#[cfg($cfg)])? Source::$variant,)*];

            /// Every source with the rules that identify it.
            pub(super) const RULES: &[(Source, &'static [Rule])] =
                &[$($(#[cfg($cfg)])? (Source::$variant, super::facts::$file::$facts.rules),)*];
        }

        /// One fact of a source. Each fact is looked up separately, so unused ones are not in the binary, where every
        /// pointer costs start-up time.
        macro_rules! fact {
            ($source:expr, $fact:ident) => {
                match $source {
                    $($(#[cfg($cfg)])? Source::$variant => const { super::facts::$file::$facts.$fact },)*
                }
            };
            // What follows from a fact is worked out when the library is compiled, too.
            ($source:expr, $of:path, $fact:ident) => {
                match $source {
                    $($(#[cfg($cfg)])? Source::$variant => const { $of(super::facts::$file::$facts.$fact) },)*
                }
            };
        }
    };
}

sources! {
    /// Amazon S3 event notifications, `Records` of `aws:s3`.
    S3 => s3::S3,
    /// The one-off `s3:TestEvent` S3 sends when a notification is configured.
    S3Test => s3::S3_TEST,
    /// S3 Batch Operations tasks.
    S3Batch => s3::S3_BATCH,
    /// S3 Object Lambda requests.
    S3ObjectLambda => s3::S3_OBJECT_LAMBDA,
    /// API Gateway REST API proxy requests (payload format 1.0).
    ApiGatewayRest => api_gateway::API_GATEWAY_REST,
    /// API Gateway HTTP API requests (payload format 2.0).
    ApiGatewayHttp => api_gateway::API_GATEWAY_HTTP,
    /// API Gateway WebSocket API requests.
    ApiGatewayWebsocket => api_gateway::API_GATEWAY_WEBSOCKET,
    /// REST API `TOKEN` authorizer requests.
    ApiGatewayAuthorizerToken => api_gateway_authorizer::API_GATEWAY_AUTHORIZER_TOKEN,
    /// REST API `REQUEST` authorizer requests.
    ApiGatewayAuthorizerRequest => api_gateway_authorizer::API_GATEWAY_AUTHORIZER_REQUEST,
    /// HTTP API authorizer requests, payload formats 1.0 and 2.0.
    ApiGatewayAuthorizerHttp => api_gateway_authorizer::API_GATEWAY_AUTHORIZER_HTTP,
    /// WebSocket API authorizer requests.
    ApiGatewayAuthorizerWebsocket => api_gateway_authorizer::API_GATEWAY_AUTHORIZER_WEBSOCKET,
    /// Lambda function URL requests.
    FunctionUrl => api_gateway::FUNCTION_URL,
    /// Application Load Balancer target group requests.
    Alb => alb::ALB,
    /// VPC Lattice requests, event structure v1.
    VpcLatticeV1 => vpc_lattice::VPC_LATTICE_V1,
    /// VPC Lattice requests, event structure v2.
    VpcLatticeV2 => vpc_lattice::VPC_LATTICE_V2,
    /// DynamoDB Streams batches.
    Dynamodb => dynamodb::DYNAMODB,
    /// DynamoDB Streams batches of a tumbling window.
    DynamodbWindow => dynamodb::DYNAMODB_WINDOW,
    /// Kinesis Data Streams batches.
    Kinesis => kinesis::KINESIS,
    /// Kinesis Data Streams batches of a tumbling window.
    KinesisWindow => kinesis::KINESIS_WINDOW,
    /// Firehose data transformation requests.
    KinesisFirehose => kinesis_firehose::KINESIS_FIREHOSE,
    /// Kinesis Data Analytics preprocessing and output requests.
    KinesisAnalytics => kinesis_analytics::KINESIS_ANALYTICS,
    /// CloudWatch Events, now EventBridge.
    CloudwatchEvents => cloudwatch_events::CLOUDWATCH_EVENTS,
    /// CloudWatch Logs subscription data.
    CloudwatchLogs => cloudwatch_logs::CLOUDWATCH_LOGS,
    /// CloudWatch alarm actions.
    CloudwatchAlarm => cloudwatch_alarm::CLOUDWATCH_ALARM,
    /// Amazon SQS batches.
    Sqs => sqs::SQS,
    /// Amazon SNS notifications.
    Sns => sns::SNS,
    /// Amazon SES inbound mail.
    Ses => ses::SES,
    /// Amazon MSK and self-managed Apache Kafka batches.
    Kafka => kafka::KAFKA,
    /// Amazon MQ for ActiveMQ batches.
    Activemq => mq::ACTIVEMQ,
    /// Amazon MQ for RabbitMQ batches.
    Rabbitmq => mq::RABBITMQ,
    /// Amazon DocumentDB change streams.
    Documentdb => documentdb::DOCUMENTDB,
    /// Amazon Cognito user pool triggers.
    Cognito => cognito::COGNITO,
    /// Amazon Cognito Sync triggers.
    CognitoSync => cognito::COGNITO_SYNC,
    /// Lambda@Edge requests and responses.
    Cloudfront => cloudfront::CLOUDFRONT,
    /// CloudFormation custom resource requests.
    Cloudformation => cloudformation::CLOUDFORMATION,
    /// AWS CodeCommit triggers.
    Codecommit => code::CODECOMMIT,
    /// AWS CodePipeline invoke actions.
    Codepipeline => code::CODEPIPELINE,
    /// AWS CodeDeploy lifecycle hooks.
    Codedeploy => code::CODEDEPLOY,
    /// AWS Config rule evaluations.
    Config => config::CONFIG,
    /// Amazon Lex V1 code hooks.
    LexV1 => lex::LEX_V1,
    /// Amazon Lex V2 code hooks.
    LexV2 => lex::LEX_V2,
    /// Amazon Connect contact flows.
    Connect => connect::CONNECT,
    /// AWS IoT 1-Click buttons.
    IotButton => iot::IOT_BUTTON,
    /// AWS IoT custom authorizers.
    IotCustomAuth => iot::IOT_CUSTOM_AUTH,
    /// AWS AppSync resolvers.
    AppsyncResolver => appsync::APPSYNC_RESOLVER,
    /// AWS AppSync batch resolvers.
    AppsyncBatch => appsync::APPSYNC_BATCH,
    /// AWS AppSync Lambda authorizers.
    AppsyncAuthorizer => appsync::APPSYNC_AUTHORIZER,
    /// AWS AppSync Events channel namespace handlers.
    AppsyncEvents => appsync::APPSYNC_EVENTS,
    /// Amazon Bedrock agent action groups.
    BedrockAgent => bedrock_agent::BEDROCK_AGENT,
    /// Alexa skills.
    Alexa => alexa::ALEXA,
    /// Secrets Manager rotation steps.
    SecretsmanagerRotation => secretsmanager::SECRETSMANAGER_ROTATION,
    /// AWS Transfer Family identity providers.
    TransferFamily => transfer_family::TRANSFER_FAMILY,
    /// Invocations of durable executions, each around an event of another source.
    Durable => durable::DURABLE,
    /// Records of Lambda's asynchronous invocation destinations.
    LambdaDestination => lambda_destination::LAMBDA_DESTINATION,
    /// Records of Kinesis batches that an event source mapping has given up.
    LambdaDestinationKinesis => lambda_destination::LAMBDA_DESTINATION_KINESIS,
    /// Records of DynamoDB Streams batches that an event source mapping has given up.
    LambdaDestinationDynamodb => lambda_destination::LAMBDA_DESTINATION_DYNAMODB,
    /// Records of Kafka batches that an event source mapping has given up.
    LambdaDestinationKafka => lambda_destination::LAMBDA_DESTINATION_KAFKA,
    /// The source could not be identified; the evidence says why.
    Unknown => unknown::UNKNOWN,
    /// A source that does not exist: see `made_up.rs`.
    #[cfg(test)]
    Tollbooth => tollbooth::TOLLBOOTH,
}

impl Source {
    /// The source's stable identifier, for instance `"api_gateway_http"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        fact!(self, name)
    }

    /// Another common name, which `FromStr` accepts as well: `"eventbridge"` for `"cloudwatch_events"`, `"http"` for
    /// `"api_gateway_http"`.
    #[must_use]
    pub const fn alias(self) -> Option<&'static str> {
        fact!(self, alias)
    }

    /// How it is delivered, and what it accepts as an answer. [`Delivery::Whole`] if nothing else is known.
    #[must_use]
    pub const fn delivery(self) -> Delivery {
        fact!(self, delivery)
    }

    /// Whether it sends HTTP requests and expects responses.
    #[must_use]
    pub const fn is_http(self) -> bool {
        fact!(self, Trigger::is_http, trigger)
    }

    /// Where its events may contain an event of another source.
    #[must_use]
    pub const fn embedded(self) -> Embedded {
        fact!(self, embedded)
    }

    /// The service that invokes the function, if a permission for it is enough to say that events of this source
    /// arrive.
    #[must_use]
    pub const fn invoker(self) -> Option<Invoker> {
        fact!(self, invoker)
    }

    /// Whether what invokes the function waits for its answer, and is told the message of an error.
    pub(crate) const fn waits(self) -> bool {
        fact!(self, waits)
    }

    /// What its records, or its events, are known by in the words of conditions.
    pub(crate) const fn names(self) -> &'static [NamedPlace] {
        fact!(self, names)
    }

    /// JSON paths of what names a record, or an event that is delivered whole.
    pub(crate) const fn identifier(self) -> &'static [&'static str] {
        fact!(self, identifier)
    }

    /// The JSON path of the identifier by which EventBridge Pipes expects reports of failures, if it is another one.
    pub(crate) const fn pipe_identifier(self) -> Option<&'static str> {
        fact!(self, pipe_identifier)
    }

    /// The paths in a payload of the id that correlates the invocation.
    pub(crate) const fn correlation(self) -> [Option<&'static str>; 2] {
        fact!(self, correlation)
    }

    /// What caused the invocation.
    #[cfg(feature = "otel")]
    pub(crate) const fn trigger(self) -> Trigger {
        fact!(self, trigger)
    }

    /// How its requests are read and answered, if the router serves them.
    pub(crate) const fn proxy(self) -> Option<Proxy> {
        fact!(self, Trigger::proxy, trigger)
    }
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

/// Takes [`Source::as_str`] and [`Source::alias`].
impl FromStr for Source {
    type Err = UnknownSourceName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let mut all = Source::ALL.iter().copied();
        all.find(|source| source.as_str() == name || source.alias() == Some(name))
            .ok_or(UnknownSourceName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_of_one_source() {
        for source in Source::ALL {
            assert_eq!(source.as_str().parse(), Ok(*source));
            if let Some(alias) = source.alias() {
                assert_eq!(alias.parse(), Ok(*source));
            }
        }
        assert_eq!("eventbridge".parse(), Ok(Source::CloudwatchEvents));
        assert_eq!("EventBridge".parse::<Source>(), Err(UnknownSourceName));
    }

    #[test]
    fn each_source_but_the_unknown_has_rules() {
        for (source, rules) in Source::RULES {
            assert_eq!(rules.is_empty(), *source == Source::Unknown, "{source}");
        }
    }
}
