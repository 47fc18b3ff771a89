//! The rules of all [facts](super::facts), in stages. The first rule that holds decides.

use super::Source;
use super::check::RuleEvidence;
use super::clue::Clue;
use super::clues::Clues;
use super::facts::Stage;
use super::packed::{Packed, PackedTables, Sizes, Tables, Written, count, ordered, sizes};
use super::survey::{List, Survey};
use super::test::named;
use std::ops::Range;

/// All rules, in the order in which they are tried.
const WRITTEN: [Written; count(Source::RULES)] = ordered(Source::RULES);

const SIZES: Sizes = sizes(&WRITTEN);

static STORE: PackedTables<{ SIZES.rules }, { SIZES.tests }, { SIZES.texts }, { SIZES.bytes }> =
    PackedTables::of(&WRITTEN);

const TABLES: Tables = Tables {
    rules: &STORE.rules,
    checks: &STORE.checks,
    texts: &STORE.texts,
    bytes: &STORE.bytes,
};

/// The end of each stage.
const ENDS: [usize; Stage::COUNT] = {
    let (mut ends, mut index) = ([0; Stage::COUNT], 0);
    while index < WRITTEN.len() {
        let mut stage = WRITTEN[index].rule.stage as usize;
        while stage < Stage::COUNT {
            ends[stage] += 1;
            stage += 1;
        }
        index += 1;
    }
    ends
};

const SETTLED_END: usize = ENDS[Stage::Settled as usize];
const RECORDS_END: usize = ENDS[Stage::Records as usize];
const STREAMS_END: usize = ENDS[Stage::Streams as usize];
const COMPLETE_END: usize = ENDS[Stage::Services as usize];

/// One clue of each rule of a stage: without any of them, none of the rules holds.
const fn firsts(stage: Stage) -> Clues {
    let (mut clues, mut rules): (_, &[Written]) = (Clues::NONE, &WRITTEN);
    while let [rule, behind @ ..] = rules {
        rules = behind;
        if rule.rule.stage as usize == stage as usize {
            clues = rule.needs.first(clues);
        }
    }
    clues
}

const SETTLING_FIRST: Clues = firsts(Stage::Settled);
const STREAMING_FIRST: Clues = firsts(Stage::Streams);

impl Packed {
    #[inline(always)]
    fn holds(&self, survey: &Survey<'_>, evidence: &mut RuleEvidence) -> bool {
        survey.seen.meet(&self.needs) && evidence.attempt(self.tests, &TABLES, survey)
    }
}

/// The source whose rule holds, and the clues by which it holds.
pub(super) fn decide(survey: &Survey<'_>) -> Option<(Source, RuleEvidence)> {
    complete(survey).or_else(|| first(COMPLETE_END..TABLES.rules.len(), survey))
}

/// The same for events with conclusive keys.
fn complete(survey: &Survey<'_>) -> Option<(Source, RuleEvidence)> {
    match survey.list {
        // A request has none of the clues of the first lists, so one check replaces several.
        List::None => listed(&SETTLING_FIRST, 0..SETTLED_END, survey)
            .or_else(|| listed(&STREAMING_FIRST, RECORDS_END..STREAMS_END, survey))
            .or_else(|| first(STREAMS_END..COMPLETE_END, survey)),
        List::Records if is_plain_stream(survey) => first(SETTLED_END..COMPLETE_END, survey),
        List::Records | List::Bare => first(0..COMPLETE_END, survey),
    }
}

/// The first of the rules that holds; each needs one of the clues.
fn listed(needs: &Clues, rules: Range<usize>, survey: &Survey<'_>) -> Option<(Source, RuleEvidence)> {
    if survey.seen.overlap(needs) {
        first(rules, survey)
    } else {
        None
    }
}

fn first(rules: Range<usize>, survey: &Survey<'_>) -> Option<(Source, RuleEvidence)> {
    let mut evidence = RuleEvidence::new();
    let mut rules = TABLES.rules[rules].iter();
    let rule = rules.find(|rule| rule.holds(survey, &mut evidence))?;
    Some((rule.source, evidence))
}

