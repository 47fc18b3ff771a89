//! Reads records of a stream once more.

use std::cmp::Ordering;

use event_source_mapping::Record as _;
use serde_json::{Value, json};
use switchboard_aws::poll::{ReadStart, ReadableStream};
use switchboard_aws::{Aws, Failure};

use super::failure::Positions;

/// How many pages without a record are read before the rest counts as expired.
const EMPTY_PAGES: u32 = 10;

/// The event of these records; `None` if one of them has left the stream.
///
/// # Errors
/// If the stream cannot be read.
pub(super) async fn event(aws: &Aws, positions: &Positions) -> Result<Option<Value>, Failure> {
    let stream = ReadableStream::by_arn(aws, &positions.stream_arn).await?;
    let asked = stream
        .iterator(&positions.shard, &ReadStart::From(positions.first.clone()))
        .await;
    let mut next = match asked {
        Ok(iterator) => Some(iterator),
        Err(failure) if is_gone(&failure) => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let (mut records, mut empty) = (Vec::new(), 0);
    while let Some(iterator) = next.filter(|_| empty < EMPTY_PAGES) {
        let page = match stream.read(&positions.shard, &iterator, 1000).await {
            Err(failure) if is_gone(&failure) => return Ok(None),
            page => page?,
        };
        empty = if page.records.is_empty() { empty + 1 } else { 0 };
        for record in page.records {
            let number = record.identifier();
            if records.is_empty() && compare(number, &positions.first) != Ordering::Equal {
                return Ok(None);
            }
            let order = compare(number, &positions.last);
            if order != Ordering::Greater {
                records.push(record.record.clone());
            }
            if order != Ordering::Less {
                return Ok(Some(json!({"Records": records})));
            }
        }
        next = page.next;
    }
    Ok(None)
}

/// Whether the records are no longer in the stream.
fn is_gone(failure: &Failure) -> bool {
    const CODES: [&str; 3] = [
        "TrimmedDataAccessException",
        "ResourceNotFoundException",
        "InvalidArgumentException",
    ];
    failure.code().is_some_and(|code| CODES.contains(&code))
}

/// Compares sequence numbers, which have up to 129 digits.
fn compare(one: &str, other: &str) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_are_numbers() {
        assert_eq!(compare("9", "10"), Ordering::Less);
        assert_eq!(compare("21", "12"), Ordering::Greater);
        assert_eq!(compare("7", "7"), Ordering::Equal);
    }
}
