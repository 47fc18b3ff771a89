//! CloudWatch Logs subscriptions.

use super::gzip::{beginning, decompress};
use super::{Delivery, Event, Mend, Object, base64};
use crate::bounds::Bounds;
use crate::source::{Source, first_part};
use aws_lambda_events::cloudwatch_logs::{LogData, LogsEvent};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// One call per event, with all its log lines. `CONTROL_MESSAGE`, with which CloudWatch Logs checks that the function
/// is reachable, succeeds without a call.
///
/// CloudWatch Logs User Guide, “Real-time processing of log data with subscriptions”.
impl Event for LogsEvent {
    const SOURCES: &'static [Source] = &[Source::CloudwatchLogs];
    const DELIVERY: Delivery = Source::CloudwatchLogs.delivery();
    const ID: &'static [&'static str] = Source::CloudwatchLogs.identifier();
    const MENDS: &'static [(&'static str, Mend)] = &[
        ("owner", Mend::Empty),
        ("logGroup", Mend::Empty),
        ("logStream", Mend::Empty),
        ("subscriptionFilters", Mend::Empty),
        ("subscriptionFilters.*", Mend::NOT_NULL),
        ("messageType", Mend::Empty),
        ("logEvents.*.id", Mend::Empty),
        ("logEvents.*.timestamp", Mend::Received),
        ("logEvents.*.message", Mend::Json),
    ];
    type Item = LogData;
    type Reply = ();

    fn is_void(item: &Self::Item) -> bool {
        item.message_type == "CONTROL_MESSAGE"
    }

    fn unpack(raw: &[u8]) -> Result<Cow<'_, [u8]>, String> {
        let compressed = compressed(raw)?;
        let text = decompress(&compressed, Bounds::of_process().unpacked());
        text.map(Cow::Owned)
            .map_err(|problem| format!("`awslogs.data`: {problem}"))
    }
}

/// The log group of an event. As a rule it stands at the beginning, so that is unpacked first.
pub(crate) fn log_group_of(raw: &[u8]) -> Option<String> {
    const BEGINNING: usize = 1024;
    let compressed = compressed(raw).ok()?;
    let group = |text: &[u8]| {
        let name = first_part(text, "logGroup")?;
        serde_json::from_slice::<String>(name).ok()
    };
    let beginning = beginning(&compressed, BEGINNING);
    group(&beginning).or_else(|| {
        let text = decompress(&compressed, Bounds::of_process().unpacked()).ok()?;
        group(&text)
    })
}

fn compressed(raw: &[u8]) -> Result<Vec<u8>, String> {
    let event = Object::parse(raw);
    let data = event.as_ref().and_then(|event| event.find("awslogs.data"));
    let data = data
        .and_then(text)
        .ok_or("`awslogs.data` is missing or not text")?;
    base64::decode(&data).ok_or_else(|| "`awslogs.data` is not base64".to_owned())
}

/// The text that the JSON string means; borrowed unless it has escapes.
fn text(json: &RawValue) -> Option<Cow<'_, str>> {
    let inner = json.get().strip_prefix('"')?.strip_suffix('"')?;
    match inner.contains('\\') {
        true => serde_json::from_str(json.get()).ok().map(Cow::Owned),
        false => Some(Cow::Borrowed(inner)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    fn packed(text: &str) -> String {
        use ::base64::Engine as _;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        let data = ::base64::engine::general_purpose::STANDARD.encode(encoder.finish().unwrap());
        format!(r#"{{"awslogs":{{"data":"{data}"}}}}"#)
    }

    #[test]
    fn a_log_group_is_found_wherever_it_stands() {
        let lines = "x".repeat(5000);
        for text in [
            format!(r#"{{"messageType":"DATA_MESSAGE","logGroup":"/api\u002fa","logEvents":["{lines}"]}}"#),
            format!(r#"{{"logEvents":["{lines}","\"logGroup\":\"no\""],"logGroup":"/api/a"}}"#),
        ] {
            assert_eq!(log_group_of(packed(&text).as_bytes()).as_deref(), Some("/api/a"));
        }
        assert_eq!(log_group_of(packed("{}").as_bytes()), None);
        assert_eq!(log_group_of(b"{}"), None);
    }
}
