//! The position of an entry in the journal, as text that sorts like the journal.

use super::identity::stable_hash;
use super::{Append, Entry, Order};
use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use std::fmt;

/// How many bytes of order and `id` are used: with the rest, a position fits the sort key of any DynamoDB index.
const ORDER_BYTES: usize = 300;
const ID_BYTES: usize = 600;

/// The position of an entry in the journal: `<time>#<order>#<id>#<hash of the identity>`.
///
/// Byte order is the journal's order: by `time`; at the same time by the order that the source guarantees, such as
/// sequence numbers of Kinesis and DynamoDB Streams; then by `id`. An entry without `time` is at the time when it was
/// appended.
///
/// # Example
///
/// ```
/// use switchboard_function::journal::{Append, Entry, Position};
/// # use chrono::{DateTime, Utc};
///
/// let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
/// let append = |id: &str, seconds| Append::from(Entry::builder(id, "/s", "t").time(at(seconds)).build().unwrap());
/// let position = |append: &Append| Position::of(append, &append.entry, Utc::now());
/// assert!(position(&append("2", 7)) < position(&append("1", 8)));
/// assert!(position(&append("1", 7)).as_str().starts_with("1970-01-01T00:00:07.000000000Z##1#"));
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Position(String);

impl Position {
    /// The position of an entry that is appended now, under the id that `entry` has: its own, or [one beside
    /// it](Entry::beside).
    #[must_use]
    pub fn of(append: &Append, entry: &Entry, appended: DateTime<Utc>) -> Self {
        let order = append.change.as_ref().map(|change| &change.order);
        let order = append.order.as_ref().or(order).map_or("", Order::as_str);
        Self::new(
            entry.time().unwrap_or(appended),
            order,
            entry.id(),
            &entry.identity(),
        )
    }

    /// The position from its parts.
    pub(crate) fn new(time: DateTime<Utc>, order: &str, id: &str, identity: &str) -> Self {
        let (order, id) = (head(order, ORDER_BYTES), head(id, ID_BYTES));
        let hash = stable_hash(identity);
        Self(format!("{}#{order}#{id}#{hash:016x}", Self::moment(time)))
    }

    /// Text that sorts before every position at this time, and after all earlier ones.
    #[must_use]
    pub fn moment(time: DateTime<Utc>) -> String {
        // With a sign, as years of more than four digits are written, it would sort before all others.
        if time.year() > 9999 {
            return "~".to_owned();
        }
        time.to_rfc3339_opts(SecondsFormat::Nanos, true)
    }

    /// The text, which sorts like the journal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The beginning of a text, of at most `bytes` bytes.
pub(crate) fn head(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use switchboard::event::SequenceNumber;

    proptest! {
        #[test]
        fn text_sorts_as_time_does(
            a in -62_167_219_200_000_i64..253_402_300_799_999, shift in -3_i64..3, x in "[ -~]{1,4}", y in "[ -~]{1,4}",
        ) {
            let at = |millis| DateTime::from_timestamp_millis(millis).unwrap();
            let b = (a + shift).clamp(-62_167_219_200_000, 253_402_300_799_999);
            let position = |millis, id: &str| Position::new(at(millis), "", id, "i");
            if a != b {
                prop_assert_eq!(position(a, &x).cmp(&position(b, &y)), a.cmp(&b));
            }
            prop_assert!(Position::moment(at(a)).as_str() < position(a, &x).as_str());
            prop_assert_eq!(position(a, &x).as_str() < Position::moment(at(b)).as_str(), a < b);
        }

        #[test]
        fn within_a_moment_the_order_decides(a: u64, b: u64, x in "[ -~]{1,4}", y in "[ -~]{1,4}") {
            let position = |number: u64, id: &str| {
                let entry = Entry::builder(id, "/s", "t").time(DateTime::UNIX_EPOCH).build().unwrap();
                let text = number.to_string();
                let order = Some(Order::sequence_number(SequenceNumber::new(&text).unwrap()));
                Position::of(&Append { order, ..Append::from(entry.clone()) }, &entry, DateTime::UNIX_EPOCH)
            };
            if a != b {
                prop_assert_eq!(position(a, &x).cmp(&position(b, &y)), a.cmp(&b));
            }
        }

        #[test]
        fn ids_of_any_length_fit(id in "[a-zü𝄞]{0,600}") {
            let position = Position::new(DateTime::UNIX_EPOCH, &id, &id, "i");
            prop_assert!(position.as_str().len() <= 1024);
        }
    }
}
