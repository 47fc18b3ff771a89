//! A function whose records say what should happen to them, for testing deliveries: `cargo switchboard simulate` drives
//! it.
//!
//! Every record has `{"do":"ok","ms":3,"id":"a-17"}`: in Kinesis and Firehose as the data, in Kafka as the value, in
//! SQS as the body, in SNS as the message, in EventBridge as the detail, in SES as the subject, in CloudWatch Logs as
//! the message of each log event. In DynamoDB they are string attributes of the `NewImage`; in S3 the object's key is
//! `<do>/<ms>/<id>`. The handler waits `ms` milliseconds, then it does what `do` says:
//!
//! | `do` | what happens |
//! |---|---|
//! | `ok`, `sleep` | the record is finished |
//! | `fail`, `panic` | the handler fails, by an error or by a panic |
//! | `after` | the handler asks, at once, for a retry in `ms` milliseconds |
//! | `reject` | the handler rejects the record for good |
//! | `exit` | the process ends, in the middle of the invocation |
//!
//! | variable | meaning |
//! |---|---|
//! | `FAULTY_LEDGER` | required: a file; the id of every finished record is appended to it, a line each, in order. Ids of rejected records go to the file of that name with `.dead` behind it |
//! | `FAULTY_CONCURRENCY` | how many records of a batch are handled at once; 1 by default |
//! | `FAULTY_IDEMPOTENT` | 1: no record is finished twice, whatever comes again. What is done is kept in the file of the ledger's name with `.idempotency` behind it, or with `dynamodb:TABLE` in that table (feature `dynamodb`). Not for tumbling windows and Firehose, which change nothing but their answer, nor for CloudWatch Logs, whose events have no identity |
//! | `FAULTY_SINK` | 0: the function has no dead-letter sink, so what it rejects comes again |
//! | `FAULTY_UNREADABLE` | `reject`: messages that cannot be read are rejected |
//!
//! ```text
//! cargo switchboard simulate --source kinesis --example faulty
//! ```

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::cloudwatch_logs::{LogData, LogsEvent};
use aws_lambda_events::dynamodb::EventRecord;
use aws_lambda_events::firehose::{KinesisFirehoseEvent, KinesisFirehoseEventRecord};
use aws_lambda_events::kafka::{KafkaEvent, KafkaRecord};
use aws_lambda_events::kinesis::KinesisEventRecord;
use aws_lambda_events::s3::S3EventRecord;
use aws_lambda_events::ses::{SimpleEmailEvent, SimpleEmailRecord};
use aws_lambda_events::sns::{SnsEvent, SnsRecord};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::env;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;
use switchboard::event::Transformed;
use switchboard::event::s3::decode_key;
use switchboard::idempotency::{Idempotency, Memory, MissingKey, Sqlite, Store};
use switchboard::{Context, DeadLetter, Error, Failure, Handler, OnFault, Router, Windowed};

/// What should happen to a record.
#[derive(Deserialize, Serialize)]
struct Task {
    #[serde(rename = "do")]
    what: What,
    #[serde(default)]
    ms: u64,
    id: String,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum What {
    Ok,
    Fail,
    Panic,
    Reject,
    After,
    Sleep,
    Exit,
}

impl Task {
    fn parse(json: &[u8]) -> Result<Self, Failure> {
        Ok(serde_json::from_slice(json)?)
    }

    /// From texts that are not JSON: parts of a key, attributes of an item.
    fn of(what: &str, ms: &str, id: &str) -> Result<Self, Failure> {
        let (what, ms) = (serde_json::from_value(what.into())?, ms.parse()?);
        Ok(Self {
            what,
            ms,
            id: id.to_owned(),
        })
    }

    /// Does what the record says. Nothing waits between the line in the ledger and the handler's return, so nothing can
    /// come between them.
    async fn run(self, ledger: &Ledger) -> Result<(), Failure> {
        let pause = Duration::from_millis(self.ms);
        if self.what == What::After {
            return Err(Failure::after(pause));
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        match self.what {
            What::Ok | What::Sleep => Ok(ledger.finished(&self.id)?),
            What::Panic => panic!("told to panic"),
            What::Exit => std::process::exit(1),
            // The dead-letter sink gets the id as the reason.
            What::Reject => Err(Failure::reject(self.id)),
            What::Fail | What::After => Err(Failure::msg("told to fail")),
        }
    }
}

/// The files for the ids of finished and of rejected records.
#[derive(Clone)]
struct Ledger {
    finished: Arc<File>,
    rejected: Arc<File>,
}

impl Ledger {
    fn open() -> Result<Self, Error> {
        let append = |suffix: &str| {
            let path = beside_ledger(suffix)?;
            let file = OpenOptions::new().append(true).create(true).open(&path);
            file.map(Arc::new).map_err(|error| {
                let allowed = format!("the path of a file that can be written ({error})");
                Error::configuration(
                    "FAULTY_LEDGER",
                    Some(path.to_string_lossy().into_owned()),
                    allowed,
                )
            })
        };
        Ok(Self {
            finished: append("")?,
            rejected: append(".dead")?,
        })
    }

