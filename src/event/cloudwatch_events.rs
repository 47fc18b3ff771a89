//! CloudWatch Events, today EventBridge.

use super::{Delivery, Event, Object};
use crate::source::Source;
use aws_lambda_events::cloudwatch_events::CloudWatchEvent;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::to_raw_value;

/// One call per event; `T` is the type of its `detail`. EventBridge User Guide, “Events in Amazon EventBridge”.
impl<T> Event for CloudWatchEvent<T>
where
    T: DeserializeOwned + Serialize + Send + 'static,
{
    const SOURCES: &'static [Source] = &[Source::CloudwatchEvents];
    const DELIVERY: Delivery = Delivery::Whole;
    const ID: &'static [&'static str] = &["id"];
    const CONTENT: &'static [&'static str] = &["detail"];
    type Item = CloudWatchEvent<T>;
    type Reply = ();

    fn mend(object: &mut Object, received: DateTime<Utc>) {
        object.rename("detailType", "detail-type");
        object.repair("version", |version| match version.get().as_bytes().first()? {
            b'0'..=b'9' => to_raw_value(version.get()).ok(),
            _ => None,
        });
        object.fill("time", received.to_rfc3339_opts(SecondsFormat::Secs, true));
        object.fill("resources", [(); 0]);
    }
}
