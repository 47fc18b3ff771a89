//! The arguments of `event`.

use clap::Args;
use switchboard::source::Source;
use switchboard::testing::sources;

pub(in crate::cli) const EVENT_EXAMPLES: &str = "\
Examples:
  cargo switchboard event                                every source that there are events of
  cargo switchboard event sqs                            a message, complete as AWS sends it
  cargo switchboard event sqs --body '{\"order\":1001}' --count 3
  cargo switchboard event kinesis --body @click.json     the body is what the file holds
  cargo switchboard event api_gateway_http --body '{}'   a POST; without a body, a GET
  cargo switchboard event dynamodb --body '{\"pk\":\"a\",\"total\":5}'
  cargo switchboard event sns | cargo switchboard invoke -

The event goes to standard output. Sources have the names that `explain` prints. The body is the message of SQS and SNS, the
data of Kinesis and Firehose, the value of Kafka, a log line, the body of a request; and as JSON the detail of EventBridge, the
new item of DynamoDB, the document of DocumentDB, the arguments of AppSync. In tests of one's own, `switchboard::testing` has
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
    /// How many records the event has
    #[arg(long, value_name = "N", default_value_t = 1, requires = "source", value_parser = count)]
    pub(in crate::cli) count: usize,
    /// List the sources
    #[arg(long, conflicts_with = "source")]
    pub(in crate::cli) list: bool,
}

/// The most records: more than an event of AWS has.
const MOST: usize = 100_000;

fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=MOST) => Ok(count),
        _ => Err(format!("a whole number from 1 to {MOST}")),
    }
}

/// A source by one of its names.
fn source(name: &str) -> Result<Source, String> {
    let known = name.parse().ok();
    let sends = |source: &Source| sources().any(|other| other == *source);
    known.filter(sends).ok_or_else(|| unknown(name))
}

/// The message for an unknown source, with the sources that the name may mean.
fn unknown(name: &str) -> String {
    let near = |source: &Source| {
        let other = source.as_str();
        name.len() > 1 && (other.contains(name) || name.contains(other))
    };
    let near: Vec<&str> = sources().filter(near).map(|source| source.as_str()).collect();
    match near.is_empty() {
        true => "no source has this name: `cargo switchboard event` lists them".to_owned(),
        false => format!("no source has this name; near to it: {}", near.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_have_their_names_and_event_bridge_has_two() {
        assert_eq!(source("eventbridge"), Ok(Source::CloudwatchEvents));
        for known in sources() {
            assert_eq!(source(known.as_str()), Ok(known));
        }
        assert!(source("unknown").is_err());
        let error = source("websocket").unwrap_err();
        assert!(error.contains("api_gateway_websocket"), "{error}");
    }

    #[test]
    fn an_event_has_at_least_one_record() {
        assert_eq!(count("7"), Ok(7));
        assert!(
            ["0", "-1", "1.5", "100001"]
                .iter()
                .all(|text| count(text).is_err())
        );
    }
}