    fn finished(&self, id: &str) -> io::Result<()> {
        append(&self.finished, id)
    }
}

/// The path of the ledger with `suffix` appended.
fn beside_ledger(suffix: &str) -> Result<OsString, Error> {
    let mut path = env::var_os("FAULTY_LEDGER")
        .ok_or_else(|| Error::configuration("FAULTY_LEDGER", None, "the path of a file"))?;
    path.push(suffix);
    Ok(path)
}

/// One write, which is atomic.
fn append(mut file: &File, id: &str) -> io::Result<()> {
    file.write_all(format!("{id}\n").as_bytes())
}

async fn on_record(record: KinesisEventRecord, cx: Context<Ledger>) -> Result<(), Failure> {
    Task::parse(&record.kinesis.data)?.run(cx.state()).await
}

fn task_of_change(record: &EventRecord) -> Result<Task, Failure> {
    let attribute = |name: &str| match record.change.new_image.get(name) {
        Some(serde_dynamo::AttributeValue::S(text)) => Some(text.as_str()),
        _ => None,
    };
    let required = |name: &str| {
        let missing = || Failure::msg(format!("NewImage has no string attribute {name}"));
        attribute(name).ok_or_else(missing)
    };
    Task::of(required("do")?, attribute("ms").unwrap_or("0"), required("id")?)
}

async fn on_change(record: EventRecord, cx: Context<Ledger>) -> Result<(), Failure> {
    task_of_change(&record)?.run(cx.state()).await
}

/// The state of a window is the number of its finished records.
async fn in_window(step: Windowed<KinesisEventRecord, u64>, cx: Context<Ledger>) -> Result<u64, Failure> {
    match step {
        Windowed::Record { record, state, .. } => {
            Task::parse(&record.kinesis.data)?.run(cx.state()).await?;
            Ok(state + 1)
        }
        Windowed::End { state, .. } => Ok(state),
    }
}

async fn in_change_window(step: Windowed<EventRecord, u64>, cx: Context<Ledger>) -> Result<u64, Failure> {
    match step {
        Windowed::Record { record, state, .. } => {
            task_of_change(&record)?.run(cx.state()).await?;
            Ok(state + 1)
        }
        Windowed::End { state, .. } => Ok(state),
    }
}

async fn on_kafka_record(record: KafkaRecord, cx: Context<Ledger>) -> Result<(), Failure> {
    let value = STANDARD.decode(record.value.unwrap_or_default())?;
    Task::parse(&value)?.run(cx.state()).await
}

async fn on_firehose_record(
    record: KinesisFirehoseEventRecord,
    cx: Context<Ledger>,
) -> Result<Transformed, Failure> {
    Task::parse(&record.data)?.run(cx.state()).await?;
    Ok(Transformed::ok(record.data.0))
}

async fn on_object(record: S3EventRecord, cx: Context<Ledger>) -> Result<(), Failure> {
    let key = record.s3.object.key.unwrap_or_default();
    let task = match decode_key(&key).splitn(3, '/').collect::<Vec<_>>()[..] {
        [what, ms, id] => Task::of(what, ms, id)?,
        _ => return Err(Failure::msg("the key is not <do>/<ms>/<id>")),
    };
    task.run(cx.state()).await
}

async fn on_event(event: CloudWatchEvent<Task>, cx: Context<Ledger>) -> Result<(), Failure> {
    let task = event
        .detail
        .ok_or_else(|| Failure::msg("the event has no detail"))?;
    task.run(cx.state()).await
}

async fn on_message(message: SqsMessage, cx: Context<Ledger>) -> Result<(), Failure> {
    Task::parse(message.body.unwrap_or_default().as_bytes())?
        .run(cx.state())
        .await
}

async fn on_notification(record: SnsRecord, cx: Context<Ledger>) -> Result<(), Failure> {
    Task::parse(record.sns.message.as_bytes())?.run(cx.state()).await
}

async fn on_mail(record: SimpleEmailRecord, cx: Context<Ledger>) -> Result<(), Failure> {
    let subject = record.ses.mail.common_headers.subject.unwrap_or_default();
    Task::parse(subject.as_bytes())?.run(cx.state()).await
}

async fn on_logs(logs: LogData, cx: Context<Ledger>) -> Result<(), Failure> {
    for event in logs.log_events {
        Task::parse(event.message.as_bytes())?.run(cx.state()).await?;
    }
    Ok(())
}

fn concurrency() -> Result<usize, Error> {
    let text = match env::var("FAULTY_CONCURRENCY") {
        Ok(text) => text,
        Err(env::VarError::NotPresent) => return Ok(1),
        Err(env::VarError::NotUnicode(text)) => text.to_string_lossy().into_owned(),
    };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| {
        Error::configuration("FAULTY_CONCURRENCY", Some(text), "a number of records, 1 or more")
    })
}

/// Where finished records are remembered; `None` if records may be finished twice.
async fn store() -> Result<Option<Arc<dyn Store>>, Error> {
    let value = env::var_os("FAULTY_IDEMPOTENT").unwrap_or_default();
    let value = value.to_string_lossy();
    match &*value {
        "" | "0" => Ok(None),
        "1" => Ok(Some(Arc::new(Sqlite::file(beside_ledger(".idempotency")?)))),
        #[cfg(feature = "dynamodb")]
        table if table.starts_with("dynamodb:") => Ok(Some(dynamodb(&table["dynamodb:".len()..]).await)),
        _ => Err(Error::configuration(
            "FAULTY_IDEMPOTENT",
            Some(value.into_owned()),
            "1, dynamodb:TABLE (feature `dynamodb`), 0 or not set",
        )),
    }
}

/// A table of the account and region, or of the endpoint, in the environment.
#[cfg(feature = "dynamodb")]
async fn dynamodb(table: &str) -> Arc<dyn Store> {
    use aws_smithy_http_client::{Builder, tls};
    let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(Builder::new().tls_provider(ring).build_https());
    let client = aws_sdk_dynamodb::Client::new(&config.load().await);
    Arc::new(switchboard::idempotency::Dynamodb::new(client, table))
}

/// Keeps `handler` from finishing a record twice, if there is a store. Otherwise records have no key and are not
/// protected.
fn once<I: Send>(
    handler: impl Handler<I, Ledger, Reply = ()>,
    store: &Option<Arc<dyn Store>>,
) -> impl Handler<I, Ledger, Reply = ()> {
    let on = store.is_some();
    let key = move |_record: &I, cx: &Context<Ledger>| cx.identity().filter(|_| on);
    let store = store.clone().unwrap_or_else(|| Arc::new(Memory::new()));
    // What a record should do differs between deliveries, so its payload is not validated.
    let idempotency = Idempotency::new(store).validation(false);
    handler.idempotent(idempotency.missing_key(MissingKey::Handle).key(key))
}

async fn router() -> Result<Router<Ledger>, Error> {
    switchboard::telemetry::init()?;
    let (ledger, lanes, store) = (Ledger::open()?, concurrency()?, &store().await?);
    let rejected = Arc::clone(&ledger.rejected);
    let unreadable = match is_set("FAULTY_UNREADABLE", "reject") {
        true => OnFault::Reject,
        false => OnFault::Retry,
    };
    let router = Router::new(ledger)
        .kinesis(once(on_record.concurrency(lanes), store))
        .kinesis_window(in_window)
        .dynamodb(once(on_change.concurrency(lanes), store))
        .dynamodb_window(in_change_window)
        .s3(once(on_object.concurrency(lanes), store))
        .cloudwatch_events(once(on_event, store))
        .on::<LogsEvent>(on_logs)
        .on::<SqsEvent>(once(
            on_message.concurrency(lanes).on_unreadable(unreadable),
            store,
        ))
        .on::<SnsEvent>(once(on_notification.concurrency(lanes), store))
        .on::<SimpleEmailEvent>(once(on_mail.concurrency(lanes), store))
        .on::<KafkaEvent>(once(on_kafka_record.concurrency(lanes), store))
        .on::<KinesisFirehoseEvent>(on_firehose_record.concurrency(lanes));
    if is_set("FAULTY_SINK", "0") {
        return Ok(router);
    }
    Ok(router.dead_letters(move |letter: DeadLetter| std::future::ready(append(&rejected, &letter.reason))))
}

fn is_set(variable: &str, value: &str) -> bool {
    env::var_os(variable).is_some_and(|found| found == value)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let router = switchboard::init(router()).await?;
    switchboard::run(router).await
}
