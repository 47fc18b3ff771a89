//! CloudWatch Logs subscriptions.

use super::gzip::decompress;
use super::{Delivery, Event, Mend, Object, base64};
use crate::bounds::Bounds;
use crate::source::Source;
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
        let event = Object::parse(raw);
        let data = event.as_ref().and_then(|event| event.find("awslogs.data"));
        let data = data
            .and_then(text)
            .ok_or("`awslogs.data` is missing or not text")?;
        let compressed = base64::decode(&data).ok_or("`awslogs.data` is not base64")?;
        let text = decompress(&compressed, Bounds::of_process().unpacked());
        text.map(Cow::Owned)
            .map_err(|problem| format!("`awslogs.data`: {problem}"))
    }
}

/// The text that the JSON string means; borrowed unless it has escapes.
fn text(json: &RawValue) -> Option<Cow<'_, str>> {
    let inner = json.get().strip_prefix('"')?.strip_suffix('"')?;
    match inner.contains('\\') {
        true => serde_json::from_str(json.get()).ok().map(Cow::Owned),
        false => Some(Cow::Borrowed(inner)),
    }
}
