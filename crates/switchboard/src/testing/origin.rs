//! Where test events come from, and what distinguishes them: account, region, ids and times.
//!
//! Ids are counted for each thread. Every test gets the same ids at every run, whatever runs beside it, and two events
//! of one test never have the same one.

use chrono::{DateTime, SecondsFormat, Utc};
use std::cell::Cell;

/// The account that everything belongs to.
pub(super) const ACCOUNT: &str = "123456789012";

/// The region that everything is in.
pub(super) const REGION: &str = "eu-central-1";

/// When an invocation is received, in seconds since 1970: 15 January 2027, 08:00 UTC.
const RECEIVED: i64 = 1_800_000_000;

/// How long before that the first event was sent.
const EARLIER: i64 = 3_600_000;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// Makes events as if this thread had made `count` of them before: with the same ids and times whenever it is called, and without a trace in what
/// is made afterwards. For an event that is delivered again.
///
/// # Example
///
/// ```
/// use switchboard::testing::{self, Sqs};
///
/// let delivery = || testing::counting_from(7, || Sqs::text("hello").to_json());
/// assert_eq!(delivery(), delivery());
/// ```
pub fn counting_from<T>(count: u64, make: impl FnOnce() -> T) -> T {
    let before = COUNT.replace(count);
    let made = make();
    COUNT.set(before);
    made
}

/// When an invocation is received, unless a test says otherwise.
pub(super) fn received() -> DateTime<Utc> {
    DateTime::from_timestamp(RECEIVED, 0).expect("chrono knows the year 2027")
}

/// The number of an event or a record. Ids and times are made of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number(u64);

impl Number {
    /// The next one of this thread.
    pub(super) fn next() -> Self {
        COUNT.with(|count| {
            count.set(count.get() + 1);
            Self(count.get())
        })
    }

    pub(super) fn get(self) -> u64 {
        self.0
    }

    /// Hexadecimal digits that look random.
    pub(super) fn hex(self, digits: usize) -> String {
        let words = digits.div_ceil(16);
        let words = (0..words as u64).map(|word| format!("{:016x}", mixed(self.0, word)));
        let mut hex: String = words.collect();
        hex.truncate(digits);
        hex
    }

    /// A UUID.
    pub(super) fn uuid(self) -> String {
        let hex = self.hex(32);
        let (a, b, c, d) = (&hex[..8], &hex[8..12], &hex[13..16], &hex[17..20]);
        format!("{a}-{b}-4{c}-a{d}-{}", &hex[20..])
    }

    /// A decimal number that begins with `head` and is greater than that of every earlier event.
    pub(super) fn sequence(self, head: &str, digits: usize) -> String {
        let width = digits.saturating_sub(head.len());
        format!("{head}{:0width$}", self.0 * 256)
    }

    /// When it happened, in milliseconds since 1970: each event a tenth of a second after the one before.
    pub(super) fn millis(self) -> i64 {
        RECEIVED * 1000 - EARLIER + 100 * i64::try_from(self.0).unwrap_or_default()
    }

    /// The same as text, with milliseconds.
    pub(super) fn time(self) -> String {
        self.date().to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// The same in whole seconds.
    pub(super) fn time_in_seconds(self) -> String {
        self.date().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    pub(super) fn date(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.millis()).unwrap_or_default()
    }
}

/// The ARN of a resource of the account.
pub(super) fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// One step of SplitMix64: different numbers give different words.
fn mixed(number: u64, word: u64) -> u64 {
    let seed = number.wrapping_mul(64).wrapping_add(word);
    let mut mixed = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_thread_counts_from_one_and_no_id_comes_twice() {
        let ids = || -> Vec<String> { (0..1000).map(|_| Number::next().uuid()).collect() };
        let here = std::thread::spawn(ids).join().unwrap();
        assert_eq!(here, std::thread::spawn(ids).join().unwrap());
        assert_eq!(here.iter().collect::<HashSet<_>>().len(), 1000);
        assert_eq!(here[0].len(), 36);
    }

    #[test]
    fn sequence_numbers_and_times_of_made_events_grow() {
        let (first, second) = (Number::next(), Number::next());
        assert!(first.sequence("49", 56) < second.sequence("49", 56));
        assert_eq!(first.sequence("49", 56).len(), 56);
        assert!(first.time() < second.time());
    }
}
