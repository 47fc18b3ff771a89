//! Why a payload is not an event of any known source.

use super::clue::Clue;
use super::evidence::Quoted;
use super::scan::{Broken, Cursor};
use super::survey::{List, Stop, Survey, unescaped};
use serde::de::IgnoredAny;

/// The members by which a record names its source.
const RECORD_SOURCES: [&[u8]; 7] = [
    b"aws:s3",
    b"aws:sqs",
    b"aws:sns",
    b"aws:ses",
    b"aws:kinesis",
    b"aws:dynamodb",
    b"aws:codecommit",
];

/// The members by which an event without a list of records names its source.
const EVENT_SOURCES: [&[u8]; 7] = [
    b"aws:kafka",
    b"SelfManagedKafka",
    b"aws:SelfManagedKafka",
    b"aws:mq",
    b"aws:amq",
    b"aws:rmq",
    b"aws:docdb",
];

/// How many of a payload's keys are listed.
const KEYS: usize = 8;

/// The reason, in one line. It takes a complete strict pass, which does not matter for a payload that cannot be
/// handled.
pub(super) fn reason(payload: &[u8], survey: &Survey<'_>, end: Result<(), Stop>) -> String {
    let text = payload.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(payload);
    if text.iter().all(u8::is_ascii_whitespace) {
        return "empty payload".to_owned();
    }
    if let Some(flaw) = flaw(text, payload.len() - text.len()) {
        return flaw;
    }
    if let Err(Stop::Broken(Broken { at })) = end {
        return format!("not JSON at byte {at}");
    }
    match Cursor::new(payload).peek() {
        Some(b'{') => object(payload, survey),
        Some(b'[') => array(survey),
        Some(b'"') => "top-level string".to_owned(),
        Some(b'n') => "top-level null".to_owned(),
        Some(b't' | b'f') => "top-level boolean".to_owned(),
        _ => "top-level number".to_owned(),
    }
}

/// The first error in `text`; `skipped` bytes precede it.
fn flaw(text: &[u8], skipped: usize) -> Option<String> {
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(text) {
        let at = if error.is_eof() {
            text.len()
        } else {
            offset(text, error.line(), error.column())
        } + skipped;
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or_default();
        return Some(format!("not JSON at byte {at}: {what}"));
    }
    let error = std::str::from_utf8(text).err()?;
    Some(format!(
        "not JSON at byte {}: not UTF-8",
        skipped + error.valid_up_to()
    ))
}

/// The offset of a line and column, both counted from 1, the column in bytes.
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let start = match line.checked_sub(2) {
        Some(earlier) => memchr::memchr_iter(b'\n', text)
            .nth(earlier)
            .map_or(0, |at| at + 1),
        None => 0,
    };
    (start + column.saturating_sub(1)).min(text.len())
}

fn object(payload: &[u8], survey: &Survey<'_>) -> String {
    let source = [Clue::RecordSource, Clue::RecordSourceCapital, Clue::EventSource]
        .into_iter()
        .find_map(|clue| Some((clue, survey.text(clue)?)));
    let has = |clue: Clue| !survey.value(clue).is_empty();
    if has(Clue::NextShardIterator) || has(Clue::MillisBehindLatest) {
        return "the result of a GetRecords call".to_owned();
    }
    match (source, survey.list, survey.batch) {
        (_, List::Records, Some(0)) => "empty Records".to_owned(),
        (Some((_, text)), List::None, _) if RECORD_SOURCES.contains(&&*text) => {
            format!("a record of {} without the Records around it", Quoted(&text))
        }
        (Some((_, text)), List::None, _) if EVENT_SOURCES.contains(&&*text) => {
            format!("an event of {} without its records", Quoted(&text))
        }
        (Some((clue, text)), ..) => {
            let key = String::from_utf8_lossy(clue.key());
            format!("unknown {key} {}", Quoted(&text))
        }
        (None, List::Records, _) => "Records[0] names no eventSource".to_owned(),
        _ if has(Clue::Records) => "Records is not a list".to_owned(),
        _ => keys(payload),
    }
}

fn array(survey: &Survey<'_>) -> String {
    match (survey.batch, survey.text(Clue::RecordSource)) {
        (Some(0), _) => "empty array".to_owned(),
        (_, Some(text)) => format!("an array of unknown eventSource {}", Quoted(&text)),
        _ => "an array whose first element names no event source".to_owned(),
    }
}

fn keys(payload: &[u8]) -> String {
    let mut cursor = Cursor::new(payload);
    cursor.enter(b'{');
    let mut names = Vec::new();
    while let Ok(Some(key)) = cursor.key(names.is_empty()) {
        names.push(Quoted(&unescaped(key)).bare());
        if names.len() > KEYS || cursor.skip().is_err() {
            break;
        }
    }
    if names.is_empty() {
        return "an empty object".to_owned();
    }
    if let Some(further) = names.get_mut(KEYS) {
        *further = "…".to_owned();
    }
    format!("an object whose keys identify no source ({})", names.join(", "))
}
