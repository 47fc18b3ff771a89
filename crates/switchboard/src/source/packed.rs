//! The rules as detection reads them: numbers alone. Whoever starts the process waits until every pointer in its tables has
//! been given its address and every page of them its copy, and the rules as they are written are little but pointers.

use super::Source;
use super::check::Check;
use super::clues::Needs;
use super::test::{Test, needs};

/// Neighbours in a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    start: u16,
    end: u16,
}

impl Span {
    const NONE: Self = Self { start: 0, end: 0 };

    const fn new(start: usize, end: usize) -> Self {
        assert!(end <= u16::MAX as usize, "the rules have outgrown their numbers");
        Self {
            start: start as u16,
            end: end as u16,
        }
    }

    pub(super) fn of<T>(self, table: &[T]) -> &[T] {
        &table[self.start as usize..self.end as usize]
    }
}

/// A source, and all that must hold for it.
#[derive(Clone, Copy)]
pub(super) struct Rule<T = &'static [Test]> {
    pub(super) source: Source,
    pub(super) tests: T,
    /// Clues that must be there for the tests to hold: most rules fall at this one look.
    pub(super) needs: Needs,
}

/// A rule as it is written.
pub(super) const fn rule(source: Source, tests: &'static [Test]) -> Rule {
    Rule {
        source,
        tests,
        needs: needs(tests),
    }
}

/// The tables, for those who read them.
#[derive(Clone, Copy)]
pub(super) struct Tables {
    pub(super) rules: &'static [Rule<Span>],
    pub(super) checks: &'static [Check],
    pub(super) texts: &'static [Span],
    pub(super) bytes: &'static [u8],
}

impl Tables {
    /// The texts of a list.
    pub(super) fn texts(&self, texts: Span) -> impl Iterator<Item = &'static [u8]> + use<> {
        let bytes = self.bytes;
        texts.of(self.texts).iter().map(move |text| text.of(bytes))
    }
}

/// How much of each there is.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub(super) rules: usize,
    pub(super) tests: usize,
    pub(super) texts: usize,
    pub(super) bytes: usize,
}

/// How much of each these rules have.
pub(super) const fn sizes(mut lists: &[&[Rule]]) -> Sizes {
    let mut sizes = Sizes {
        rules: 0,
        tests: 0,
        texts: 0,
        bytes: 0,
    };
    while let [list, behind @ ..] = lists {
        lists = behind;
        let mut rules: &[Rule] = list;
        while let [rule, behind @ ..] = rules {
            rules = behind;
            sizes.rules += 1;
            sizes.add(rule.tests);
        }
    }
    sizes
}

impl Sizes {
    const fn add(&mut self, mut tests: &[Test]) {
        while let [test, behind @ ..] = tests {
            tests = behind;
            self.tests += 1;
            match *test {
                Test::Any(inner) | Test::All(inner) => self.add(inner),
                Test::Is(_, mut texts) | Test::Isnt(_, mut texts) => {
                    while let [text, behind @ ..] = texts {
                        texts = behind;
                        self.texts += 1;
                        self.bytes += text.len();
                    }
                }
                Test::Part(_, text) | Test::Host(_, text) | Test::Sans(_, text) => self.bytes += text.len(),
                _ => {}
            }
        }
    }
}

/// The tables themselves.
pub(super) struct Store<const RULES: usize, const TESTS: usize, const TEXTS: usize, const BYTES: usize> {
    pub(super) rules: [Rule<Span>; RULES],
    pub(super) checks: [Check; TESTS],
    pub(super) texts: [Span; TEXTS],
    pub(super) bytes: [u8; BYTES],
    /// How much is in them.
    filled: Sizes,
}

impl<const RULES: usize, const TESTS: usize, const TEXTS: usize, const BYTES: usize>
    Store<RULES, TESTS, TEXTS, BYTES>
{
    /// These rules, list after list.
    pub(super) const fn of(mut lists: &[&[Rule]]) -> Self {
        let mut store = Self {
            rules: [Rule {
                source: Source::Unknown,
                tests: Span::NONE,
                needs: Needs::NONE,
            }; RULES],
            checks: [Check::All(Span::NONE); TESTS],
            texts: [Span::NONE; TEXTS],
            bytes: [0; BYTES],
            filled: sizes(&[]),
        };
        while let [list, behind @ ..] = lists {
            lists = behind;
            let mut rules: &[Rule] = list;
            while let [rule, behind @ ..] = rules {
                rules = behind;
                store.rules[store.filled.rules] = Rule {
                    source: rule.source,
                    tests: store.checks(rule.tests),
                    needs: rule.needs,
                };
                store.filled.rules += 1;
            }
        }
        store
    }

    /// Tests that belong together stand side by side, what is inside of them behind them.
    const fn checks(&mut self, tests: &[Test]) -> Span {
        let start = self.filled.tests;
        self.filled.tests += tests.len();
        let mut index = 0;
        while index < tests.len() {
            self.checks[start + index] = self.check(tests[index]);
            index += 1;
        }
        Span::new(start, start + tests.len())
    }

    const fn check(&mut self, test: Test) -> Check {
        match test {
            Test::Has(clue) => Check::Has(clue),
            Test::Named(clue) => Check::Named(clue),
            Test::Lacks(clue) => Check::Lacks(clue),
            Test::Object(clue) => Check::Object(clue),
            Test::String(clue) => Check::String(clue),
            Test::Shown(clue) => Check::Shown(clue),
            Test::Also(clue) => Check::Also(clue),
            Test::In(list) => Check::In(list),
            Test::Is(clue, texts) => Check::Is(clue, self.texts(texts)),
            Test::Isnt(clue, texts) => Check::Isnt(clue, self.texts(texts)),
            Test::Part(clue, text) => Check::Part(clue, self.text(text)),
            Test::Host(clue, text) => Check::Host(clue, self.text(text)),
            Test::Sans(clue, text) => Check::Sans(clue, self.text(text)),
            Test::Any(tests) => Check::Any(self.checks(tests)),
            Test::All(tests) => Check::All(self.checks(tests)),
        }
    }

    const fn texts(&mut self, mut texts: &[&str]) -> Span {
        let start = self.filled.texts;
        while let [text, behind @ ..] = texts {
            texts = behind;
            self.texts[self.filled.texts] = self.text(text);
            self.filled.texts += 1;
        }
        Span::new(start, self.filled.texts)
    }

    const fn text(&mut self, text: &str) -> Span {
        let start = self.filled.bytes;
        let mut rest = text.as_bytes();
        while let [byte, behind @ ..] = rest {
            rest = behind;
            self.bytes[self.filled.bytes] = *byte;
            self.filled.bytes += 1;
        }
        Span::new(start, self.filled.bytes)
    }
}
