//! The options that select an AWS account, region and endpoint.

use clap::Args;

use switchboard_aws::ConnectOptions;

#[derive(Args, Clone, Debug)]
pub(super) struct AwsArgs {
    /// Profile of ~/.aws/config [default: AWS_PROFILE, or `default`]
    #[arg(long, help_heading = "AWS", value_name = "NAME")]
    profile: Option<String>,
    /// Region [default: AWS_REGION, or the profile's]
    #[arg(long, help_heading = "AWS", value_name = "REGION")]
    region: Option<String>,
    /// Endpoint to call instead of AWS [default: AWS_ENDPOINT_URL, or the profile's endpoint_url]
    #[arg(long, help_heading = "AWS", value_name = "URL")]
    endpoint_url: Option<String>,
}

impl From<AwsArgs> for ConnectOptions {
    fn from(args: AwsArgs) -> Self {
        Self {
            profile: args.profile,
            region: args.region,
            endpoint_url: args.endpoint_url,
        }
    }
}
