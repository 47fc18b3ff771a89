//! What speaks to AWS: triggers of a deployed Lambda function, put on, taken off and listed.
//!
//! # Layout
//!
//! - [`Aws`]: the connection, a client for each service; [`Place`]: the region, the profile and the endpoint it is made with.
//! - [`Arn`], [`Bucket`]: what AWS calls things, and whose they are.
//! - [`Failure`]: a call that failed, with what AWS says of it.
//! - [`wire`]: triggers as lists of resources, and plans that carry out what differs.

mod connection;
pub use connection::{Aws, Place};

mod arn;
pub use arn::Arn;

mod bucket;
pub use bucket::Bucket;

mod failure;
pub use failure::{Failure, Told, gone};

pub mod wire;

/// The SDK's crates, for who calls AWS through [`Aws`].
pub mod sdk {
    pub use aws_sdk_apigateway;
    pub use aws_sdk_apigatewayv2;
    pub use aws_sdk_cloudwatchlogs;
    pub use aws_sdk_dynamodb;
    pub use aws_sdk_eventbridge;
    pub use aws_sdk_iam;
    pub use aws_sdk_kinesis;
    pub use aws_sdk_lambda;
    pub use aws_sdk_s3;
    pub use aws_sdk_sqs;
}
