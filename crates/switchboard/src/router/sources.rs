//! Registration by source: the type of the handler's argument says what it takes.

use super::Router;
use super::route::Route;
#[cfg(feature = "firehose")]
use crate::event::Transformed;
use crate::event::{FromRecord, Typed};
#[cfg(feature = "firehose")]
use crate::handler::Handler;
use crate::handler::{Reply, SourceHandler};
use crate::source::Source;
#[cfg(feature = "activemq")]
use aws_lambda_events::activemq::ActiveMqEvent;
use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
#[cfg(feature = "documentdb")]
use aws_lambda_events::documentdb::DocumentDbEvent;
use aws_lambda_events::dynamodb;
#[cfg(feature = "firehose")]
use aws_lambda_events::firehose::KinesisFirehoseEvent;
#[cfg(feature = "kafka")]
use aws_lambda_events::kafka::KafkaEvent;
use aws_lambda_events::kinesis::KinesisEvent;
#[cfg(feature = "rabbitmq")]
use aws_lambda_events::rabbitmq::RabbitMqEvent;
use aws_lambda_events::s3::S3Event;
#[cfg(feature = "sns")]
use aws_lambda_events::sns::SnsEvent;
#[cfg(feature = "sqs")]
use aws_lambda_events::sqs::SqsEvent;
use serde_json::value::RawValue;
use std::future::ready;

/// An event of EventBridge, whatever its `detail` is.
type AnyCloudWatchEvent = CloudWatchEvent<Box<RawValue>>;

