//! How the rules of detection are written.

use super::super::test::Test;

/// A rule: what must be true of a payload of the source.
///
/// A rule asks for what all of the source's events have according to its documentation, and no related source's events
/// do; and for no more, because test events often leave out much. The document is named above each rule; without a name
/// it is the AWS Lambda Developer Guide.
#[derive(Clone, Copy, Debug)]
pub(in crate::source) struct Rule {
    pub(in crate::source) stage: Stage,
    /// When it is tried within its stage: the lowest first. Steps of ten leave space between related rules. A
    /// compile-time check ensures that no two rules share a place.
    pub(in crate::source) place: u16,
    pub(in crate::source) tests: &'static [Test],
}

/// A rule as it is written.
pub(super) const fn rule(stage: Stage, place: u16, tests: &'static [Test]) -> Rule {
    Rule { stage, place, tests }
}

/// Which rules are tried together. Stages are tried from top to bottom, and the first rule that holds decides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::source) enum Stage {
    /// Nothing later in the payload can overrule these: detection stops when one of them holds.
    Settled,
    /// Lists of records that need the whole payload: a window may follow, and without an `eventSource` the record's
    /// content must decide.
    Records,
    /// Other payloads with records, without conclusive keys.
    Streams,
    /// Requests, and requests to authorize them. The latter contain the request, so they come first.
    Requests,
    /// Events whose shape is specific to one service.
    Services,
    /// Test events that leave out most members, but have some that no other source has. Some rules need the absence of
    /// a member, so they need the whole payload.
    Partial,
    /// Requests without conclusive keys. These rules also need the absence of members.
    PartialRequests,
}

impl Stage {
    pub(in crate::source) const COUNT: usize = Stage::PartialRequests as usize + 1;
}
