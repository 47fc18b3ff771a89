//! The structs of `aws_lambda_events`, each read from the event that it is the record of: as `Router::on` reads it.

use super::plain::RecordBefore;
use super::record::{FromRecord, Record};
use crate::event::read::{self, Mended, Unreadable};
use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::dynamodb;
use aws_lambda_events::kinesis::{KinesisEvent, KinesisEventRecord};
use aws_lambda_events::s3::{S3Event, S3EventRecord};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// `$event` is what the handler is registered for, `$read` the event that says how the struct is read: mostly the same.
macro_rules! stock {
    ($($(#[$attribute:meta])* $item:ty: $event:ty, $read:ty $(where $T:ident: $bound:ident)?;)*) => {$(
        $(#[$attribute])*
        impl$(<$T: $bound + Serialize + Send + 'static>)? FromRecord<$event> for $item {
            fn from_record(record: Record<'_, $event>) -> Result<Self, Unreadable> {
                read::read::<$read>(record.raw().as_bytes(), record.received()).map(|read| *read.item)
            }

            fn read_first<'p>(
                text: &'p str,
                received: DateTime<Utc>,
                _: &mut RecordBefore<'p>,
            ) -> Option<(Mended<Box<Self>>, usize)> {
                read::read_first::<$read>(text, received)
            }

            fn read(raw: &[u8], received: DateTime<Utc>) -> Result<Mended<Box<Self>>, Unreadable> {
                read::read::<$read>(raw, received)
            }

            fn lane(&self, _: &[u8]) -> Option<String> {
                read::lane::<$read>(self)
            }
        }
    )*};
}

stock! {
    S3EventRecord: S3Event, S3Event;
    dynamodb::EventRecord: dynamodb::Event, dynamodb::Event;
    KinesisEventRecord: KinesisEvent, KinesisEvent;
    CloudWatchEvent<T>: CloudWatchEvent<Box<RawValue>>, CloudWatchEvent<T> where T: DeserializeOwned;
    #[cfg(feature = "sqs")]
    aws_lambda_events::sqs::SqsMessage: aws_lambda_events::sqs::SqsEvent, aws_lambda_events::sqs::SqsEvent;
    #[cfg(feature = "sns")]
    aws_lambda_events::sns::SnsRecord: aws_lambda_events::sns::SnsEvent, aws_lambda_events::sns::SnsEvent;
    #[cfg(feature = "ses")]
    aws_lambda_events::ses::SimpleEmailRecord:
        aws_lambda_events::ses::SimpleEmailEvent, aws_lambda_events::ses::SimpleEmailEvent;
    #[cfg(feature = "kafka")]
    aws_lambda_events::kafka::KafkaRecord: aws_lambda_events::kafka::KafkaEvent, aws_lambda_events::kafka::KafkaEvent;
    #[cfg(feature = "firehose")]
    aws_lambda_events::firehose::KinesisFirehoseEventRecord:
        aws_lambda_events::firehose::KinesisFirehoseEvent, aws_lambda_events::firehose::KinesisFirehoseEvent;
    #[cfg(feature = "activemq")]
    aws_lambda_events::activemq::ActiveMqMessage:
        aws_lambda_events::activemq::ActiveMqEvent, aws_lambda_events::activemq::ActiveMqEvent;
    #[cfg(feature = "rabbitmq")]
    aws_lambda_events::rabbitmq::RabbitMqMessage:
        aws_lambda_events::rabbitmq::RabbitMqEvent, aws_lambda_events::rabbitmq::RabbitMqEvent;
    #[cfg(feature = "documentdb")]
    aws_lambda_events::documentdb::DocumentDbInnerEvent:
        aws_lambda_events::documentdb::DocumentDbEvent, aws_lambda_events::documentdb::DocumentDbEvent;
}
