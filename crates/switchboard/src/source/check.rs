//! How a rule, in its [packed](super::packed) form, is checked against a payload's clues.

use super::clue::Clue;
use super::outline::Entries;
use super::packed::{TableRange, Tables};
use super::survey::{List, Survey, unescaped};

/// A [`Test`](super::test::Test) whose lists and texts are in tables.
#[derive(Clone, Copy, Debug)]
pub(super) enum Check {
    Has(Clue),
    Named(Clue),
    Lacks(Clue),
    Object(Clue),
    String(Clue),
    Shown(Clue),
    Is(Clue, TableRange),
    IsNot(Clue, TableRange),
    Contains(Clue, TableRange),
    Host(Clue, TableRange),
    DoesNotContain(Clue, TableRange),
    Show(Clue),
    In(List),
    Any(TableRange),
    All(TableRange),
}

impl Check {
    /// Whether it holds; the clues by which it holds are added to `evidence`.
    fn holds(&self, tables: &Tables, survey: &Survey<'_>, evidence: &mut RuleEvidence) -> bool {
        let (holds, clue, shown) = match *self {
            Check::Is(clue, texts) => (survey.is_one_of(clue, tables.texts(texts)), clue, true),
            Check::Has(clue) => (survey.has(clue), clue, false),
            Check::Named(clue) => (survey.first(clue).is_some(), clue, false),
            Check::Object(clue) => (survey.first(clue) == Some(b'{'), clue, false),
            Check::String(clue) => (survey.first(clue) == Some(b'"'), clue, false),
            Check::Shown(clue) | Check::Show(clue) => (survey.text(clue).is_some(), clue, true),
            Check::Contains(clue, part) => (
                survey
                    .text(clue)
                    .is_some_and(|text| contains(&text, part.of(tables.bytes))),
                clue,
                true,
            ),
            Check::DoesNotContain(clue, part) => (
                survey
                    .text(clue)
                    .is_some_and(|text| !contains(&text, part.of(tables.bytes))),
                clue,
                true,
            ),
            Check::Host(clue, part) => (is_host(survey.value(clue), part.of(tables.bytes)), clue, false),
            Check::Lacks(clue) => return !survey.has(clue),
            Check::IsNot(clue, texts) => return !survey.is_one_of(clue, tables.texts(texts)),
            Check::In(list) => return survey.list == list,
            Check::Any(checks) => {
                let mut checks = checks.of(tables.checks).iter();
                return checks.any(|check| check.holds(tables, survey, evidence));
            }
            Check::All(checks) => return evidence.attempt(checks, tables, survey),
        };
        if holds {
            evidence.add(clue, shown);
        }
        holds || matches!(self, Check::Show(_))
    }
}

/// The texts are names, too short for a prepared search, and the part's first byte is rare in them.
fn contains(text: &[u8], part: &[u8]) -> bool {
    part.first()
        .is_none_or(|first| memchr::memchr_iter(*first, text).any(|at| text[at..].starts_with(part)))
}

/// Whether the header `host`, in any case, contains this. Other headers may contain anything.
fn is_host(headers: &[u8], part: &[u8]) -> bool {
    let headers = String::from_utf8_lossy(headers);
    let mut headers = Entries::of(&headers).into_iter().flatten();
    let host = headers.find(|(name, _)| name.eq_ignore_ascii_case("host"));
    host.is_some_and(|(_, value)| contains(&unescaped(value.trim_matches('"').as_bytes()), part))
}

/// The clues by which a rule holds, and whether their values may be shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct RuleEvidence {
    clues: [(Clue, bool); RuleEvidence::MOST],
    count: usize,
}

impl RuleEvidence {
    /// How many clues are kept; no rule needs more.
    pub(super) const MOST: usize = 6;

    /// No clue yet.
    pub(super) fn new() -> Self {
        RuleEvidence {
            clues: [(Clue::ALL[0], false); RuleEvidence::MOST],
            count: 0,
        }
    }

    /// The clues, in the order of the rule's checks.
    pub(super) fn clues(&self) -> &[(Clue, bool)] {
        &self.clues[..self.count]
    }

    /// Whether all checks hold; if not, nothing is added.
    #[inline(never)]
    pub(super) fn attempt(&mut self, checks: TableRange, tables: &Tables, survey: &Survey<'_>) -> bool {
        let before = self.count;
        let mut checks = checks.of(tables.checks).iter();
        let holds = checks.all(|check| check.holds(tables, survey, self));
        if !holds {
            self.count = before;
        }
        holds
    }

    fn add(&mut self, clue: Clue, shown: bool) {
        if let Some(slot) = self.clues.get_mut(self.count) {
            *slot = (clue, shown);
            self.count += 1;
        }
    }
}
