//! What is known of each event source that a new function may have.

use switchboard::source::Source;

/// An event source, and what a new function needs for it.
pub(crate) struct SourceTemplate {
    pub(crate) source: Source,
    /// What arrives, in words.
    pub(super) what: &'static str,
    /// The module of its handler. Sources with the same module share the handler.
    pub(super) module: &'static str,
    /// The handler with its imports and its tests.
    pub(super) handler: &'static str,
    /// The method that registers the handler, and what it is called with.
    pub(super) register: (&'static str, &'static str),
    /// The condition under which the handler is called: its function, and what it is called with.
    pub(super) condition: Option<(&'static str, &'static str)>,
    /// The event's type, if the method needs it: its module and its name.
    pub(super) event: Option<(&'static str, &'static str)>,
    /// The library's feature.
    pub(super) feature: Option<&'static str>,
    /// Further dependencies of the handler, and of its tests.
    pub(super) needs: &'static [&'static str],
    pub(super) tests_need: &'static [&'static str],
    pub(super) failing: Failing,
    /// The entry of the function's `Events`, the resources and the parameters in the SAM template.
    pub(super) trigger: &'static str,
    pub(super) resources: &'static str,
    pub(super) parameters: &'static str,
    /// The sample's file name and content.
    pub(super) sample: (&'static str, &'static str),
}

/// Where events go that fail for good.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Failing {
    /// To the caller, or where the source itself keeps them.
    ToTheSource,
    /// To the dead-letter queue of the source's queue.
    FromTheQueue,
    /// To the destination of the event source mapping.
    FromTheMapping,
    /// To the destination of the function's asynchronous invocations.
    FromTheFunction,
}

/// A file below `sources/`.
macro_rules! file {
    ($($path:literal)+) => {
        include_str!(concat!("sources/", $($path),+))
    };
}

/// The row of a source whose files are in the folder of its name.
macro_rules! known {
    ($source:ident, $folder:literal, $sample:literal, $($field:ident: $value:expr,)*) => {
        SourceTemplate {
            source: Source::$source,
            module: $folder,
            handler: file!($folder "/handler.rs"),
            trigger: file!($folder "/trigger.yaml"),
            resources: file!($folder "/resources.yaml"),
            sample: ($sample, file!($folder "/" $sample)),
            $($field: $value,)*
            ..NOTHING
        }
    };
}

/// The row of a source whose requests an HTTP service answers.
macro_rules! http {
    ($source:ident, $folder:literal, $what:literal) => {
        SourceTemplate {
            source: Source::$source,
            what: $what,
            module: "http",
            handler: file!("http/handler.rs"),
            register: ("http", "api()"),
            needs: &["axum"],
            trigger: file!($folder "/trigger.yaml"),
            resources: file!($folder "/resources.yaml"),
            sample: ("hello.json", file!($folder "/hello.json")),
            ..NOTHING
        }
    };
}

const NOTHING: SourceTemplate = SourceTemplate {
    source: Source::Unknown,
    what: "",
    module: "",
    handler: "",
    register: ("on", ""),
    condition: None,
    event: None,
    feature: None,
    needs: &[],
    tests_need: &[],
    failing: Failing::ToTheSource,
    trigger: "",
    resources: "",
    parameters: "",
    sample: ("", ""),
};

