//! CloudWatch Logs subscriptions.

use super::gzip::decompress;
use super::{Delivery, Event, Mend, Object, base64};
use crate::source::Source;
use aws_lambda_events::cloudwatch_logs::{LogData, LogsEvent};
use std::borrow::Cow;

/// How much an event may hold once it is decompressed, in bytes. Lambda takes 6 MB of base64; log lines seldom shrink
/// to less than a twentieth.
const MAX_DECOMPRESSED: usize = 64 * 1024 * 1024;

/// One call per event, with all its log lines. CloudWatch Logs' own check that the function can be reached
/// (`CONTROL_MESSAGE`) succeeds without a call.
///
/// CloudWatch Logs User Guide, “Real-time processing of log data with subscriptions”.
impl Event for LogsEvent {
    const SOURCES: &'static [Source] = &[Source::CloudwatchLogs];
    const DELIVERY: Delivery = Delivery::Whole;
    const ID: &'static [&'static str] = &["logGroup", "logStream"];
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
        let data = Object::parse(raw).and_then(|event| event.get("awslogs.data"));
        let data: Option<String> = data.and_then(|data| serde_json::from_str(data.get()).ok());
        let data = data.ok_or("`awslogs.data` is missing or no text")?;
        let compressed = base64::decode(&data).ok_or("`awslogs.data` is no base64")?;
        let text = decompress(&compressed, MAX_DECOMPRESSED);
        text.map(Cow::Owned)
            .map_err(|problem| format!("`awslogs.data`: {problem}"))
    }
}
