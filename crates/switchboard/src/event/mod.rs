//! For each source: the typed event, what identifies its records, and how to read what AWS really sends.
//!
//! There is one file per source. Each says the same things in the same order: which [`Source`](crate::source::Source)s
//! send the event, how its delivery is answered, what a handler gets, and how to mend what the typed struct refuses.

pub(crate) mod answered;
mod asked;
mod base64;
mod contract;
#[cfg(feature = "envelopes")]
pub mod envelope;
#[cfg(any(feature = "cloudwatch_logs", feature = "envelopes"))]
pub mod gzip;
mod lenient;
mod log_fields;
mod members;
mod mends;
mod object;
#[cfg(feature = "envelopes")]
mod opened;
pub(crate) mod pieces;
mod read;
mod redact;
mod respell;
mod sequence;
mod stable_fields;
mod timestamp;

#[cfg(feature = "activemq")]
mod activemq;
#[cfg(feature = "http")]
pub(crate) mod api_gateway;
pub(crate) mod api_gateway_authorizer;
pub(crate) mod appsync;
pub(crate) mod bedrock_agent;
#[cfg(feature = "custom-resources")]
pub(crate) mod cloudformation;
mod cloudwatch_events;
#[cfg(feature = "cloudwatch_logs")]
mod cloudwatch_logs;
pub(crate) mod cognito;
pub(crate) mod direct;
#[cfg(feature = "documentdb")]
mod documentdb;
pub mod durable;
mod dynamodb;
pub(crate) mod iot;
#[cfg(feature = "kafka")]
mod kafka;
mod kinesis;
#[cfg(feature = "envelopes")]
pub mod kinesis_aggregate;
#[cfg(feature = "firehose")]
mod kinesis_firehose;
pub(crate) mod lex;
pub(crate) mod msk;
#[cfg(feature = "rabbitmq")]
mod rabbitmq;
pub mod s3;
pub(crate) mod s3_batch;
mod secretsmanager;
#[cfg(feature = "ses")]
mod ses;
#[cfg(feature = "sns")]
mod sns;
#[cfg(feature = "sqs")]
mod sqs;
#[cfg(test)]
pub(crate) mod tollbooth;

mod typed;

pub use crate::source::Delivery;
pub(crate) use api_gateway_authorizer::UNAUTHORIZED;
pub use api_gateway_authorizer::{Authorization, AuthorizerRequest, ContextValue, SimpleAuthorization};
pub use appsync::{AppSyncAuthorization, Resolve, ResolveInfo};
pub(crate) use asked::{Asked, OwnItem, Typed, Unread};
/// The version of `aws_lambda_events` whose structs records are read into.
pub use aws_lambda_events;
pub use bedrock_agent::AgentReply;
#[cfg(feature = "custom-resources")]
pub use cloudformation::{Resource, ResourceRequest, ResourceRequestType};
#[cfg(feature = "cloudwatch_logs")]
pub(crate) use cloudwatch_logs::log_group_of;
pub use cognito::CognitoTrigger;
pub use contract::{Event, Timestamp};
/// The version of `garde` whose rules [`Valid`] asks for.
#[cfg(feature = "validation")]
pub use garde;
pub use iot::IotAuthorization;
#[cfg(feature = "kafka")]
pub use kafka::SchemaMetadata;
#[cfg(feature = "firehose")]
pub use kinesis_firehose::Transformed;
pub use lex::LexReply;
pub(crate) use log_fields::LogFields;
pub use mends::Mend;
pub use msk::MskRecordMetadata;
pub use object::Object;
#[cfg(feature = "envelopes")]
#[doc(hidden)]
pub use opened::OpenedItem;
#[doc(hidden)]
pub use read::Mended;
#[cfg(feature = "testing")]
pub(crate) use read::read;
pub use read::{Unreadable, read_json};
pub(crate) use read::{identify, lane_of, number, read_with, text_at};
pub use s3_batch::S3BatchTask;
pub use secretsmanager::{RotationStep, SecretRotation};
pub use sequence::SequenceNumber;
pub(crate) use stable_fields::StableFields;
#[cfg(feature = "idempotency")]
pub(crate) use stable_fields::{FoundParts, Part};
#[cfg(feature = "claim_check")]
pub(crate) use typed::BodyOrPointer;
#[doc(hidden)]
pub use typed::RecordBefore;
pub(crate) use typed::scalar;
pub use typed::{
    Attributes, BodyEncoding, Change, ChangeKind, FromRecord, Json, Keys, Record, RecordKey, TypedItem,
    WithAttributes, WithBody, WithKey,
};
#[cfg(feature = "kafka_schemas")]
pub use typed::{Avro, AvroRecord, Protobuf};
#[cfg(feature = "claim_check")]
pub use typed::{MaybeClaimed, S3Pointer};
#[cfg(feature = "validation")]
pub use typed::{Valid, WithRules};

#[cfg(test)]
#[cfg(all(feature = "cloudwatch_logs", feature = "firehose", feature = "kafka"))]
#[cfg(all(feature = "ses", feature = "sns", feature = "sqs"))]
mod tests;
