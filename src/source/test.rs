//! What a rule can ask of a payload's clues.

use super::clue::Clue;
use super::survey::{List, Survey};

/// One thing a rule asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Test {
    /// The key is there and not null.
    Has(Clue),
    /// The key is there, if only with null.
    Named(Clue),
    /// The key isn't there, or is null.
    Lacks(Clue),
    /// The value is an object.
    Object(Clue),
    /// The value is a string; the evidence keeps it to itself.
    String(Clue),
    /// The value is a string that the evidence shows.
    Shown(Clue),
    /// The value is one of these strings.
    Is(Clue, &'static [&'static str]),
    /// The value is none of these strings.
    Isnt(Clue, &'static [&'static str]),
    /// The value is a string with this in it.
    Part(Clue, &'static str),
    /// This is somewhere in the value, whatever that is.
    Holds(Clue, &'static str),
    /// The value is a string without this in it.
    Sans(Clue, &'static str),
    /// Asks for nothing; the evidence shows the value if it is a string.
    Also(Clue),
    /// The first record was looked for there.
    In(List),
    /// One of these holds.
    Any(&'static [Test]),
    /// All of these hold.
    All(&'static [Test]),
}

impl Test {
    /// Whether the test holds; what it holds by is added to `because`.
    pub(super) fn holds(&self, survey: &Survey<'_>, because: &mut Because) -> bool {
        let (holds, clue, shown) = match *self {
            Test::Is(clue, texts) => (survey.is_one_of(clue, texts), clue, true),
            Test::Has(clue) => (survey.has(clue), clue, false),
            Test::Named(clue) => (survey.first(clue).is_some(), clue, false),
            Test::Object(clue) => (survey.first(clue) == Some(b'{'), clue, false),
            Test::String(clue) => (survey.first(clue) == Some(b'"'), clue, false),
            Test::Shown(clue) | Test::Also(clue) => (survey.text(clue).is_some(), clue, true),
            Test::Part(clue, part) => (
                survey.text(clue).is_some_and(|text| contains(&text, part)),
                clue,
                true,
            ),
            Test::Sans(clue, part) => (
                survey.text(clue).is_some_and(|text| !contains(&text, part)),
                clue,
                true,
            ),
            Test::Holds(clue, part) => (
                memchr::memmem::find(survey.value(clue), part.as_bytes()).is_some(),
                clue,
                false,
            ),
            Test::Lacks(clue) => return !survey.has(clue),
            Test::Isnt(clue, texts) => return !survey.is_one_of(clue, texts),
            Test::In(list) => return survey.list == list,
            Test::Any(tests) => return tests.iter().any(|test| test.holds(survey, because)),
            Test::All(tests) => return because.attempt(tests, survey),
        };
        if holds {
            because.add(clue, shown);
        }
        holds || matches!(self, Test::Also(_))
    }
}

/// How many clues [`needs`] names at most.
pub(super) const NEEDS: usize = 4;

/// The first clues without which `tests` cannot all hold.
pub(super) const fn needs(tests: &[Test]) -> [Option<Clue>; NEEDS] {
    let mut clues = [None; NEEDS];
    let mut count = 0;
    let mut rest = tests;
    while let [test, behind @ ..] = rest {
        rest = behind;
        let clue = match *test {
            Test::Has(clue) | Test::Named(clue) | Test::Object(clue) | Test::String(clue) => clue,
            Test::Shown(clue) | Test::Is(clue, _) | Test::Part(clue, _) => clue,
            Test::Holds(clue, _) | Test::Sans(clue, _) => clue,
            Test::In(List::Records) => Clue::Records,
            Test::Lacks(_) | Test::Isnt(..) | Test::Also(_) => continue,
            Test::In(_) | Test::Any(_) | Test::All(_) => continue,
        };
        if count < NEEDS {
            clues[count] = Some(clue);
            count += 1;
        }
    }
    clues
}

fn contains(text: &[u8], part: &str) -> bool {
    // The texts are names, too short for a search that has to be prepared.
    text.windows(part.len()).any(|window| window == part.as_bytes())
}

/// The clues a rule holds by, and whether their values may be shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Because {
    clues: [(Clue, bool); Because::MOST],
    count: usize,
}

impl Because {
    /// How many clues are kept; no rule needs more.
    pub(super) const MOST: usize = 6;

    /// No clue yet.
    pub(super) fn new() -> Self {
        Because {
            clues: [(Clue::ALL[0], false); Because::MOST],
            count: 0,
        }
    }

    /// The clues in the order of the rule's tests.
    pub(super) fn clues(&self) -> &[(Clue, bool)] {
        &self.clues[..self.count]
    }

    /// Whether all tests hold; if not, nothing is added.
    pub(super) fn attempt(&mut self, tests: &[Test], survey: &Survey<'_>) -> bool {
        let before = self.count;
        let holds = tests.iter().all(|test| test.holds(survey, self));
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
