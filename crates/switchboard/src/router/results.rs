//! The final check of a transformation's results: each Firehose record must have exactly one.

use crate::event::msk::{KAFKA_VALUE, data_key};
use crate::event::text_at;
use crate::source::{Elements, parts, records};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;

const NO_RESULTS: &str = "it is not an object with `records` that each have a `recordId` and a `result`";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultRecord<'a> {
    #[serde(borrow)]
    record_id: Cow<'a, str>,
    #[serde(borrow)]
    result: Cow<'a, str>,
    #[serde(borrow)]
    data: Option<IgnoredText<'a>>,
    #[serde(borrow)]
    kafka_record_value: Option<IgnoredText<'a>>,
}

/// A text whose value does not matter.
#[derive(Deserialize)]
struct IgnoredText<'a>(
    #[serde(borrow)]
    #[expect(dead_code, reason = "that it is there is what counts")]
    Cow<'a, str>,
);

/// Whether each record of the event has one result.
///
/// # Errors
/// What is wrong with the results.
pub(super) fn check(payload: &[u8], json: &RawValue) -> Result<(), String> {
    let [list] = parts(json.get().as_bytes(), [Some("records")]);
    let list = list.and_then(|list| std::str::from_utf8(list).ok());
    // Read one by one, so that megabytes are not copied.
    let mut results = list.and_then(Elements::of).ok_or(NO_RESULTS)?.peekable();
    // Usually in the order of the event: then none has to be searched for.
    let identified = records(payload).map_while(Result::ok);
    let mut identified = identified
        .filter_map(|raw| Some((text_at(raw, "recordId")?, data_key(raw))))
        .peekable();
    while let (Some((id, key)), Some(result)) = (identified.peek(), results.peek()) {
        let result = ResultRecord::read(result)?;
        if result.record_id != *id {
            break;
        }
        result.check(key)?;
        identified.next();
        results.next();
    }
    remaining(identified, results)
}

/// The same for the remaining records, in any order.
fn remaining<'r>(
    identified: impl Iterator<Item = (String, &'static str)>,
    results: impl Iterator<Item = &'r str>,
) -> Result<(), String> {
    // A list for each id, because AWS's own sample of syslog lines uses one id twice.
    let mut open: HashMap<String, Vec<&'static str>> = HashMap::new();
    for (id, key) in identified {
        open.entry(id).or_default().push(key);
    }
    for result in results {
        let result = ResultRecord::read(result)?;
        let Some(key) = open.get_mut(&*result.record_id).and_then(Vec::pop) else {
            return Err(format!(
                "the `recordId` {:?} is not in the event, or has two results",
                result.record_id
            ));
        };
        result.check(key)?;
    }
    let unanswered = open.into_iter().filter(|(_, keys)| !keys.is_empty());
    match unanswered.map(|(id, _)| id).min() {
        Some(id) => Err(format!("the record {id:?} has no result")),
        None => Ok(()),
    }
}

impl<'a> ResultRecord<'a> {
    fn read(json: &'a str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|_| NO_RESULTS.to_owned())
    }

    /// Whether it is the result of a record whose data is in the member `key`.
    fn check(&self, key: &str) -> Result<(), String> {
        let Self {
            record_id, result, ..
        } = self;
        let data = match key {
            KAFKA_VALUE => &self.kafka_record_value,
            _ => &self.data,
        };
        match (&**result, data) {
            ("Ok", Some(_)) | ("Dropped" | "ProcessingFailed", _) => Ok(()),
            ("Ok", None) => Err(format!("the result of {record_id:?} is `Ok`, but has no `{key}`")),
            _ => Err(format!(
                "the `result` of {record_id:?} is not one of `Ok`, `Dropped` and `ProcessingFailed`"
            )),
        }
    }
}
