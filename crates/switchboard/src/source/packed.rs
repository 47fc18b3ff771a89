//! The rules as detection reads them: numbers only. At start-up a process waits until every pointer in its tables is
//! relocated and every such page is copied, and the rules as they are written consist mostly of pointers.

use super::Source;
use super::check::Check;
use super::clues::RequiredClues;
use super::facts::Rule;
use super::test::{Test, needs};

/// Consecutive entries of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct TableRange {
    start: u16,
    end: u16,
}

impl TableRange {
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
pub(super) struct Packed {
    pub(super) source: Source,
    pub(super) tests: TableRange,
    /// Clues without which the tests cannot hold: this check alone rules out most rules.
    pub(super) needs: RequiredClues,
}

/// The same as it is written.
#[derive(Clone, Copy)]
pub(super) struct Written {
    pub(super) source: Source,
    pub(super) rule: Rule,
    pub(super) needs: RequiredClues,
}

impl Written {
    /// Whether it is tried before the other one. Two rules cannot share a place, because their order would be
    /// arbitrary.
    const fn is_before(&self, other: &Self) -> bool {
        let (stage, other_stage) = (self.rule.stage as usize, other.rule.stage as usize);
        let (place, other_place) = (self.rule.place, other.rule.place);
        assert!(
            stage != other_stage || place != other_place,
            "two rules of a stage have one place"
        );
        stage < other_stage || (stage == other_stage && place < other_place)
    }
}

/// The number of rules.
pub(super) const fn count(mut sources: &[(Source, &[Rule])]) -> usize {
    let mut count = 0;
    while let [(_, rules), behind @ ..] = sources {
        sources = behind;
        count += rules.len();
    }
    count
}

/// All rules, in the order in which they are tried.
pub(super) const fn ordered<const RULES: usize>(mut sources: &[(Source, &[Rule])]) -> [Written; RULES] {
    let mut written = [None; RULES];
    let mut end = 0;
    while let [(source, rules), behind @ ..] = sources {
        sources = behind;
        let mut rules: &[Rule] = rules;
        while let [rule, behind @ ..] = rules {
            rules = behind;
            insert(
                &mut written,
                end,
                Written {
                    source: *source,
                    rule: *rule,
                    needs: needs(rule.tests),
                },
            );
            end += 1;
        }
    }
    unwrapped(&written)
}

/// Inserts a rule among the first `end` ones, which are in order.
const fn insert(written: &mut [Option<Written>], end: usize, rule: Written) {
    let mut at = end;
    while at > 0 {
        let Some(before) = written[at - 1] else { break };
        if before.is_before(&rule) {
            break;
        }
        written[at] = Some(before);
        at -= 1;
    }
    written[at] = Some(rule);
}

const fn unwrapped<const RULES: usize>(written: &[Option<Written>; RULES]) -> [Written; RULES] {
    let Some(first) = written[0] else {
        panic!("there are rules")
    };
    let (mut all, mut index) = ([first; RULES], 0);
    while index < RULES {
        if let Some(rule) = written[index] {
            all[index] = rule;
        }
        index += 1;
    }
    all
}

/// Read access to the tables.
#[derive(Clone, Copy)]
pub(super) struct Tables {
    pub(super) rules: &'static [Packed],
    pub(super) checks: &'static [Check],
    pub(super) texts: &'static [TableRange],
    pub(super) bytes: &'static [u8],
}

impl Tables {
    /// The texts of a list.
    pub(super) fn texts(&self, texts: TableRange) -> impl Iterator<Item = &'static [u8]> + use<> {
        let bytes = self.bytes;
        texts.of(self.texts).iter().map(move |text| text.of(bytes))
    }
}

/// How many entries each table has.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub(super) rules: usize,
    pub(super) tests: usize,
    pub(super) texts: usize,
    pub(super) bytes: usize,
}

