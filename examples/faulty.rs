//! A function whose records do as they are told, to try out deliveries: `cargo switchboard simulate` drives it.
//!
//! Every record carries `{"do":"ok","ms":3,"id":"a-17"}`: in Kinesis as the data, in SQS as the body, in SNS as the
//! message, in EventBridge as the detail, in SES as the subject. In DynamoDB they are string attributes of the
//! `NewImage`, in S3 the object's key is `<do>/<ms>/<id>`. A record waits `ms` milliseconds, then it does what `do` says:
//!
//! | `do` | what happens |
//! |---|---|
//! | `ok`, `sleep` | the record is finished |
//! | `fail`, `panic` | it fails, by an error or by a panic |
//! | `after` | it asks, at once, to come again in `ms` milliseconds |
//! | `reject` | it is never to come again |
//! | `exit` | the process ends, in the middle of the invocation |
//!
//! | variable | meaning |
//! |---|---|
//! | `FAULTY_LEDGER` | required: a file; the id of every finished record is appended to it, a line each, in order. Ids of rejected records go to the file of that name with `.dead` behind it |
//! | `FAULTY_CONCURRENCY` | how many records of a batch are handled at once; 1 by default |
//!
//! ```text
//! cargo switchboard simulate --source kinesis --example faulty --features ses,sns,sqs
//! ```

use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use aws_lambda_events::dynamodb::EventRecord;
use aws_lambda_events::kinesis::KinesisEventRecord;
use aws_lambda_events::s3::S3EventRecord;
use aws_lambda_events::ses::{SimpleEmailEvent, SimpleEmailRecord};
use aws_lambda_events::sns::{SnsEvent, SnsRecord};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde::{Deserialize, Serialize};
use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;
use switchboard::{Context, DeadLetter, Error, Failure, Handler, Router};

/// What a record is to do.
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

    /// From texts that are no JSON: parts of a key, attributes of an item.
    fn of(what: &str, ms: &str, id: &str) -> Result<Self, Failure> {
        let (what, ms) = (serde_json::from_value(what.into())?, ms.parse()?);
        Ok(Self {
            what,
            ms,
            id: id.to_owned(),
        })
    }

    /// Does what it says. Nothing waits between the line in the ledger and the handler's return, so that nothing can
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
            // The reason is what the dead-letter sink is told.
            What::Reject => Err(Failure::reject(self.id)),
            What::Fail | What::After => Err(Failure::msg("told to fail")),
        }
    }
}

/// The files that the ids of finished and of rejected records go to.
#[derive(Clone)]
struct Ledger {
    finished: Arc<File>,
    rejected: Arc<File>,
}

impl Ledger {
    fn open() -> Result<Self, Error> {
        let path = env::var_os("FAULTY_LEDGER")
            .ok_or_else(|| Error::configuration("FAULTY_LEDGER", None, "the path of a file"))?;
        let append = |suffix: &str| {
            let mut path = path.clone();
            path.push(suffix);
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

/// One write, which the system does whole or not at all.
fn append(mut file: &File, id: &str) -> io::Result<()> {
    file.write_all(format!("{id}\n").as_bytes())
}

async fn on_record(record: KinesisEventRecord, cx: Context<Ledger>) -> Result<(), Failure> {
    Task::parse(&record.kinesis.data)?.run(cx.state()).await
}

async fn on_change(record: EventRecord, cx: Context<Ledger>) -> Result<(), Failure> {
    let attribute = |name: &str| match record.change.new_image.get(name) {
        Some(serde_dynamo::AttributeValue::S(text)) => Ok(text),
        _ => Err(Failure::msg(format!("NewImage has no string attribute {name}"))),
    };
    let task = Task::of(attribute("do")?, attribute("ms")?, attribute("id")?)?;
    task.run(cx.state()).await
}

async fn on_object(record: S3EventRecord, cx: Context<Ledger>) -> Result<(), Failure> {
    let key = record.s3.object.key.unwrap_or_default();
    let task = match key.splitn(3, '/').collect::<Vec<_>>()[..] {
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

fn router() -> Result<Router<Ledger>, Error> {
    switchboard::telemetry::init()?;
    let (ledger, lanes) = (Ledger::open()?, concurrency()?);
    let rejected = Arc::clone(&ledger.rejected);
    Ok(Router::new(ledger)
        .kinesis(on_record.concurrency(lanes))
        .dynamodb(on_change.concurrency(lanes))
        .s3(on_object.concurrency(lanes))
        .cloudwatch_events(on_event)
        .on::<SqsEvent>(on_message.concurrency(lanes))
        .on::<SnsEvent>(on_notification.concurrency(lanes))
        .on::<SimpleEmailEvent>(on_mail.concurrency(lanes))
        .dead_letters(move |letter: DeadLetter| std::future::ready(append(&rejected, &letter.reason))))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let router = switchboard::init(async { router() }).await?;
    switchboard::run(router).await
}
