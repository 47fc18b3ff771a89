//! Which triggers can be seen where a deployment is read from.

use switchboard::source::Source;

/// Where the deployment was read from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum DeploymentKind {
    #[default]
    Template,
    /// A deployed function: its mappings, its policy and what that names.
    #[cfg(any(feature = "aws", test))]
    Live,
}

/// Sources of mappings, and of services that need a permission of the function's policy.
const EVERYWHERE: &[Source] = &[
    Source::S3,
    Source::ApiGatewayRest,
    Source::ApiGatewayHttp,
    Source::ApiGatewayWebsocket,
    Source::FunctionUrl,
    Source::Alb,
    Source::Dynamodb,
    Source::DynamodbWindow,
    Source::Kinesis,
    Source::KinesisWindow,
    Source::CloudwatchEvents,
    Source::CloudwatchLogs,
    Source::CloudwatchAlarm,
    Source::Sqs,
    Source::Sns,
    Source::Ses,
    Source::Kafka,
    Source::Activemq,
    Source::Rabbitmq,
    Source::Documentdb,
    Source::Cognito,
    Source::CognitoSync,
    Source::Codecommit,
    Source::Config,
    Source::BedrockAgent,
    Source::Alexa,
    Source::SecretsmanagerRotation,
];

/// Sources that invoke with a role or the caller's rights, or through something that only a template has.
const IN_TEMPLATES: &[Source] = &[
    Source::S3ObjectLambda,
    Source::ApiGatewayAuthorizerToken,
    Source::ApiGatewayAuthorizerRequest,
    Source::ApiGatewayAuthorizerHttp,
    Source::ApiGatewayAuthorizerWebsocket,
    Source::VpcLatticeV1,
    Source::VpcLatticeV2,
    Source::KinesisFirehose,
    Source::KinesisAnalytics,
    Source::Cloudfront,
    Source::Cloudformation,
    Source::Codepipeline,
    Source::Codedeploy,
    Source::IotCustomAuth,
    Source::AppsyncResolver,
    Source::AppsyncBatch,
    Source::AppsyncAuthorizer,
    Source::AppsyncEvents,
    Source::TransferFamily,
    Source::LambdaDestination,
];

impl DeploymentKind {
    /// Whether every trigger with events of this source can be seen, so that one that is not seen is not there. Batch jobs,
    /// contact flows and devices, for example, name their function where neither a template nor a policy tells of it.
    pub(crate) fn sees(self, source: Source) -> bool {
        EVERYWHERE.contains(&source) || (self == Self::Template && IN_TEMPLATES.contains(&source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody can see these triggers, or they are no triggers of their own.
    const NOWHERE: &[Source] = &[
        Source::S3Test,
        Source::S3Batch,
        Source::LexV1,
        Source::LexV2,
        Source::Connect,
        Source::IotButton,
        Source::Durable,
        Source::LambdaDestinationKinesis,
        Source::LambdaDestinationDynamodb,
        Source::LambdaDestinationKafka,
        Source::Unknown,
    ];

    #[test]
    fn every_source_is_decided() {
        for source in Source::ALL {
            let lists = [EVERYWHERE, IN_TEMPLATES, NOWHERE];
            let times = lists.iter().filter(|list| list.contains(source)).count();
            assert_eq!(times, 1, "{source}");
        }
        assert!(
            DeploymentKind::Template.sees(Source::Cloudfront)
                && !DeploymentKind::Live.sees(Source::Cloudfront)
        );
    }
}
