//! The order of the changes of one resource, as text that sorts in that order.

use chrono::{DateTime, Utc};
use std::fmt;
use switchboard::event::SequenceNumber;
use switchboard::event::s3::Sequencer;

/// The prefix of a number's text: eight digits can count more digits than a Lambda payload has.
const NUMBER: &str = "z0";

/// The prefix of a sequencer's text. It sorts after every number.
const SEQUENCER: &str = "zs";

/// How late a change of a resource is: of two changes, the one with the greater order is the current state.
///
/// It is text that compares byte by byte, so any store can compare it. The digits of a number follow their count, so
/// that numbers of any length compare as numbers. A sequencer of S3 already compares as text. Changes that only have a
/// time come before all that have a number or a sequencer. [`Order::tie`] decides between equal orders.
///
/// # Example
///
/// ```
/// use switchboard_function::journal::Order;
///
/// let (earlier, later) = (Order::sequencer("9F").unwrap(), Order::sequencer("A").unwrap());
/// assert!(earlier < later);
/// assert!(Order::time(None) < Order::time(chrono::Utc::now()));
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Order(String);

impl Order {
    /// The order of Amazon S3: a hexadecimal `sequencer`; `None` if it is invalid.
    #[must_use]
    pub fn sequencer(sequencer: &str) -> Option<Self> {
        Some(Self(format!("{SEQUENCER}{}", Sequencer::new(sequencer)?)))
    }

    /// The order of DynamoDB Streams and Kinesis: a decimal sequence number.
    #[must_use]
    pub fn sequence_number(number: SequenceNumber<'_>) -> Self {
        let digits = number.to_string();
        Self::number(if digits == "0" { "" } else { &digits })
    }

    /// The order of sources that only give a time; an unknown time comes before every other.
    #[must_use]
    pub fn time(time: impl Into<Option<DateTime<Utc>>>) -> Self {
        // The flipped sign bit sorts times before 1970 below the others.
        let moment = |time: DateTime<Utc>| (time.timestamp_micros() as u64) ^ (1 << 63);
        Self(match time.into() {
            // `n` < `t` < `z0` < `zs`: no time, a time, a number, a sequencer.
            Some(time) => format!("t{:020}", moment(time)),
            None => "n".to_owned(),
        })
    }

    /// Orders changes at the same time: a later step of a resource's life has a higher rank.
    #[must_use]
    pub fn rank(self, rank: u8) -> Self {
        // A space sorts before every digit, so a sequencer stays before longer ones that begin with it.
        Self(format!("{} {rank:03}", self.0))
    }

    /// Orders the records of one aggregate by their position, counted from 0.
    #[must_use]
    pub fn place(self, place: usize) -> Self {
        Self(format!("{} {place:010}", self.0))
    }

    /// Orders what is otherwise equal by another order: some senders give all changes one number.
    #[must_use]
    pub fn then(self, other: Order) -> Self {
        Self(format!("{} {}", self.0, other.0))
    }

    /// Orders what is otherwise equal by the event's identity, so that the outcome does not depend on arrival.
    #[must_use]
    pub fn tie(self, identity: &str) -> Self {
        Self(format!("{} {identity}", self.0))
    }

    /// The text, which sorts like the order.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn number(digits: &str) -> Self {
        Self(format!("{NUMBER}{:07}{digits}", digits.len()))
    }
}

/// Sequencers were once written like numbers: with their count of digits, but without the leading zeros.
#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
impl Order {
    /// The prefix of a sequencer in the old format, if this is the order of a sequencer. Of two such texts, the greater
    /// one need not be the later one.
    #[cfg(feature = "dynamodb")]
    pub(crate) fn old_writing(&self) -> Option<&'static str> {
        self.0.starts_with(SEQUENCER).then_some(NUMBER)
    }

    /// Converts the order of an object's change from the old format. The sequencer is in the event's identity; `None`
    /// if it is not.
    pub(crate) fn rewritten(old: &str) -> Option<Self> {
        let (_, identity) = old.strip_prefix(NUMBER)?.split_once(' ')?;
        let parts: Vec<String> = serde_json::from_str(identity).ok()?;
        match parts.as_slice() {
            [service, _, _, _, _, sequencer] if service == "s3" => {
                Some(Self::sequencer(sequencer)?.tie(identity))
            }
            _ => None,
        }
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
    #[cfg(any(feature = "dynamodb", feature = "sqlite"))]
    use crate::journal::Identity;
    use proptest::prelude::*;

    #[cfg(any(feature = "dynamodb", feature = "sqlite"))]
    #[test]
    fn other_orders_are_not_rewritten() {
        let number = Order::sequence_number(SequenceNumber::new("17").unwrap());
        for identity in [
            "[\"dynamodb\",\"arn\",\"1\"]",
            "[\"s3\",\"b\",\"k\",\"\",\"e\",\"no digits\"]",
            "x",
        ] {
            assert_eq!(Order::rewritten(number.clone().tie(identity).as_str()), None);
        }
        assert_eq!(Order::rewritten(number.as_str()), None);
    }

    proptest! {
        #[test]
        fn text_sorts_as_numbers_do(a: u128, b: u128, pad in 0usize..4, shift in 0u32..128) {
            let b = b >> shift;
            let sequence = |number: u128| {
                let text = format!("{}{number}", "0".repeat(pad));
                Order::sequence_number(SequenceNumber::new(&text).unwrap()).tie("x")
            };
            prop_assert_eq!(sequence(a).cmp(&sequence(b)), a.cmp(&b));
        }

        #[test]
        fn text_sorts_as_sequencers_do(
            a in "[0-2a-cA-C]{1,6}", b in "[0-2a-cA-C]{1,6}", x in 0usize..3, y in 0usize..3,
        ) {
            let expected = Sequencer::new(&a).unwrap().cmp(&Sequencer::new(&b).unwrap());
            let (left, right) = (Order::sequencer(&a).unwrap(), Order::sequencer(&b).unwrap());
            prop_assert_eq!(left.cmp(&right), expected);
            prop_assert_eq!(left.clone().tie("x").cmp(&right.clone().tie("x")), expected);
            prop_assert_eq!(left.place(x).cmp(&right.place(y)), expected.then(x.cmp(&y)));
        }

        #[cfg(any(feature = "dynamodb", feature = "sqlite"))]
        #[test]
        fn a_sequencer_is_found_in_the_old_writing(sequencer in "[0-9A-F]{1,20}", key in "\\PC{1,9}") {
            let identity = Identity::new(["s3", "photos", &key, "", "ObjectCreated:Put", &sequencer]);
            let digits = sequencer.trim_start_matches('0').to_ascii_lowercase();
            let old = format!("z{:08}{digits} {identity}", digits.len());
            let new = Order::sequencer(&sequencer).unwrap().tie(identity.as_str());
            prop_assert!(old < new.0);
            prop_assert_eq!(Order::rewritten(&old), Some(new));
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
