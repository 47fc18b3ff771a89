//! Triggers of a deployed AWS Lambda function: adds, removes and lists them, and reads what they read.
//!
//! # Layout
//!
//! - [`Aws`]: the connection, with a client for each service; [`ConnectOptions`]: its region, profile and endpoint.
//! - [`Arn`], [`Bucket`]: names of resources, and who owns them.
//! - [`Failure`]: a call that failed, with the error that AWS returned.
//! - [`wire`]: triggers as lists of resources, and plans that apply the differences.
//! - [`poll`]: what mappings read: messages of queues, records of streams.

mod connection;
pub use connection::{Aws, ConnectOptions};

mod arn;
pub use arn::Arn;

mod bucket;
pub use bucket::Bucket;

mod failure;
pub use failure::{CallContext, Failure, ok_if_gone};

pub mod wire;

pub mod poll;

/// The AWS SDK's crates, for callers of [`Aws`].
pub mod sdk {
    pub use aws_sdk_apigateway;
    pub use aws_sdk_apigatewayv2;
    pub use aws_sdk_cloudwatchlogs;
    pub use aws_sdk_dynamodb;
    pub use aws_sdk_dynamodbstreams;
    pub use aws_sdk_elasticloadbalancingv2;
    pub use aws_sdk_eventbridge;
    pub use aws_sdk_iam;
    pub use aws_sdk_kinesis;
    pub use aws_sdk_lambda;
    pub use aws_sdk_s3;
    pub use aws_sdk_sns;
    pub use aws_sdk_sqs;
}
