//! Payloads of no source that is known.

use super::row::{Delivery, Embedded, Facts, Trigger};

pub(in crate::source) const UNKNOWN: Facts = Facts {
    name: "unknown",
    alias: None,
    rules: &[],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: None,
};
