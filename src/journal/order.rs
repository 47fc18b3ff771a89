//! The order of the changes of one resource, as text that sorts as the order does.

use crate::event::SequenceNumber;
use crate::event::s3::Sequencer;
use chrono::{DateTime, Utc};
use std::fmt;

/// How late a change of a resource is: of two changes the one with the greater order is the current state.
///
/// It is text whose byte-wise order is the order, so that any store can compare it. A number's digits stand
/// behind their count, which makes numbers of any length compare as numbers. Changes that only know their time
/// come before all that have a number of the source's own; equal orders are told apart by [`Order::tie`].
///
/// # Example
///
/// ```
/// use switchboard::journal::Order;
///
/// let (earlier, later) = (Order::sequencer("9F").unwrap(), Order::sequencer("100").unwrap());
/// assert!(earlier < later);
/// assert!(Order::time(None) < Order::time(chrono::Utc::now()));
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Order(String);

impl Order {
    /// The order of Amazon S3: a hexadecimal `sequencer`; `None` if it is no hexadecimal number.
    #[must_use]
    pub fn sequencer(sequencer: &str) -> Option<Self> {
        Sequencer::new(sequencer)?;
        Some(Self::number(
            &sequencer.trim_start_matches('0').to_ascii_lowercase(),
        ))
    }

    /// The order of DynamoDB Streams and Kinesis: a decimal sequence number.
    #[must_use]
    pub fn sequence_number(number: SequenceNumber<'_>) -> Self {
        let digits = number.to_string();
        Self::number(if digits == "0" { "" } else { &digits })
    }

    /// The order of sources that give only a time; an unknown time comes before every other.
    #[must_use]
    pub fn time(time: impl Into<Option<DateTime<Utc>>>) -> Self {
        // The flipped sign bit moves the times before 1970 below the others.
        let moment = |time: DateTime<Utc>| (time.timestamp_micros() as u64) ^ (1 << 63);
        Self(match time.into() {
            // `n` < `t` < `z`: no time, a time, a number.
            Some(time) => format!("t{:020}", moment(time)),
            None => "n".to_owned(),
        })
    }

    /// Orders changes of the same moment: the later step of a resource's life has the higher rank.
    #[must_use]
    pub fn rank(self, rank: u8) -> Self {
        // A space sorts before every digit, so what is shorter stays before what is longer.
        Self(format!("{} {rank:03}", self.0))
    }

    /// Orders what came in one record by its place there, counted from 0.
    #[must_use]
    pub fn place(self, place: usize) -> Self {
        Self(format!("{} {place:010}", self.0))
    }

    /// Orders what is otherwise equal by the event's identity, so that the outcome does not hang on arrival.
    #[must_use]
    pub fn tie(self, identity: &str) -> Self {
        Self(format!("{} {identity}", self.0))
    }

    /// The text that sorts as the order does.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn number(digits: &str) -> Self {
        // Eight digits count more digits than a payload of Lambda can hold.
        Self(format!("z{:08}{digits}", digits.len()))
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_sorts_as_numbers_do(a: u128, b: u128, pad in 0usize..4, shift in 0u32..128) {
            let b = b >> shift;
            let sequence = |number: u128| {
                let text = format!("{}{number}", "0".repeat(pad));
                Order::sequence_number(SequenceNumber::new(&text).unwrap()).tie("x")
            };
            prop_assert_eq!(sequence(a).cmp(&sequence(b)), a.cmp(&b));
            let sequencer = |number: u128| Order::sequencer(&format!("{}{number:X}", "0".repeat(pad))).unwrap().tie("x");
            prop_assert_eq!(sequencer(a).cmp(&sequencer(b)), a.cmp(&b));
        }

        #[test]
        fn text_sorts_as_number_then_place(a: u32, b: u32, x in 0usize..2000, y in 0usize..2000) {
            let order = |number: u32, place| {
                let text = number.to_string();
                Order::sequence_number(SequenceNumber::new(&text).unwrap()).place(place)
            };
            prop_assert_eq!(order(a, x).cmp(&order(b, y)), (a, x).cmp(&(b, y)));
        }

        #[test]
        fn text_sorts_as_time_then_rank(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, x: u8, y: u8) {
            let order = |micros: i64, rank: u8| Order::time(DateTime::from_timestamp_micros(micros)).rank(rank);
            prop_assert_eq!(order(a, x).cmp(&order(b, y)), (a, x).cmp(&(b, y)));
            prop_assert!(order(a, x) < Order::sequencer("0").unwrap());
        }
    }
}
