//! Names of metrics and dimensions, checked when the program is compiled.

use super::Unit;

/// What a document has beside metrics: no metric and no dimension may be called so.
const MEMBERS: &[&str] = &[
    "_aws",
    "level",
    "timestamp",
    "service",
    "source",
    "function_name",
    "function_request_id",
    "xray_trace_id",
];

/// Switchboard's own metrics.
pub(super) const INVOCATIONS: Metric = Metric::own("Invocations", Unit::Count);
pub(super) const COLD_START: Metric = Metric::own("ColdStart", Unit::Count);
pub(super) const DURATION: Metric = Metric::own("Duration", Unit::Milliseconds);
pub(super) const RECORDS: Metric = Metric::own("Records", Unit::Count);
pub(super) const RECORDS_FAILED: Metric = Metric::own("RecordsFailed", Unit::Count);
pub(super) const RECORDS_REJECTED: Metric = Metric::own("RecordsRejected", Unit::Count);
pub(super) const RECORDS_SKIPPED: Metric = Metric::own("RecordsSkipped", Unit::Count);
pub(super) const UNROUTED: Metric = Metric::own("Unrouted", Unit::Count);
pub(super) const BATCH_SIZE: Metric = Metric::own("BatchSize", Unit::Count);
pub(super) const ITERATOR_AGE: Metric = Metric::own("IteratorAge", Unit::Milliseconds);

const OWN: &[Metric] = &[
    INVOCATIONS,
    COLD_START,
    DURATION,
    RECORDS,
    RECORDS_FAILED,
    RECORDS_REJECTED,
    RECORDS_SKIPPED,
    UNROUTED,
    BATCH_SIZE,
    ITERATOR_AGE,
];

/// A metric of the application's own: its name, and what its values count.
///
/// Make it a `const`. Then a name that CloudWatch would refuse, or that is taken, does not compile:
///
/// ```
/// use switchboard::telemetry::{Metric, Unit};
///
/// const ORDERS_ACCEPTED: Metric = Metric::new("OrdersAccepted", Unit::Count);
/// ```
///
/// ```compile_fail
/// use switchboard::telemetry::{Metric, Unit};
///
/// const RECORDS: Metric = Metric::new("Records", Unit::Count); // Switchboard's own
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Metric {
    pub(super) name: &'static str,
    pub(super) unit: Unit,
}

impl Metric {
    /// A metric of this name: 1 to 255 printable ASCII characters, one of them no blank, the first one no colon
    /// (CloudWatch API Reference, “MetricDatum”).
    ///
    /// # Panics
    ///
    /// If the name is another, or one of Switchboard's own: in a `const` this is an error of the compiler's.
    #[must_use]
    pub const fn new(name: &'static str, unit: Unit) -> Self {
        assert_name(name);
        assert!(
            !is_own(name),
            "the name is that of one of Switchboard's own metrics"
        );
        Self::own(name, unit)
    }

    const fn own(name: &'static str, unit: Unit) -> Self {
        Self { name, unit }
    }
}

/// A dimension of the application's own: a name whose values tell series of a metric apart. Each combination of values is
/// a metric that CloudWatch charges for, so take what has few: no ids.
///
/// ```
/// use switchboard::telemetry::Dimension;
///
/// const COUNTRY: Dimension = Dimension::new("Country");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Dimension {
    pub(super) name: &'static str,
}

impl Dimension {
    /// A dimension of this name: 1 to 255 printable ASCII characters, one of them no blank, the first one no colon
    /// (CloudWatch API Reference, “Dimension”).
    ///
    /// # Panics
    ///
    /// If the name is another, or one that every document has already, such as `service` and `source`: in a `const`
    /// this is an error of the compiler's.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        assert_name(name);
        assert!(
            !is_own(name),
            "the name is that of one of Switchboard's own metrics"
        );
        Self { name }
    }
}

const fn assert_name(name: &str) {
    assert!(is_name(name.as_bytes()), "no name CloudWatch takes");
    let mut at = 0;
    while at < MEMBERS.len() {
        assert!(
            !same(name, MEMBERS[at]),
            "the name has another meaning in a document of metrics"
        );
        at += 1;
    }
}

/// Whether CloudWatch takes the name.
pub(super) const fn is_name(name: &[u8]) -> bool {
    let mut blank = true;
    let mut at = 0;
    while at < name.len() {
        match name[at] {
            b' ' => {}
            0x21..=0x7e => blank = false,
            _ => return false,
        }
        at += 1;
    }
    !blank && name.len() <= 255 && name[0] != b':'
}

const fn is_own(name: &str) -> bool {
    let mut at = 0;
    while at < OWN.len() {
        if same(name, OWN[at].name) {
            return true;
        }
        at += 1;
    }
    false
}

/// Strings cannot be compared by `==` while compiling.
const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    #[test]
    fn names_are_those_that_cloudwatch_takes() {
        let long = "x".repeat(255);
        for name in ["Orders", "a b", "x:y", "Orders/EUR#1", &long] {
            assert!(is_name(name.as_bytes()), "{name}");
        }
        for name in ["", " ", ":x", "ü", "a\tb", "a\u{7f}", &format!("{long}x")] {
            assert!(!is_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_taken_name_is_refused() {
        let metric = |name: &'static str| catch_unwind(|| Metric::new(name, Unit::Count));
        assert!(metric("RecordsLate").is_ok());
        for name in ["Records", "IteratorAge", "service", "_aws", ""] {
            assert!(metric(name).is_err(), "{name}");
            assert!(catch_unwind(|| Dimension::new(name)).is_err(), "{name}");
        }
    }
}
