//! Profile, region, endpoint and credentials, resolved as the AWS CLI resolves them.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::Failure;

/// A person is waiting, so an unreachable host should fail soon.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// Where to connect, from the command line. The environment and the profile supply what is `None`.
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    /// The profile of `~/.aws/config` [default: `AWS_PROFILE`, or the default profile].
    pub profile: Option<String>,
    /// The region [default: that of the environment or the profile].
    pub region: Option<String>,
    /// The endpoint to call instead of AWS.
    pub endpoint_url: Option<String>,
}

/// A connection to AWS. Clients are cheap: they share its configuration and its connections.
#[derive(Clone, Debug)]
pub struct Aws {
    config: SdkConfig,
    region: String,
}

macro_rules! clients {
    ($($name:ident: $client:ty,)*) => {$(
        /// Creates a client of this service.
        pub fn $name(&self) -> $client {
            <$client>::new(&self.config)
        }
    )*};
}

impl Aws {
    /// Reads the configuration. This calls a service only if a profile takes its region from one.
    ///
    /// # Errors
    /// If no region is configured.
    pub async fn connect(place: &ConnectOptions) -> Result<Self, Failure> {
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .timeout_config(timeouts.build());
        if let Some(profile) = &place.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &place.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(url) = &place.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = loader.load().await;
        let region = config.region().map(|region| region.as_ref().to_owned());
        let region = region.ok_or_else(|| {
            Failure::new("no AWS region: pass --region, set AWS_REGION, or add `region = …` to the profile")
        })?;
        Ok(Self { config, region })
    }

    /// The region that calls go to.
    pub fn region(&self) -> &str {
        &self.region
    }

    clients! {
        apigateway: aws_sdk_apigateway::Client,
        apigatewayv2: aws_sdk_apigatewayv2::Client,
        cloudwatchlogs: aws_sdk_cloudwatchlogs::Client,
        dynamodb: aws_sdk_dynamodb::Client,
        dynamodbstreams: aws_sdk_dynamodbstreams::Client,
        elasticloadbalancing: aws_sdk_elasticloadbalancingv2::Client,
        eventbridge: aws_sdk_eventbridge::Client,
        iam: aws_sdk_iam::Client,
        kinesis: aws_sdk_kinesis::Client,
        lambda: aws_sdk_lambda::Client,
        sqs: aws_sdk_sqs::Client,
    }

    /// Creates a client of SNS in this region: a topic of another region can invoke a function.
    pub fn sns(&self, region: &str) -> aws_sdk_sns::Client {
        let config = aws_sdk_sns::config::Builder::from(&self.config).region(Region::new(region.to_owned()));
        aws_sdk_sns::Client::from_conf(config.build())
    }

    /// Creates a client of S3. For an endpoint other than AWS's it puts the bucket in the path, as the AWS CLI does, because
    /// `bucket.localhost` does not resolve.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let elsewhere =
            self.config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(elsewhere);
        aws_sdk_s3::Client::from_conf(config.build())
    }
}
