//! The arguments of `event`.

use clap::Args;
#[cfg(test)]
use clap::FromArgMatches;
use serde_json::Value;
use switchboard::source::Source;
use switchboard::testing::{EventPart, sources};

use super::super::source_name;

pub(in crate::cli) const EVENT_EXAMPLES: &str = "\
Examples:
  cargo switchboard event                                every source that there are events of
  cargo switchboard event sqs                            a message, complete as AWS sends it
  cargo switchboard event sqs --body '{\"order\":1001}' --count 3
  cargo switchboard event kinesis --body @click.json     the body is what the file holds
  cargo switchboard event http --request 'PUT /orders/1001' --body '{}'
  cargo switchboard event sqs --queue orders.fifo --group customer-42
  cargo switchboard event eventbridge --detail-type ParcelShipped --body '{\"parcel\":7}'
  cargo switchboard event s3 --bucket shop --key invoices/1.pdf
  cargo switchboard event dynamodb --body '{\"pk\":\"a\",\"total\":5}'
  cargo switchboard event sns | cargo switchboard invoke -

The event goes to standard output. Sources have the names that `explain` prints; eventbridge, http, rest, firehose and logs will do,
too. The body is the message of SQS and SNS, the
data of Kinesis and Firehose, the value of Kafka, a log line, the body of a request; and as JSON the detail of EventBridge, the
new item of DynamoDB, the document of DocumentDB, the arguments of AppSync. A file may have any bytes where the source carries
bytes (Kinesis, Firehose, Kafka, RabbitMQ, HTTP). In tests of one's own, `switchboard::testing` has
the same events, with more to set.
Exit codes: 0 success, 2 there is no such event.";

#[derive(Args)]
pub(in crate::cli) struct EventArgs {
    /// The source, by the name that `explain` prints; without it, all sources are listed
    #[arg(value_name = "SOURCE", value_parser = source)]
    pub(in crate::cli) source: Option<Source>,
    /// What each record holds; @FILE reads it from a file, @- from stdin
    #[arg(long, value_name = "TEXT|@FILE", requires = "source")]
    pub(in crate::cli) body: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) parts: EventParts,
    /// Set any member of the finished event: /Records/0/awsRegion=eu-west-1. A value that is not JSON is text
    #[arg(long = "set", value_name = "POINTER=VALUE", requires = "source", value_parser = member)]
    pub(in crate::cli) members: Vec<(String, Value)>,
    /// How many records the event has
    #[arg(long, value_name = "N", default_value_t = 1, requires = "source", value_parser = count)]
    pub(in crate::cli) count: usize,
    /// List the sources
    #[arg(long, conflicts_with = "source")]
    pub(in crate::cli) list: bool,
}

/// Where the event comes from and what it is about; what depends on it (ARNs, ids) follows.
#[derive(Args)]
#[command(next_help_heading = "What the event says")]
pub(in crate::cli) struct EventParts {
    /// The queue's name; with .fifo at its end the messages have groups
    #[arg(long, value_name = "NAME", requires = "source")]
    queue: Option<String>,
    /// The topic's name
    #[arg(long, value_name = "NAME", requires = "source")]
    topic: Option<String>,
    /// The stream's name
    #[arg(long, value_name = "NAME", requires = "source")]
    stream: Option<String>,
    /// The table's name
    #[arg(long, value_name = "NAME", requires = "source")]
    table: Option<String>,
    /// The bucket's name
    #[arg(long, value_name = "NAME", requires = "source")]
    bucket: Option<String>,
    /// The log group's name
    #[arg(long, value_name = "NAME", requires = "source")]
    log_group: Option<String>,
    /// The `source` of an event of EventBridge
    #[arg(long, value_name = "SOURCE", requires = "source")]
    event_source: Option<String>,
    /// The `detail-type` of an event of EventBridge
    #[arg(long, value_name = "TYPE", requires = "source")]
    detail_type: Option<String>,
    /// The object's key in S3, the record's key in Kafka
    #[arg(long, value_name = "KEY", requires = "source")]
    key: Option<String>,
    /// The partition key in Kinesis
    #[arg(long, value_name = "KEY", requires = "source")]
    partition_key: Option<String>,
    /// The message group in SQS
    #[arg(long, value_name = "ID", requires = "source")]
    group: Option<String>,
    /// The method and path of an HTTP request
    #[arg(long, value_name = "'METHOD PATH'", requires = "source")]
    request: Option<String>,
    /// The route key of a WebSocket API
    #[arg(long, value_name = "KEY", requires = "source")]
    route_key: Option<String>,
    /// The trigger of Cognito, such as PreSignUp_SignUp
    #[arg(long, value_name = "NAME", requires = "source")]
    trigger: Option<String>,
    /// The type and the field that AppSync resolves, such as Query.order
    #[arg(long, value_name = "TYPE.FIELD", requires = "source")]
    field: Option<String>,
}

/// The most records: more than an event of AWS has.
const MOST: usize = 100_000;

fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=MOST) => Ok(count),
        _ => Err(format!("a whole number from 1 to {MOST}")),
    }
}

/// A source that events are made of, by one of its names.
fn source(name: &str) -> Result<Source, String> {
    source_name::source(name, sources())
}

/// A member and its value. What is not JSON is text.
fn member(text: &str) -> Result<(String, Value), String> {
    let (pointer, value) = text
        .split_once('=')
        .ok_or("a JSON pointer, =, and a value: /Records/0/awsRegion=eu-west-1")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((pointer.to_owned(), value))
}

impl EventParts {
    /// Those that were given.
    pub(super) fn given(&self) -> impl Iterator<Item = (EventPart, &str)> {
        let all = [
            (EventPart::Queue, &self.queue),
            (EventPart::Topic, &self.topic),
            (EventPart::Stream, &self.stream),
            (EventPart::Table, &self.table),
            (EventPart::Bucket, &self.bucket),
            (EventPart::LogGroup, &self.log_group),
            (EventPart::EventSource, &self.event_source),
            (EventPart::DetailType, &self.detail_type),
            (EventPart::Key, &self.key),
            (EventPart::PartitionKey, &self.partition_key),
            (EventPart::Group, &self.group),
            (EventPart::Request, &self.request),
            (EventPart::RouteKey, &self.route_key),
            (EventPart::Trigger, &self.trigger),
            (EventPart::Field, &self.field),
        ];
        let given = all.into_iter();
        given.filter_map(|(part, value)| value.as_deref().map(|value| (part, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Command;

    #[test]
    fn an_event_has_at_least_one_record() {
        assert_eq!(count("7"), Ok(7));
        assert!(
            ["0", "-1", "1.5", "100001"]
                .iter()
                .all(|text| count(text).is_err())
        );
    }

    #[test]
    fn each_part_has_an_option_of_its_name() {
        let command = EventArgs::augment_args(Command::new("event"));
        for part in EventPart::ALL {
            let arguments = ["event", "sqs", &format!("--{part}"), "value"];
            let matches = command.clone().try_get_matches_from(arguments).unwrap();
            let parts = EventParts::from_arg_matches(&matches).unwrap();
            assert_eq!(parts.given().collect::<Vec<_>>(), [(part, "value")]);
        }
    }

    #[test]
    fn a_member_is_json_or_text() {
        assert_eq!(member("/a=1"), Ok(("/a".to_owned(), 1.into())));
        assert_eq!(member("/a=b=c"), Ok(("/a".to_owned(), "b=c".into())));
        assert!(member("/a").is_err());
    }
}
