//! What is known of each source, complete by the compiler: one file per source, or per family of sources of one
//! service.
//!
//! [`row`] defines the facts. `name.rs` lists the rows.

mod row;
mod rule;

mod common;

pub(super) mod alb;
pub(super) mod alexa;
pub(super) mod api_gateway;
pub(super) mod api_gateway_authorizer;
pub(super) mod appsync;
pub(super) mod bedrock_agent;
pub(super) mod cloudformation;
pub(super) mod cloudfront;
pub(super) mod cloudwatch_alarm;
pub(super) mod cloudwatch_events;
pub(super) mod cloudwatch_logs;
pub(super) mod code;
pub(super) mod cognito;
pub(super) mod config;
pub(super) mod connect;
pub(super) mod documentdb;
pub(super) mod durable;
pub(super) mod dynamodb;
pub(super) mod iot;
pub(super) mod kafka;
pub(super) mod kinesis;
pub(super) mod kinesis_analytics;
pub(super) mod kinesis_firehose;
pub(super) mod lambda_destination;
pub(super) mod lex;
pub(super) mod mq;
pub(super) mod s3;
pub(super) mod secretsmanager;
pub(super) mod ses;
pub(super) mod sns;
pub(super) mod sqs;
#[cfg(test)]
pub(super) mod tollbooth;
pub(super) mod transfer_family;
pub(super) mod unknown;
pub(super) mod vpc_lattice;

pub(super) use row::Proxy;
#[cfg(feature = "http")]
pub(crate) use row::RequestForm;
pub use row::{Delivery, Embedded, Invoker};
pub(crate) use row::{MAX_REPLY, NameKind, NamedPlace, ReplyForm, TextForm, Trigger};
#[cfg(feature = "otel")]
pub(crate) use row::{Messages, RecordPaths, RequestPaths};
pub(super) use rule::{Rule, Stage};
