//! What a rule is, and how the tables of rules are read.

use super::super::Source;
use super::super::clue::Clue;
use super::super::survey::{List, Survey};
use super::super::test::Test::{Object, String};
use super::super::test::{self, Because, Test};
use super::partial::PARTIAL;
use super::partial_requests::PARTIAL_REQUESTS;
use super::records::RECORDS;
use super::requests::REQUESTS;
use super::services::SERVICES;
use super::settled::SETTLED;
use super::streams::STREAMS;

/// A source, and all that must hold for it.
pub(super) struct Rule {
    source: Source,
    tests: &'static [Test],
    /// Clues that must be there for the tests to hold: most rules fall at this one look. A few, not a set, because
    /// the rules are many and read for every payload.
    needs: [Option<Clue>; test::NEEDS],
}

/// A rule for a source.
pub(super) const fn rule(source: Source, tests: &'static [Test]) -> Rule {
    Rule {
        source,
        tests,
        needs: test::needs(tests),
    }
}

impl Rule {
    fn holds(&self, survey: &Survey<'_>, because: &mut Because) -> bool {
        let mut needs = self.needs.iter().flatten();
        needs.all(|clue| survey.seen.has(*clue)) && because.attempt(self.tests, survey)
    }
}

/// The source whose rule holds, and the clues it holds by.
pub(in crate::source) fn decide(survey: &Survey<'_>) -> Option<(Source, Because)> {
    complete(survey).or_else(|| first(&[PARTIAL, PARTIAL_REQUESTS], survey))
}

/// The same for events that have the keys to decide by.
fn complete(survey: &Survey<'_>) -> Option<(Source, Because)> {
    let records = if survey.list == List::None { &[] } else { RECORDS };
    first(&[SETTLED, records, STREAMS, REQUESTS, SERVICES], survey)
}

fn first(tables: &[&'static [Rule]], survey: &Survey<'_>) -> Option<(Source, Because)> {
    let mut because = Because::new();
    let holds = |rules: &&'static [Rule]| rules.iter().find(|rule| rule.holds(survey, &mut because));
    let rule = tables.iter().find_map(holds)?;
    Some((rule.source, because))
}

/// Whether what follows `clue` may be left unread, by the kind of its value, whose first byte is `first`.
pub(in crate::source) fn may_settle(clue: Clue, first: &[u8]) -> bool {
    use Clue::{AwslogsData, Body, Elb, Events, Items, Messages, RmqMessagesByQueue};
    match clue {
        AwslogsData | Body => true,
        Elb | Events | Items | Messages | RmqMessagesByQueue => first != b"\"",
        _ => false,
    }
}

/// The same by the text of its value.
pub(in crate::source) fn may_settle_by_text(clue: Clue) -> bool {
    use Clue::{DetailType, Elb, EventSource, Events, Items, Messages};
    use Clue::{RecordSource, RecordSourceCapital, Source};
    matches!(
        clue,
        DetailType
            | Elb
            | EventSource
            | Events
            | Items
            | Messages
            | RecordSource
            | RecordSourceCapital
            | Source
    )
}

/// Whether nothing that can follow changes the answer. A request's `body` is such a point: only proxy requests
/// carry text there, and everything that tells them from each other stands in `requestContext`. What is partial has
/// to be read to its end, for the keys that seem to be left out may follow.
///
/// `clue` is the one just noted: what holds only now holds by it.
pub(in crate::source) fn settled(survey: &Survey<'_>, clue: Clue) -> bool {
    let mut rules = SETTLED.iter().filter(|rule| rule.needs.contains(&Some(clue)));
    rules.any(|rule| rule.holds(survey, &mut Because::new()))
        || clue == Clue::Body
            && Because::new().attempt(&[String(Clue::Body), Object(Clue::RequestContext)], survey)
            && complete(survey).is_some_and(|(source, _)| PROXIES.contains(&source))
}

const PROXIES: &[Source] = &[
    Source::ApiGatewayRest,
    Source::ApiGatewayHttp,
    Source::ApiGatewayWebsocket,
    Source::FunctionUrl,
];