/// One method for each source. The handler's argument says what is read from a record: the struct of `aws_lambda_events`, the
/// body as your own type ([`Json`](crate::Json)), text, bytes, or several of these
/// ([`FromRecord`](crate::event::FromRecord)).
impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Handles each record of Amazon S3 event notifications. The one-off `s3:TestEvent` of S3 succeeds without a handler.
    #[must_use]
    pub fn s3<T, H>(self, handler: H) -> Self
    where
        T: FromRecord<S3Event>,
        H: SourceHandler<S3Event, T, S>,
    {
        let has_test_event = self.serves(Source::S3Test);
        let test_event = Route::new(&[Source::S3Test], handler.name(), false, |_| {
            Box::pin(ready(Ok(Reply::nothing())))
        });
        let router = self.route(Route::event::<Typed<S3Event, T>, _>(handler));
        // Conditions cannot match the test event, so the first of several handlers registers it.
        match has_test_event {
            true => router,
            false => router.route(test_event),
        }
    }

    /// Handles each record of DynamoDB Streams, in order: as a [`Change`](crate::Change) of an item of yours, or as the
    /// `EventRecord` of `aws_lambda_events`.
    #[must_use]
    pub fn dynamodb<T, H>(self, handler: H) -> Self
    where
        T: FromRecord<dynamodb::Event>,
        H: SourceHandler<dynamodb::Event, T, S>,
    {
        self.route(Route::event::<Typed<dynamodb::Event, T>, _>(handler))
    }

    /// Handles each record of Kinesis Data Streams, in order.
    ///
    /// # Example
    ///
    /// ```
    /// use serde::Deserialize;
    /// use switchboard::event::RecordKey;
    /// use switchboard::{Context, Failure, Json, Router};
    ///
    /// #[derive(Deserialize)]
    /// struct Click {
    ///     page: String,
    /// }
    ///
    /// async fn on_click((Json(click), RecordKey(visitor)): (Json<Click>, RecordKey), _cx: Context<()>) -> Result<(), Failure> {
    ///     tracing::info!(visitor, click.page, "a click");
    ///     Ok(())
    /// }
    ///
    /// let router = Router::new(()).kinesis(on_click);
    /// # let _ = router;
    /// ```
    #[must_use]
    pub fn kinesis<T, H>(self, handler: H) -> Self
    where
        T: FromRecord<KinesisEvent>,
        H: SourceHandler<KinesisEvent, T, S>,
    {
        self.route(Route::event::<Typed<KinesisEvent, T>, _>(handler))
    }

    /// Handles CloudWatch Events, now EventBridge: its `detail` as [`Json`](crate::Json), or the whole event as a
    /// `CloudWatchEvent` with any type of `detail`; `Box<RawValue>` accepts any detail, however deeply nested.
    #[must_use]
    pub fn cloudwatch_events<T, H>(self, handler: H) -> Self
    where
        T: FromRecord<AnyCloudWatchEvent>,
        H: SourceHandler<AnyCloudWatchEvent, T, S>,
    {
        self.route(Route::event::<Typed<AnyCloudWatchEvent, T>, _>(handler))
    }

    /// Handles each message of Amazon SQS, standard and FIFO.
    ///
    /// # Example
    ///
    /// ```
    /// use serde::Deserialize;
    /// use switchboard::{Context, Failure, Json, Router};
    ///
    /// #[derive(Deserialize)]
    /// struct Order {
    ///     id: u64,
    /// }
    ///
    /// async fn on_order(Json(order): Json<Order>, _cx: Context<()>) -> Result<(), Failure> {
    ///     tracing::info!(order.id, "an order");
    ///     Ok(())
    /// }
    ///
    /// let router = Router::new(()).sqs(on_order);
    /// # let _ = router;
    /// ```
    #[cfg(feature = "sqs")]
    #[must_use]
    pub fn sqs<T, H>(self, handler: H) -> Self
    where
        T: FromRecord<SqsEvent>,
        H: SourceHandler<SqsEvent, T, S>,
    {
        self.route(Route::event::<Typed<SqsEvent, T>, _>(handler))
    }

    /// Handles each notification of Amazon SNS.
    #[cfg(feature = "sns")]
    #[must_use]
    pub fn sns<T, H>(self, handler: H) -> Self
    where
        T: FromRecord<SnsEvent>,
        H: SourceHandler<SnsEvent, T, S>,
    {
        self.route(Route::event::<Typed<SnsEvent, T>, _>(handler))
    }

    /// Handles each record of Amazon MSK and self-managed Apache Kafka, each partition in order.
    #[cfg(feature = "kafka")]
    #[must_use]
    pub fn kafka<T, H>(self, handler: H) -> Self
    where
        T: FromRecord<KafkaEvent>,
        H: SourceHandler<KafkaEvent, T, S>,
    {
        self.route(Route::event::<Typed<KafkaEvent, T>, _>(handler))
    }

    /// Transforms each record of Amazon Data Firehose.
    #[cfg(feature = "firehose")]
    #[must_use]
    pub fn firehose<T, H>(self, handler: H) -> Self
    where
        T: FromRecord<KinesisFirehoseEvent>,
        H: Handler<T, S, Reply = Transformed>,
    {
        self.route(Route::event::<Typed<KinesisFirehoseEvent, T>, _>(handler))
    }

    /// Handles each message of Amazon MQ for ActiveMQ. MQ takes no partial answers: if one fails, the batch comes again.
    #[cfg(feature = "activemq")]
    #[must_use]
    pub fn activemq<T, H>(self, handler: H) -> Self
    where
        T: FromRecord<ActiveMqEvent>,
        H: SourceHandler<ActiveMqEvent, T, S>,
    {
        self.route(Route::event::<Typed<ActiveMqEvent, T>, _>(handler))
    }

    /// Handles each message of Amazon MQ for RabbitMQ. MQ takes no partial answers: if one fails, the batch comes again.
    #[cfg(feature = "rabbitmq")]
    #[must_use]
    pub fn rabbitmq<T, H>(self, handler: H) -> Self
    where
        T: FromRecord<RabbitMqEvent>,
        H: SourceHandler<RabbitMqEvent, T, S>,
    {
        self.route(Route::event::<Typed<RabbitMqEvent, T>, _>(handler))
    }

    /// Handles each change of Amazon DocumentDB, in order. If one fails, the batch comes again.
    #[cfg(feature = "documentdb")]
    #[must_use]
    pub fn documentdb<T, H>(self, handler: H) -> Self
    where
        T: FromRecord<DocumentDbEvent>,
        H: SourceHandler<DocumentDbEvent, T, S>,
    {
        self.route(Route::event::<Typed<DocumentDbEvent, T>, _>(handler))
    }
}
