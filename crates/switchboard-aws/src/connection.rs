//! Profile, region, endpoint and credentials, found as every AWS tool finds them.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::Failure;

/// A person waits: a machine that is not there should be told soon.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// What the command line says of where to go; what it leaves out, environment and profile say.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The profile of `~/.aws/config`; the default one, or `AWS_PROFILE`.
    pub profile: Option<String>,
    /// The region; the one of the profile or the environment.
    pub region: Option<String>,
    /// Where calls go instead of to AWS.
    pub endpoint_url: Option<String>,
}

/// A connection to AWS. Clients are cheap: they share configuration and connections.
#[derive(Clone, Debug)]
pub struct Aws {
    config: SdkConfig,
    region: String,
}

macro_rules! clients {
    ($($name:ident: $client:ty,)*) => {$(
        /// The client of this service, made at its first use.
        pub fn $name(&self) -> $client {
            <$client>::new(&self.config)
        }
    )*};
}

impl Aws {
    /// Reads the configuration. No service is asked yet, unless a profile's region is to be had from one.
    ///
    /// # Errors
    /// When nothing names a region.
    pub async fn connect(place: &Place) -> Result<Self, Failure> {
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
            Failure::own("no AWS region: give --region, set AWS_REGION, or put `region = …` into the profile")
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
        eventbridge: aws_sdk_eventbridge::Client,
        iam: aws_sdk_iam::Client,
        kinesis: aws_sdk_kinesis::Client,
        lambda: aws_sdk_lambda::Client,
        sqs: aws_sdk_sqs::Client,
    }

    /// S3, with the bucket in the path where the endpoint is not AWS's own, as the AWS CLI does: `bucket.localhost` is no host.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let elsewhere =
            self.config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(elsewhere);
        aws_sdk_s3::Client::from_conf(config.build())
    }
}
