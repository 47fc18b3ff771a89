//! Names of metrics and dimensions, checked at compile time.

use super::Unit;

/// The other members of a document: no metric and no dimension may have these names.
const MEMBERS: &[&str] = &[
    "_aws",
    "level",
    "timestamp",
    "service",
    "source",
    "function_name",
    "function_request_id",
    "tenant_id",
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

/// A metric of the application: its name, and the unit of its values.
///
/// Define it as a `const`. Then a name that CloudWatch would refuse, or that is taken, does not compile:
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
    /// A metric with this name: 1 to 255 printable ASCII characters, not all blank, and no colon at the beginning
    /// (CloudWatch API Reference, “MetricDatum”).
    ///
    /// # Panics
    ///
    /// If the name is invalid, or is one of Switchboard's own. In a `const` this is a compile error.
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

/// A dimension of the application: a name whose values divide a metric into series. CloudWatch charges for each
/// combination of values, so use values of which there are few, and no ids.
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
    /// A dimension with this name: 1 to 255 printable ASCII characters, not all blank, and no colon at the beginning
    /// (CloudWatch API Reference, “Dimension”).
    ///
    /// # Panics
    ///
    /// If the name is invalid, or is one that every document has, such as `service` and `source`. In a `const` this is
    /// a compile error.
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
    assert!(is_name(name.as_bytes()), "CloudWatch does not accept the name");
    let mut at = 0;
    while at < MEMBERS.len() {
        assert!(
            !same(name, MEMBERS[at]),
            "the name has another meaning in a metrics document"
        );
        at += 1;
    }
}

/// Whether CloudWatch accepts the name.
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

/// `==` on strings is not available at compile time.
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
