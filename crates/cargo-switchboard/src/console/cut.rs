//! An event with some of its records. Everything else in it stays as it was, byte for byte.

use std::ops::Range;

use super::batch::BatchRecord;

/// The event with the records at these indexes, which are sorted.
pub(super) fn cut(payload: &[u8], records: &[BatchRecord], kept: &[usize]) -> Vec<u8> {
    let mut event = Vec::with_capacity(payload.len());
    let mut at = 0;
    let mut first = 0;
    for list in records.chunk_by(|one, other| one.list == other.list) {
        let range = span(list);
        event.extend(&payload[at..range.start]);
        let own: Vec<&[u8]> = (first..)
            .zip(list)
            .filter(|(index, _)| kept.binary_search(index).is_ok())
            .map(|(_, record)| &payload[record.range.clone()])
            .collect();
        match own.is_empty() && payload[..range.start].trim_ascii_end().last() == Some(&b':') {
            // A single record instead of a list of one.
            true => event.extend(b"[]"),
            false => event.extend(own.join(&b","[..])),
        }
        at = range.end;
        first += list.len();
    }
    event.extend(&payload[at..]);
    event
}

/// From the first record of a list to the last one.
fn span(list: &[BatchRecord]) -> Range<usize> {
    let start = list.first().map_or(0, |record| record.range.start);
    start..list.last().map_or(start, |record| record.range.end)
}

#[cfg(test)]
mod tests {
    use super::super::batch::BatchOutcome;
    use super::*;
    use switchboard::source::detect;

    fn cut_of(event: &'static str, kept: &[usize]) -> String {
        let batch = BatchOutcome::of(
            detect(event.as_bytes()).source,
            &event.into(),
            &Ok("".into()),
            &[],
        );
        String::from_utf8(cut(event.as_bytes(), &batch.records, kept)).unwrap()
    }

    #[test]
    fn some_records_of_a_list_and_all_around_it_are_left() {
        let event = r#"{"a": 1, "Records": [ {"eventSource": "aws:sqs", "messageId": "1"}, {"messageId": "2"} ,{"messageId": "3"}], "b":2}"#;
        let first = r#"{"a": 1, "Records": [ {"eventSource": "aws:sqs", "messageId": "1"},{"messageId": "3"}], "b":2}"#;
        assert_eq!(cut_of(event, &[0, 2]), first);
        assert_eq!(cut_of(event, &[]), r#"{"a": 1, "Records": [ ], "b":2}"#);
    }

    #[test]
    fn partitions_keep_their_lists() {
        let event = r#"{"eventSource":"aws:kafka","records":{"t-0":[{"topic":"t","partition":0,"offset":1},{"topic":"t","partition":0,"offset":2}],"t-1":[{"topic":"t","partition":1,"offset":1}]}}"#;
        let expected = r#"{"eventSource":"aws:kafka","records":{"t-0":[{"topic":"t","partition":0,"offset":2}],"t-1":[]}}"#;
        assert_eq!(cut_of(event, &[1]), expected);
    }
}