/// Whether the payload after `clue` may be left unread, judging by the first byte of its value.
pub(super) fn may_settle(clue: Clue, first: &[u8]) -> bool {
    use Clue::{AwslogsData, Elb, Events, InitialExecutionState, Items, Messages, RmqMessagesByQueue};
    match clue {
        AwslogsData | InitialExecutionState => true,
        Elb | Events | Items | Messages | RmqMessagesByQueue => first != b"\"",
        _ => false,
    }
}

/// The same, judging by the text of its value.
pub(super) fn may_settle_by_text(clue: Clue) -> bool {
    use Clue::{CheckpointToken, DetailType, DurableExecutionArn, Elb, EventSource, Events, Items};
    use Clue::{Messages, RecordSource, RecordSourceCapital, Source};
    matches!(
        clue,
        CheckpointToken
            | DetailType
            | DurableExecutionArn
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

/// Whether nothing that follows can change the answer. Partial events must be read to their end, because missing keys
/// may still follow, and requests because of `version`.
///
/// `clue` is the one that was just noted: a rule that holds only now holds because of it.
pub(super) fn settled(survey: &Survey<'_>, clue: Clue) -> bool {
    if clue == Clue::RecordSource && is_plain_stream(survey) {
        return false;
    }
    let mut rules = TABLES.rules[..SETTLED_END].iter();
    rules.any(|rule| rule.needs.name(clue) && rule.holds(survey, &mut RuleEvidence::new()))
}

/// How many sources have a conclusive rule.
#[cfg(fuzzing)]
pub(super) fn settling(survey: &Survey<'_>) -> usize {
    let rules = TABLES.rules[..SETTLED_END].iter();
    let holding = rules.filter(|rule| rule.holds(survey, &mut RuleEvidence::new()));
    holding
        .map(|rule| rule.source.as_str())
        .collect::<std::collections::BTreeSet<_>>()
        .len()
}

/// Whether the records are a stream's, and there is nothing else by which a conclusive rule could have held. Then none
/// has, and checking each rule is unnecessary; there are many such small events.
fn is_plain_stream(survey: &Survey<'_>) -> bool {
    let source = survey.value(Clue::RecordSource);
    matches!(source, b"\"aws:kinesis\"" | b"\"aws:dynamodb\"") && !survey.seen.overlap(&SETTLING)
}

/// The clues of conclusive rules, besides the `eventSource` of records.
const SETTLING: Clues = {
    let (mut clues, mut index) = (Clues::NONE, 0);
    while index < SETTLED_END {
        clues = clues.and(&named(WRITTEN[index].rule.tests));
        index += 1;
    }
    clues.without(Clue::RecordSource)
};

#[cfg(test)]
mod tests {
    use super::*;

    /// A rule knows the clues it names and no others: what does not hold for these does not hold for any plain stream.
    #[test]
    fn no_rule_that_settles_the_matter_holds_for_a_plain_stream() {
        for source in ["aws:kinesis", "aws:dynamodb"] {
            let plain = format!(r#"{{"Records":[{{"eventSource":"{source}"}}]}}"#);
            let mut survey = Survey::new(plain.as_bytes());
            survey.read().unwrap();
            assert!(is_plain_stream(&survey));
            assert!(first(0..SETTLED_END, &survey).is_none());
        }
    }

    /// So one check of these clues is enough to rule out all rules.
    #[test]
    fn the_first_lists_have_no_rule_that_holds_by_what_is_not_there() {
        let empty = Survey::new(b"{}");
        for rule in WRITTEN[..SETTLED_END]
            .iter()
            .chain(&WRITTEN[RECORDS_END..STREAMS_END])
        {
            assert!(!empty.seen.meet(&rule.needs), "{:?}", rule.source);
        }
    }

    #[test]
    fn what_could_settle_the_matter_makes_a_stream_less_plain() {
        for (key, plain) in [
            (r#""window":{}"#, false),
            (r#""state":null"#, false),
            (r#""detail-type":"x""#, false),
            (r#""other":{"window":{}}"#, true),
        ] {
            let payload = format!(r#"{{{key},"Records":[{{"eventSource":"aws:kinesis"}}]}}"#);
            let mut survey = Survey::new(payload.as_bytes());
            // A window ahead of its records settles the matter.
            let _ = survey.read();
            assert_eq!(is_plain_stream(&survey), plain, "{key}");
        }
    }
}
