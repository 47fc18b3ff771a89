//! What a rule can ask of a payload's clues.

use super::clue::Clue;
use super::clues::{Clues, Needs};
use super::survey::List;

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
    /// The value is an object of headers, and the one called `host` has this in it.
    Host(Clue, &'static str),
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

/// All clues that `tests` ask about.
pub(super) const fn named(mut tests: &[Test]) -> Clues {
    let mut clues = Clues::NONE;
    while let [test, behind @ ..] = tests {
        tests = behind;
        clues = match *test {
            Test::Has(clue) | Test::Named(clue) | Test::Lacks(clue) | Test::Object(clue) => clues.with(clue),
            Test::String(clue) | Test::Shown(clue) | Test::Also(clue) => clues.with(clue),
            Test::Is(clue, _) | Test::Isnt(clue, _) | Test::Part(clue, _) => clues.with(clue),
            Test::Host(clue, _) | Test::Sans(clue, _) => clues.with(clue),
            Test::Any(inner) | Test::All(inner) => clues.and(&named(inner)),
            Test::In(_) => clues,
        };
    }
    clues
}

/// The first clues without which `tests` cannot all hold.
pub(super) const fn needs(tests: &[Test]) -> Needs {
    let mut needs = Needs::NONE;
    let mut rest = tests;
    while let [test, behind @ ..] = rest {
        rest = behind;
        let clue = match *test {
            Test::Has(clue) | Test::Named(clue) | Test::Object(clue) | Test::String(clue) => clue,
            Test::Shown(clue) | Test::Is(clue, _) | Test::Part(clue, _) => clue,
            Test::Host(clue, _) | Test::Sans(clue, _) => clue,
            Test::In(List::Records) => Clue::Records,
            Test::Lacks(_) | Test::Isnt(..) | Test::Also(_) => continue,
            Test::In(_) | Test::Any(_) | Test::All(_) => continue,
        };
        needs = needs.and(clue);
    }
    needs
}
