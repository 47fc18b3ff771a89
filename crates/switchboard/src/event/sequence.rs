//! The order of records in a shard.

use std::cmp::Ordering;
use std::fmt;

/// A sequence number of Kinesis or DynamoDB Streams: a decimal integer far beyond `u64`, compared as a number.
///
/// Kinesis numbers have 56 digits, which neither `u64` nor `f64` can hold. Leading zeros do not count.
///
/// # Example
///
/// ```
/// use switchboard::event::SequenceNumber;
///
/// let earlier = SequenceNumber::new("99").unwrap();
/// let later = SequenceNumber::new("49590338271490256608559692538361571095921575989136588898").unwrap();
/// assert!(earlier < later);
/// assert_eq!(SequenceNumber::new("007"), SequenceNumber::new("7"));
/// assert!(SequenceNumber::new("").is_none() && SequenceNumber::new("12a").is_none());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SequenceNumber<'a> {
    digits: &'a str,
}

impl<'a> SequenceNumber<'a> {
    /// Reads decimal digits; `None` if there are none, or other characters.
    #[must_use]
    pub fn new(text: &'a str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self {
            digits: text.trim_start_matches('0'),
        })
    }
}

impl Ord for SequenceNumber<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.digits
            .len()
            .cmp(&other.digits.len())
            .then_with(|| self.digits.cmp(other.digits))
    }
}

impl PartialOrd for SequenceNumber<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The digits without leading zeros.
impl fmt::Display for SequenceNumber<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(if self.digits.is_empty() { "0" } else { self.digits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn orders_as_the_numbers_do(a: u128, b: u128, pad in 0usize..4) {
            let (left, right) = (format!("{}{a}", "0".repeat(pad)), b.to_string());
            let (left, right) = (SequenceNumber::new(&left).unwrap(), SequenceNumber::new(&right).unwrap());
            prop_assert_eq!(left.cmp(&right), a.cmp(&b));
            prop_assert_eq!(left == right, a == b);
            prop_assert_eq!(left < right, a < b);
        }

        #[test]
        fn never_accepts_what_is_not_a_number(text in "[0-9]{0,3}[^0-9][0-9]{0,3}") {
            prop_assert!(SequenceNumber::new(&text).is_none());
        }
    }
}
