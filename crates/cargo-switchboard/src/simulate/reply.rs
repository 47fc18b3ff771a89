//! How a source reads a function's answer.
//!
//! A mapping reads it as the engine does. Amazon Data Firehose Developer Guide, “Required parameters for data transformation”: a result
//! for each record.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use event_source_mapping::{Failed, answer};
use serde_json::Value;

use super::source::AnswerKind;

/// Which records of the batch have failed.
pub(super) fn failures(kind: AnswerKind, reply: &[u8], identifiers: &[&str]) -> Failed {
    match kind {
        AnswerKind::Of(form) => answer::failures(form, reply, identifiers.iter().copied()),
        AnswerKind::Results => {
            let places = identifiers.iter().copied().zip(0..).collect();
            results(reply, &places).map_or(Failed::All, Failed::Some)
        }
        // The source ignores the answer.
        AnswerKind::Nothing => Failed::none(),
    }
}

/// Those that have no result, or another one than `Ok` and `Dropped`.
fn results(reply: &[u8], places: &HashMap<&str, usize>) -> Option<BTreeSet<usize>> {
    let reply: Value = serde_json::from_slice(reply).ok()?;
    let mut open: BTreeSet<usize> = places.values().copied().collect();
    let mut seen = BTreeSet::new();
    for record in reply["records"].as_array()? {
        let place = *places.get(record["recordId"].as_str()?)?;
        if !seen.insert(place) {
            return None;
        }
        let data = record["data"].as_str().map(|data| STANDARD.decode(data).is_ok());
        match (record["result"].as_str()?, data) {
            ("Ok", Some(true)) | ("Dropped", _) => {
                open.remove(&place);
            }
            ("Ok" | "ProcessingFailed", _) => {}
            _ => return None,
        }
    }
    Some(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firehose_wants_a_result_for_each_record() {
        let read = |records: &str| {
            let reply = format!(r#"{{"records":[{records}]}}"#);
            match failures(AnswerKind::Results, reply.as_bytes(), &["a", "b"]) {
                Failed::Some(places) => Some(Vec::from_iter(places)),
                Failed::All => None,
            }
        };
        let ok = r#"{"recordId":"a","result":"Ok","data":"aGk="}"#;
        let dropped = r#"{"recordId":"b","result":"Dropped"}"#;
        assert_eq!(read(&format!("{ok},{dropped}")), Some(vec![]));
        assert_eq!(read(ok), Some(vec![1]));
        assert_eq!(read(&ok.replace("aGk=", "?")), Some(vec![0, 1]));
        for wrong in [
            format!("{ok},{ok}"),
            ok.replace("Ok", "ok"),
            ok.replace("\"a\"", "\"c\""),
        ] {
            assert_eq!(read(&wrong), None, "{wrong}");
        }
        assert_eq!(failures(AnswerKind::Results, b"null", &["a"]), Failed::All);
    }
}
