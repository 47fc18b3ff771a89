//! How the rules of detection are written.

use super::super::test::Test;

/// A rule: what must hold for a payload to be of the source.
///
/// A rule asks for what the source's documentation says all its events carry and no relative's do, and for no more,
/// because people's test events leave much out. Above each stands the document it follows, the AWS Lambda Developer Guide
/// where no other is named.
#[derive(Clone, Copy, Debug)]
pub(in crate::source) struct Rule {
    pub(in crate::source) stage: Stage,
    /// When it is tried within its stage: the lowest first. The steps of ten leave room between relatives; that no two
    /// rules share a place is checked at compile time.
    pub(in crate::source) place: u16,
    pub(in crate::source) tests: &'static [Test],
}

/// A rule as it is written.
pub(super) const fn rule(stage: Stage, place: u16, tests: &'static [Test]) -> Rule {
    Rule { stage, place, tests }
}

/// Which rules are tried together. The stages follow one another from top to bottom, and the first rule that holds decides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::source) enum Stage {
    /// Nothing further in the payload overrules these: detection stops where one of them holds.
    Settled,
    /// Lists of records that need all of the payload: a window may follow, and where no `eventSource` is written, what
    /// the record carries has to tell.
    Records,
    /// Other payloads with records, where the keys that decide at once have been left out.
    Streams,
    /// Requests, and what asks whether they may pass. The latter carry the request too, so they come first.
    Requests,
    /// Everything that one service sends in a shape of its own.
    Services,
    /// Test events that leave out most of what their source sends, and keep something that no other source has. Some hold
    /// by what isn't there, so they need all of the payload.
    Partial,
    /// Requests without the keys that tell at once whose they are. They hold by what isn't there, too.
    PartialRequests,
}

impl Stage {
    pub(in crate::source) const COUNT: usize = Stage::PartialRequests as usize + 1;
}
