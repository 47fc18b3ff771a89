//! What a rule is, and how the tables of rules are read.

use super::super::Source;
use super::super::clue::Clue;
use super::super::clues::Clues;
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
    /// The clues that must be there for the tests to hold: most rules fall at this one look.
    needs: Clues,
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
        survey.seen.contains(self.needs) && because.attempt(self.tests, survey)
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

fn first(tables: &[&[Rule]], survey: &Survey<'_>) -> Option<(Source, Because)> {
    let mut because = Because::new();
    let mut rules = tables.iter().copied().flatten();
    let rule = rules.find(|rule| rule.holds(survey, &mut because))?;
    Some((rule.source, because))
}

/// Whether what follows `clue` may be left unread; asked before its value is read, and after if that's a string.
pub(in crate::source) fn may_settle(clue: Clue) -> bool {
    use Clue::{AwslogsData, Body, DetailType, Elb, EventSource, Events, Items, Messages};
    use Clue::{RecordSource, RecordSourceCapital, RmqMessagesByQueue, Source};
    matches!(
        clue,
        AwslogsData
            | Body
            | DetailType
            | Elb
            | EventSource
            | Events
            | Items
            | Messages
            | RecordSource
            | RecordSourceCapital
            | RmqMessagesByQueue
            | Source
    )
}

/// Whether nothing that can follow changes the answer. A request's `body` is such a point: only proxy requests
/// carry text there, and everything that tells them from each other stands in `requestContext`. What is partial has
/// to be read to its end, for the keys that seem to be left out may follow.
pub(in crate::source) fn settled(survey: &Survey<'_>) -> bool {
    SETTLED.iter().any(|rule| rule.holds(survey, &mut Because::new()))
        || Because::new().attempt(&[String(Clue::Body), Object(Clue::RequestContext)], survey)
            && complete(survey).is_some_and(|(source, _)| PROXIES.contains(&source))
}

const PROXIES: &[Source] = &[
    Source::ApiGatewayRest,
    Source::ApiGatewayHttp,
    Source::ApiGatewayWebsocket,
    Source::FunctionUrl,
];