/// In the order in which a new function registers them.
static ALL: [SourceTemplate; 13] = [
    http!(ApiGatewayHttp, "api_gateway_http", "requests of an HTTP API"),
    http!(ApiGatewayRest, "api_gateway_rest", "requests of a REST API"),
    http!(FunctionUrl, "function_url", "requests of a function URL"),
    known! { S3, "s3", "put.json",
        what: "S3 objects",
        register: ("s3", "on_object"),
        failing: Failing::FromTheFunction,
    },
    known! { Sqs, "sqs", "order.json",
        what: "SQS messages",
        register: ("sqs", "on_order"),
        feature: Some("sqs"),
        needs: &["serde"],
        tests_need: &["serde_json"],
        failing: Failing::FromTheQueue,
    },
    known! { Sns, "sns", "shipment.json",
        what: "SNS notifications",
        register: ("sns", "on_shipment"),
        feature: Some("sns"),
        needs: &["serde"],
        tests_need: &["serde_json"],
        failing: Failing::FromTheFunction,
    },
    known! { Dynamodb, "dynamodb", "insert.json",
        what: "changes of a DynamoDB table",
        register: ("dynamodb", "on_change"),
        needs: &["serde"],
        tests_need: &["serde_json"],
        failing: Failing::FromTheMapping,
    },
    known! { Kinesis, "kinesis", "reading.json",
        what: "records of a Kinesis stream",
        register: ("kinesis", "on_reading"),
        needs: &["serde"],
        tests_need: &["serde_json"],
        failing: Failing::FromTheMapping,
    },
    known! { CloudwatchEvents, "cloudwatch_events", "parcel.json",
        what: "events of EventBridge",
        register: ("cloudwatch_events", "on_parcel"),
        condition: Some(("detail_type", "Parcel Arrived")),
        needs: &["serde"],
        tests_need: &["serde_json"],
        failing: Failing::FromTheFunction,
    },
    known! { CloudwatchLogs, "cloudwatch_logs", "errors.json",
        what: "log events of CloudWatch Logs",
        register: ("on", "on_logs"),
        event: Some(("cloudwatch_logs", "LogsEvent")),
        feature: Some("cloudwatch_logs"),
        failing: Failing::FromTheFunction,
    },
    known! { KinesisFirehose, "kinesis_firehose", "lines.json",
        what: "data that Firehose wants transformed",
        register: ("firehose", "on_line"),
        feature: Some("firehose"),
    },
    known! { Kafka, "kafka", "payment.json",
        what: "records of a Kafka topic",
        register: ("kafka", "on_payment"),
        feature: Some("kafka"),
        needs: &["serde"],
        tests_need: &["serde_json"],
        failing: Failing::FromTheMapping,
        parameters: file!("kafka/parameters.yaml"),
    },
    known! { Ses, "ses", "mail.json",
        what: "mail that SES receives",
        register: ("on", "on_mail"),
        event: Some(("ses", "SimpleEmailEvent")),
        feature: Some("ses"),
        failing: Failing::FromTheFunction,
        parameters: file!("ses/parameters.yaml"),
    },
];

impl SourceTemplate {
    /// Whether an HTTP service answers.
    pub(super) fn is_http(&self) -> bool {
        self.module == "http"
    }

    /// Its place among all.
    fn place(&self) -> usize {
        let place = ALL.iter().position(|known| known.source == self.source);
        place.unwrap_or(ALL.len())
    }
}

/// What is known of this source.
pub(crate) fn find(source: Source) -> Option<&'static SourceTemplate> {
    ALL.iter().find(|known| known.source == source)
}

/// All sources.
pub(crate) fn sources() -> impl Iterator<Item = Source> {
    ALL.iter().map(|known| known.source)
}

/// The sources, each once and in the order in which a function registers them.
pub(super) fn ordered(sources: &[&'static SourceTemplate]) -> Vec<&'static SourceTemplate> {
    let mut sources = sources.to_vec();
    sources.sort_by_key(|known| known.place());
    sources.dedup_by_key(|known| known.place());
    sources
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard::source::detect;

    #[test]
    fn each_sample_is_of_its_source() {
        for known in &ALL {
            assert_eq!(detect(known.sample.1.as_bytes()).source, known.source);
        }
    }

    #[test]
    fn each_source_is_found() {
        assert!(sources().all(|source| find(source).is_some_and(|known| known.source == source)));
        assert!(find(Source::LexV2).is_none());
    }

    #[test]
    fn no_two_sources_have_a_trigger_or_a_resource_of_the_same_name() {
        let keys = |text: &'static str, indent: usize| {
            let is_key =
                move |line: &&str| line.len() - line.trim_start().len() == indent && !line.contains('#');
            text.lines().filter(is_key).map(str::to_owned).collect::<Vec<_>>()
        };
        for (text, indent) in [(0, 8), (1, 2), (2, 2)] {
            let mut all: Vec<String> = ALL
                .iter()
                .flat_map(|known| keys([known.trigger, known.resources, known.parameters][text], indent))
                .filter(|line| !line.trim().is_empty())
                .collect();
            let length = all.len();
            all.sort();
            all.dedup();
            assert_eq!(all.len(), length, "{all:?}");
        }
    }
}
