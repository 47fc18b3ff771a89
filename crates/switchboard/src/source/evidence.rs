//! What decided, in words.

use super::check::RuleEvidence;
use super::clue::Clue;
use super::survey::{List, Survey, unescaped};
use std::fmt;

/// How many bytes of a value are shown.
const SHOWN: usize = 64;

/// The clues that decided, or the reason why the source is unknown.
#[derive(Clone, Debug)]
pub(super) enum Evidence<'p> {
    /// The clues, in the order of the rule.
    Clues([Option<Line<'p>>; RuleEvidence::MOST]),
    /// Why the source is unknown.
    Reason(String),
}

impl<'p> Evidence<'p> {
    /// The clues by which a rule holds, with their values.
    pub(super) fn of(survey: &Survey<'p>, found: &RuleEvidence) -> Self {
        let mut lines = [None; RuleEvidence::MOST];
        for (line, (clue, shown)) in lines.iter_mut().zip(found.clues()) {
            let value = if *shown { survey.value(*clue) } else { b"" };
            *line = Some(Line {
                list: survey.list,
                clue: *clue,
                value,
            });
        }
        Evidence::Clues(lines)
    }

    /// One line for each clue, or the reason.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let (clues, reason) = match self {
            Evidence::Clues(clues) => (&clues[..], None),
            Evidence::Reason(reason) => (&[][..], Some(reason.clone())),
        };
        clues.iter().flatten().map(Line::to_string).chain(reason)
    }
}

/// A clue and its value as the payload writes it; empty if it must not be shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'p> {
    list: List,
    clue: Clue,
    value: &'p [u8],
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.clue.place().path();
        match path.strip_prefix('*') {
            Some(rest) if self.list == List::Bare => write!(f, "[0]{rest}")?,
            Some(rest) => write!(f, "Records[0]{rest}")?,
            None => f.write_str(path)?,
        }
        f.write_str(&String::from_utf8_lossy(self.clue.key()))?;
        match self
            .value
            .strip_prefix(b"\"")
            .and_then(|text| text.strip_suffix(b"\""))
        {
            Some(text) => write!(f, " = {}", Quoted(&unescaped(text))),
            None => Ok(()),
        }
    }
}

/// Text from a payload as people see it: quoted, cut to [`SHOWN`] bytes, control characters escaped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quoted<'t>(pub(super) &'t [u8]);

impl Quoted<'_> {
    /// The text without quotes.
    pub(super) fn bare(self) -> String {
        let text = String::from_utf8_lossy(self.0);
        let ends = text.char_indices().map(|(start, char)| start + char.len_utf8());
        let cut = ends.take_while(|end| *end <= SHOWN).last().unwrap_or_default();
        let shown = text[..cut].escape_debug();
        if cut < text.len() {
            format!("{shown}…")
        } else {
            shown.to_string()
        }
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.bare())
    }
}
