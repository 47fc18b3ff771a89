//! CloudWatch Events, now EventBridge.

use super::{Delivery, Event, Mend};
use crate::source::Source;
use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// One call per event; `T` is the type of its `detail`. EventBridge User Guide, “Events in Amazon EventBridge”.
impl<T> Event for CloudWatchEvent<T>
where
    T: DeserializeOwned + Serialize + Send + 'static,
{
    const SOURCES: &'static [Source] = &[Source::CloudwatchEvents];
    const DELIVERY: Delivery = Source::CloudwatchEvents.delivery();
    const ID: &'static [&'static str] = Source::CloudwatchEvents.identifier();
    const CONTENT: &'static [&'static str] = &["detail?", "detail-type?", "time?"];
    const MENDS: &'static [(&'static str, Mend)] = &[
        ("detailType", Mend::Alias("detail-type")),
        ("time", Mend::Received),
        ("resources", Mend::Empty),
        ("resources.*", Mend::NOT_NULL),
        ("detail", Mend::Literal),
    ];
    type Item = CloudWatchEvent<T>;
    type Reply = ();
}
