//! Events that AWS sent, through the router: each is told apart, read as it is, and answered. See `recorded/README.md`.

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::kinesis::KinesisEventRecord;
use aws_lambda_events::s3::S3EventRecord;
use aws_lambda_events::sns::{SnsEvent, SnsRecord};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{LambdaEvent, Service};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use switchboard::source::{Source, detect};
use switchboard::{Context, Error, Failure, Payload, Router, Unwrap};

#[derive(Deserialize)]
struct Recorded {
    source: String,
    test: String,
    event: Value,
}

impl Recorded {
    fn all() -> Vec<Self> {
        let lines = include_str!("recorded/events.jsonl").lines();
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// `None`: nothing that has a handler here.
    fn expected(&self) -> Option<Source> {
        Some(match self.source.as_str() {
            "s3" => Source::S3,
            "sqs" => Source::Sqs,
            "sns" => Source::Sns,
            "kinesis" => Source::Kinesis,
            "eventbridge" => Source::CloudwatchEvents,
            "rest" => Source::ApiGatewayRest,
            "failure" => return None,
            other => panic!("{other} is of no known kind"),
        })
    }

    fn count(&self) -> usize {
        self.event["Records"].as_array().map_or(1, Vec::len)
    }

    async fn deliver(&self, router: Router<Log>) -> Result<Value, Error> {
        let payload = Payload::new(self.event.to_string());
        let mut router = router;
        let reply = router
            .call(LambdaEvent::new(payload, lambda_runtime::Context::default()))
            .await?;
        Ok(serde_json::to_value(&reply).unwrap())
    }
}

/// The source of a record that was handled, and where something was put into it.
type Handled = (Source, Vec<&'static str>);

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Handled>>>);

impl Log {
    fn note(cx: &Context<Self>) {
        let noted = (cx.source(), cx.filled().to_vec());
        cx.state().0.lock().unwrap().push(noted);
    }

    fn all(&self) -> Vec<Handled> {
        self.0.lock().unwrap().clone()
    }
}

async fn on_object(record: S3EventRecord, cx: Context<Log>) -> Result<(), Failure> {
    assert!(record.s3.bucket.name.is_some() && record.s3.object.key.is_some());
    // Events of tags and access lists come without: nothing tells two of them apart.
    assert_eq!(cx.identity().is_some(), record.s3.object.sequencer.is_some());
    Log::note(&cx);
    Ok(())
}

async fn on_record(record: KinesisEventRecord, cx: Context<Log>) -> Result<(), Failure> {
    assert_eq!(cx.record_id(), Some(record.kinesis.sequence_number));
    Log::note(&cx);
    Ok(())
}

async fn on_event(event: CloudWatchEvent<Value>, cx: Context<Log>) -> Result<(), Failure> {
    assert!(event.detail.is_some() && event.detail_type.is_some());
    Log::note(&cx);
    Ok(())
}

async fn on_message(message: SqsMessage, cx: Context<Log>) -> Result<(), Failure> {
    assert_eq!(cx.record_id(), message.message_id);
    Log::note(&cx);
    Ok(())
}

async fn on_notification(record: SnsRecord, cx: Context<Log>) -> Result<(), Failure> {
    assert_eq!(cx.record_id(), Some(record.sns.message_id));
    Log::note(&cx);
    Ok(())
}

fn router(log: &Log) -> Router<Log> {
    let api = axum::Router::new().fallback(|| async { "served" });
    Router::new(log.clone())
        .s3(on_object)
        .kinesis(on_record)
        .cloudwatch_events(on_event)
        .http(api)
}

#[tokio::test]
async fn every_event_is_told_apart_read_as_it_is_and_answered() {
    let all = Recorded::all();
    assert!(all.len() > 150);
    for recorded in &all {
        let log = Log::default();
        let router = router(&log)
            .on::<SqsEvent>(on_message)
            .on::<SnsEvent>(on_notification);
        let answer = recorded.deliver(router).await;
        let what = format!("{}: {}", recorded.test, recorded.event);
        let Some(source) = recorded.expected() else {
            // What could not be delivered is no event of the source it came from.
            assert!(answer.unwrap_err().is_unrouted(), "{what}");
            continue;
        };
        assert_eq!(
            detect(recorded.event.to_string().as_bytes()).source,
            source,
            "{what}"
        );
        let answer = answer.unwrap_or_else(|error| panic!("{error}: {what}"));
        match source {
            Source::Sqs | Source::Kinesis => assert_eq!(answer, json!({"batchItemFailures": []}), "{what}"),
            Source::ApiGatewayRest => assert_eq!(answer["statusCode"], 200, "{what}"),
            _ => assert_eq!(answer, Value::Null, "{what}"),
        }
        if source != Source::ApiGatewayRest {
            let handled = vec![(source, Vec::new()); recorded.count()];
            assert_eq!(log.all(), handled, "{what}");
        }
    }
}

#[tokio::test]
async fn what_queues_and_topics_carry_is_opened() {
    let mut opened = 0;
    for recorded in Recorded::all() {
        if !matches!(recorded.expected(), Some(Source::Sqs | Source::Sns)) {
            continue;
        }
        let log = Log::default();
        let router = router(&log)
            .on::<SqsEvent>(Unwrap.or(on_message))
            .on::<SnsEvent>(Unwrap.or(on_notification));
        let what = format!("{}: {}", recorded.test, recorded.event);
        recorded
            .deliver(router)
            .await
            .unwrap_or_else(|error| panic!("{error}: {what}"));
        let holds = |text: &str| recorded.event.to_string().contains(text);
        let inside = match () {
            () if holds("aws:s3") => Source::S3,
            () if holds("detail-type") && !holds("requestPayload") => Source::CloudwatchEvents,
            () if holds("TopicArn") => Source::Sns,
            () => Source::Sqs,
        };
        // What SNS tells a queue lacks one thing that it tells a function.
        let filled = match (recorded.expected(), inside) {
            (Some(Source::Sqs), Source::Sns) => vec!["EventSubscriptionArn"],
            _ => Vec::new(),
        };
        assert_eq!(log.all(), vec![(inside, filled); recorded.count()], "{what}");
        opened += usize::from(recorded.expected() != Some(inside));
    }
    assert!(opened >= 30, "{opened}");
}
