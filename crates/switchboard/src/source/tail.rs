//! Reads a payload from its end: finds what follows a batch's list of records, without reading the list.

use super::scan::Cursor;

/// Whether the payload ends with a list whose last element has the same `eventSource`, written like `source`. Then that
/// list is the batch's, and no key follows it.
///
/// The keys of a tumbling window may follow a stream's batch, after megabytes of records. A second list of records
/// under another key would deceive this, but no sender of events writes one. A payload that is cut off ends
/// differently, because a record is only ever inside the payload's object.
pub(super) fn ends_with_record_of(payload: &[u8], source: &[u8]) -> bool {
    last_record(payload).is_some_and(|record| says(record, source))
}

/// The object at the end of the array at the end of the payload's object.
fn last_record(payload: &[u8]) -> Option<&[u8]> {
    let list = before(payload, b'}')?;
    let records = before(list, b']')?;
    let start = object_start(records)?;
    let ahead = records[..start].trim_ascii_end();
    matches!(ahead.last(), Some(b'[' | b',')).then(|| &records[start..])
}

/// The text before the closing bracket, which must be last.
fn before(text: &[u8], bracket: u8) -> Option<&[u8]> {
    text.trim_ascii_end()
        .strip_suffix(&[bracket])
        .map(<[u8]>::trim_ascii_end)
}

/// The offset of the bracket that opens the object at the end of `text`. In valid JSON a quote begins or ends a string
/// unless an odd number of backslashes precedes it, so strings can be found from the end, too.
fn object_start(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut end = text.ends_with(b"}").then_some(text.len())?;
    loop {
        let at = text[..end]
            .iter()
            .rposition(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))?;
        end = at;
        match text[at] {
            b'"' => end = opening_quote(text, at)?,
            b'}' | b']' => depth += 1,
            _ => depth = depth.checked_sub(1)?,
        }
        if depth == 0 {
            return (text[at] == b'{').then_some(at);
        }
    }
}

/// The offset of the quote that opens the string whose closing quote is at `close`.
fn opening_quote(text: &[u8], close: usize) -> Option<usize> {
    let mut end = close;
    loop {
        let quote = memchr::memrchr(b'"', &text[..end])?;
        let backslashes = text[..quote]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        if backslashes % 2 == 0 {
            return Some(quote);
        }
        end = quote;
    }
}

/// Whether the record's `eventSource` is written like `source`.
fn says(record: &[u8], source: &[u8]) -> bool {
    let mut cursor = Cursor::new(record);
    let mut first = true;
    cursor.enter(b'{');
    while let Ok(Some(key)) = cursor.key(std::mem::take(&mut first)) {
        match cursor.skip() {
            Ok(value) if key == b"eventSource" => return value == source,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const KINESIS: &[u8] = b"\"aws:kinesis\"";

    #[test]
    fn only_a_list_at_the_end_whose_last_element_is_such_a_record_counts() {
        let record = r#"{"a":"\\\"]}","b":[{"x":"{"}],"eventSource":"aws:kinesis","kinesis":{}}"#;
        for (payload, counts) in [
            (format!(r#"{{"Records":[{record}]}}"#), true),
            (format!(" {{ \"Records\" : [ {record} , {record} ] }} \n"), true),
            (format!(r#"{{"Records":[{record}],"window":{{}}}}"#), false),
            (format!(r#"{{"Records":[{record}],"state":[1]}}"#), false),
            (
                format!(r#"{{"Records":[{record}],"state":{{"a":[{{}}]}}}}"#),
                false,
            ),
            (format!(r#"{{"Records":[{record}],"state":[{{}}]}}"#), false),
            (format!(r#"{{"Records":[{record}"#), false),
            (format!(r#"{{"Records":[{record}]"#), false),
            (r#"{"Records":[]}"#.to_owned(), false),
            ("]}".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(
                ends_with_record_of(payload.as_bytes(), KINESIS),
                counts,
                "{payload}"
            );
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<i32>().prop_map(Value::from),
            "[\"\\\\{}\\[\\]a]{0,6}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[\"\\\\{}a]{0,4}", inner, 0..4)
                    .prop_map(|map| Value::from(serde_json::Map::from_iter(map))),
            ]
        })
    }

    proptest! {
        #[test]
        fn an_objects_start_is_found_from_its_end(value in value(), ahead in "[\\[,{ ]{0,3}") {
            let object = json!({"x": value}).to_string();
            let text = format!("{ahead}{object}");
            prop_assert_eq!(object_start(text.as_bytes()), Some(ahead.len()));
        }

        #[test]
        fn cut_payloads_never_count(value in value(), cut in 1usize..400) {
            let record = json!({"eventSource": "aws:kinesis", "x": value});
            let state = json!({"a": [{"b": [record["x"]]}]});
            let window = json!({"Records": [record, record], "state": state, "window": {"start": "s"}}).to_string();
            let cut = &window.as_bytes()[..window.len().saturating_sub(cut)];
            let counts = ends_with_record_of(cut, KINESIS);
            prop_assert!(!counts);
        }
    }
}