/// How many entries these rules need in each table.
pub(super) const fn sizes(mut rules: &[Written]) -> Sizes {
    let mut sizes = Sizes {
        rules: 0,
        tests: 0,
        texts: 0,
        bytes: 0,
    };
    while let [written, behind @ ..] = rules {
        rules = behind;
        sizes.rules += 1;
        sizes.add(written.rule.tests);
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
                Test::Is(_, mut texts) | Test::IsNot(_, mut texts) => {
                    while let [text, behind @ ..] = texts {
                        texts = behind;
                        self.texts += 1;
                        self.bytes += text.len();
                    }
                }
                Test::Contains(_, text) | Test::Host(_, text) | Test::DoesNotContain(_, text) => {
                    self.bytes += text.len()
                }
                _ => {}
            }
        }
    }
}

/// The tables themselves.
pub(super) struct PackedTables<const RULES: usize, const TESTS: usize, const TEXTS: usize, const BYTES: usize>
{
    pub(super) rules: [Packed; RULES],
    pub(super) checks: [Check; TESTS],
    pub(super) texts: [TableRange; TEXTS],
    pub(super) bytes: [u8; BYTES],
    /// How many entries are filled.
    filled: Sizes,
}

impl<const RULES: usize, const TESTS: usize, const TEXTS: usize, const BYTES: usize>
    PackedTables<RULES, TESTS, TEXTS, BYTES>
{
    /// These rules, in their order.
    pub(super) const fn of(mut rules: &[Written]) -> Self {
        let mut store = Self {
            rules: [Packed {
                source: Source::Unknown,
                tests: TableRange::NONE,
                needs: RequiredClues::NONE,
            }; RULES],
            checks: [Check::All(TableRange::NONE); TESTS],
            texts: [TableRange::NONE; TEXTS],
            bytes: [0; BYTES],
            filled: sizes(&[]),
        };
        while let [written, behind @ ..] = rules {
            rules = behind;
            store.rules[store.filled.rules] = Packed {
                source: written.source,
                tests: store.checks(written.rule.tests),
                needs: written.needs,
            };
            store.filled.rules += 1;
        }
        store
    }

    /// Adds tests that belong together side by side, with their nested tests after them.
    const fn checks(&mut self, tests: &[Test]) -> TableRange {
        let start = self.filled.tests;
        self.filled.tests += tests.len();
        let mut index = 0;
        while index < tests.len() {
            self.checks[start + index] = self.check(tests[index]);
            index += 1;
        }
        TableRange::new(start, start + tests.len())
    }

    const fn check(&mut self, test: Test) -> Check {
        match test {
            Test::Has(clue) => Check::Has(clue),
            Test::Named(clue) => Check::Named(clue),
            Test::Lacks(clue) => Check::Lacks(clue),
            Test::Object(clue) => Check::Object(clue),
            Test::String(clue) => Check::String(clue),
            Test::Shown(clue) => Check::Shown(clue),
            Test::Show(clue) => Check::Show(clue),
            Test::In(list) => Check::In(list),
            Test::Is(clue, texts) => Check::Is(clue, self.texts(texts)),
            Test::IsNot(clue, texts) => Check::IsNot(clue, self.texts(texts)),
            Test::Contains(clue, text) => Check::Contains(clue, self.text(text)),
            Test::Host(clue, text) => Check::Host(clue, self.text(text)),
            Test::DoesNotContain(clue, text) => Check::DoesNotContain(clue, self.text(text)),
            Test::Any(tests) => Check::Any(self.checks(tests)),
            Test::All(tests) => Check::All(self.checks(tests)),
        }
    }

    const fn texts(&mut self, mut texts: &[&str]) -> TableRange {
        let start = self.filled.texts;
        while let [text, behind @ ..] = texts {
            texts = behind;
            self.texts[self.filled.texts] = self.text(text);
            self.filled.texts += 1;
        }
        TableRange::new(start, self.filled.texts)
    }

    const fn text(&mut self, text: &str) -> TableRange {
        let start = self.filled.bytes;
        let mut rest = text.as_bytes();
        while let [byte, behind @ ..] = rest {
            rest = behind;
            self.bytes[self.filled.bytes] = *byte;
            self.filled.bytes += 1;
        }
        TableRange::new(start, self.filled.bytes)
    }
}
