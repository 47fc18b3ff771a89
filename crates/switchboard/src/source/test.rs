//! The tests of a payload's clues that rules consist of.

use super::clue::Clue;
use super::clues::{Clues, RequiredClues};
use super::survey::List;

/// One condition of a rule.
#[derive(Clone, Copy, Debug)]
pub(super) enum Test {
    /// The key is present and not null.
    Has(Clue),
    /// The key is present, possibly null.
    Named(Clue),
    /// The key is missing or null.
    Lacks(Clue),
    /// The value is an object.
    Object(Clue),
    /// The value is a string, which the evidence does not show.
    String(Clue),
    /// The value is a string that the evidence shows.
    Shown(Clue),
    /// The value is one of these strings.
    Is(Clue, &'static [&'static str]),
    /// The value is none of these strings.
    IsNot(Clue, &'static [&'static str]),
    /// The value is a string that contains this.
    Contains(Clue, &'static str),
    /// The value is an object of headers, whose `host` contains this.
    Host(Clue, &'static str),
    /// The value is a string that does not contain this.
    DoesNotContain(Clue, &'static str),
    /// Always holds; the evidence shows the value if it is a string.
    Show(Clue),
    /// The first record was looked for there.
    In(List),
    /// One of these holds.
    Any(&'static [Test]),
    /// All of these hold.
    All(&'static [Test]),
}

/// All clues that `tests` use.
pub(super) const fn named(mut tests: &[Test]) -> Clues {
    let mut clues = Clues::NONE;
    while let [test, behind @ ..] = tests {
        tests = behind;
        clues = match *test {
            Test::Has(clue) | Test::Named(clue) | Test::Lacks(clue) | Test::Object(clue) => clues.with(clue),
            Test::String(clue) | Test::Shown(clue) | Test::Show(clue) => clues.with(clue),
            Test::Is(clue, _) | Test::IsNot(clue, _) | Test::Contains(clue, _) => clues.with(clue),
            Test::Host(clue, _) | Test::DoesNotContain(clue, _) => clues.with(clue),
            Test::Any(inner) | Test::All(inner) => clues.and(&named(inner)),
            Test::In(_) => clues,
        };
    }
    clues
}

/// The first clues without which `tests` cannot all hold.
pub(super) const fn needs(tests: &[Test]) -> RequiredClues {
    let mut needs = RequiredClues::NONE;
    let mut rest = tests;
    while let [test, behind @ ..] = rest {
        rest = behind;
        let clue = match *test {
            Test::Has(clue) | Test::Named(clue) | Test::Object(clue) | Test::String(clue) => clue,
            Test::Shown(clue) | Test::Is(clue, _) | Test::Contains(clue, _) => clue,
            Test::Host(clue, _) | Test::DoesNotContain(clue, _) => clue,
            Test::In(List::Records) => Clue::Records,
            Test::Lacks(_) | Test::IsNot(..) | Test::Show(_) => continue,
            Test::In(_) | Test::Any(_) | Test::All(_) => continue,
        };
        needs = needs.and(clue);
    }
    needs
}
