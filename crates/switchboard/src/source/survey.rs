//! One pass over a payload that notes its clues.

use super::clue::{Clue, Place};
use super::clues::Clues;
use super::rules;
use super::scan::{Broken, Cursor};
use super::tail;
use std::borrow::Cow;

/// Which list of records the payload has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum List {
    /// No list that detection knows.
    None,
    /// `Records`.
    Records,
    /// The payload itself is an array.
    Bare,
}

/// The clues in a payload.
#[derive(Clone, Debug)]
pub(super) struct Survey<'p> {
    /// Where the first record was looked for.
    pub(super) list: List,
    /// How many elements the last list has, once it has been read.
    pub(super) batch: Option<usize>,
    /// The clues that were found.
    pub(super) seen: Clues,
    /// The clues whose value is a string with escapes.
    escaped: Clues,
    payload: &'p [u8],
    /// Whether to read to the payload's end, even if the source is decided before.
    #[cfg(fuzzing)]
    whole: bool,
    /// Each clue's value as it is written, empty for a missing clue. Only the first byte of an object or array whose
    /// clues are noted, and of a string that is too long to matter.
    values: [ValueRange; Clue::ALL.len()],
}

/// The range of a value in the payload. It is half the size of a slice: there are many clues, few are present, and all
/// of them must be cleared for each payload.
#[derive(Clone, Copy, Debug, Default)]
struct ValueRange {
    start: u32,
    end: u32,
}

/// Why a survey stopped before the payload's end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    /// Nothing that follows can change the source.
    Settled,
    /// The payload is not JSON.
    Broken(Broken),
}

/// Longer strings, in bytes, never distinguish sources, and are taken as they are written.
const TELLING: usize = 1024;

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Stop::Broken(broken)
    }
}

impl<'p> Survey<'p> {
    /// No clue so far. Of a payload over 4 GB, a thousand times what Lambda delivers, only the first 4 GB are read.
    #[inline]
    pub(super) fn new(payload: &'p [u8]) -> Self {
        Survey {
            list: List::None,
            batch: None,
            seen: Clues::NONE,
            escaped: Clues::NONE,
            payload: &payload[..payload.len().min(u32::MAX as usize)],
            #[cfg(fuzzing)]
            whole: false,
            values: [ValueRange::default(); Clue::ALL.len()],
        }
    }

    /// Notes the payload's clues. An error says why it stopped before the end.
    pub(super) fn read(&mut self) -> Result<(), Stop> {
        self.payload(&mut Cursor::new(self.payload))
    }

    /// The same for all of the payload.
    #[cfg(fuzzing)]
    pub(super) fn read_whole(&mut self) -> Result<(), Stop> {
        self.whole = true;
        self.read()
    }

    /// The value of a clue as it is written; empty if it is missing.
    #[inline]
    pub(super) fn value(&self, clue: Clue) -> &'p [u8] {
        let ValueRange { start, end } = self.values[clue as usize];
        &self.payload[start as usize..end as usize]
    }

    /// Notes the value of a clue, which starts at the given offset.
    #[inline]
    fn set(&mut self, clue: Clue, start: usize, value: &[u8]) {
        // The payload was cut to this size.
        let (start, end) = (start as u32, (start + value.len()) as u32);
        self.values[clue as usize] = ValueRange { start, end };
    }

    /// The first byte of a clue's value, which determines its type.
    #[inline]
    pub(super) fn first(&self, clue: Clue) -> Option<u8> {
        self.value(clue).first().copied()
    }

    /// Whether the clue is present and not null.
    #[inline]
    pub(super) fn has(&self, clue: Clue) -> bool {
        !matches!(self.first(clue), None | Some(b'n'))
    }

    /// The value of a clue if it is a string: its text without the quotes.
    #[inline]
    pub(super) fn text(&self, clue: Clue) -> Option<Cow<'p, [u8]>> {
        let text = self.value(clue).strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        if self.escaped.has(clue) {
            return Some(unescaped(text));
        }
        Some(Cow::Borrowed(text))
    }

    /// Whether the value of a clue is one of these strings.
    #[inline]
    pub(super) fn is_one_of(&self, clue: Clue, mut texts: impl Iterator<Item = &'static [u8]>) -> bool {
        if self.escaped.has(clue) {
            let text = self.text(clue);
            return text.is_some_and(|text| texts.any(|one| *text == *one));
        }
        match self.value(clue) {
            [b'"', text @ .., b'"'] => texts.any(|one| text == one),
            _ => false,
        }
    }

    fn payload(&mut self, cursor: &mut Cursor<'p>) -> Result<(), Stop> {
        match cursor.peek() {
            Some(b'{') => self.object(cursor, Place::Top)?,
            Some(b'[') => {
                self.list = List::Bare;
                self.list(cursor, Place::Record)?;
            }
            _ => {
                cursor.skip()?;
            }
        }
        if cursor.at_end() {
            Ok(())
        } else {
            Err(cursor.broken().into())
        }
    }

    /// Notes the clues of an object. It recurses into the places inside, which are only as deep as the table of clues.
    fn object(&mut self, cursor: &mut Cursor<'p>, place: Place) -> Result<(), Stop> {
        cursor.enter(b'{');
        let mut first = true;
        while let Some(key) = cursor.key(first)? {
            first = false;
            let clue = if cursor.escaped {
                place.clue(&unescaped(key))
            } else {
                place.clue(key)
            };
            match clue {
                Some(clue) => self.note(cursor, clue)?,
                None if place == Place::Topics && cursor.peek() == Some(b'[') => {
                    self.list(cursor, Place::TopicRecord)?;
                }
                None => {
                    cursor.skip()?;
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, cursor: &mut Cursor<'p>, clue: Clue) -> Result<(), Stop> {
        let first = cursor.first_byte();
        let start = cursor.offset();
        if self.seen.has(clue) {
            self.forget(clue);
        }
        self.set(clue, start, first);
        self.seen = self.seen.with(clue);
        self.escaped = self.escaped.without(clue);
        if rules::may_settle(clue, first) && self.settled(clue) {
            return Err(Stop::Settled);
        }
        match (clue.below(first.first().copied().unwrap_or_default()), first) {
            (Some(place), b"[") => self.list(cursor, place),
            (Some(place), _) => self.object(cursor, place),
            (None, b"\"") => self.note_text(cursor, clue, start),
            (None, _) => {
                let value = cursor.skip()?;
                self.set(clue, start, value);
                Ok(())
            }
        }
    }

    fn settled(&self, clue: Clue) -> bool {
        #[cfg(fuzzing)]
        if self.whole {
            return false;
        }
        rules::settled(self, clue)
    }

    fn note_text(&mut self, cursor: &mut Cursor<'p>, clue: Clue, start: usize) -> Result<(), Stop> {
        let value = cursor.skip()?;
        self.set(clue, start, value);
        if cursor.escaped && value.len() <= TELLING {
            self.escaped = self.escaped.with(clue);
        }
        if rules::may_settle_by_text(clue) && self.settled(clue) {
            return Err(Stop::Settled);
        }
        Ok(())
    }

    /// Notes the clues of a list's first element and counts the elements.
    fn list(&mut self, cursor: &mut Cursor<'p>, place: Place) -> Result<(), Stop> {
        if place == Place::Record && self.list == List::None {
            self.list = List::Records;
        }
        cursor.enter(b'[');
        let mut count = 0;
        while cursor.element(count == 0)? {
            if count == 0 && cursor.peek() == Some(b'{') {
                self.object(cursor, place)?;
                if self.list == List::Records && self.ends_a_stream(cursor) {
                    return Err(Stop::Settled);
                }
            } else {
                cursor.skip()?;
            }
            count += 1;
        }
        if matches!(place, Place::Record | Place::Item) {
            self.batch = Some(count);
        }
        Ok(())
    }

    /// Whether the first record is a stream's, and only more of them follow.
    fn ends_a_stream(&self, cursor: &Cursor<'p>) -> bool {
        #[cfg(fuzzing)]
        if self.whole {
            return false;
        }
        let source = self.value(Clue::RecordSource);
        matches!(source, b"\"aws:kinesis\"" | b"\"aws:dynamodb\"")
            && tail::ends_with_record_of(cursor.rest(), source)
    }

    /// Drops the clues of an earlier value of the same key: of duplicate keys the last one counts.
    fn forget(&mut self, clue: Clue) {
        for bracket in [b'{', b'['] {
            let Some(place) = clue.below(bracket) else {
                continue;
            };
            for inner in Clue::ALL {
                if inner.place().path().starts_with(place.path()) {
                    self.values[*inner as usize] = ValueRange::default();
                    self.seen = self.seen.without(*inner);
                }
            }
        }
    }
}

/// A string's text without its escapes. Invalid text stays as it is, and matches nothing.
pub(super) fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', text).is_none() {
        return Cow::Borrowed(text);
    }
    let quoted = [b"\"", text, b"\""].concat();
    match serde_json::from_slice::<String>(&quoted) {
        Ok(text) => Cow::Owned(text.into_bytes()),
        Err(_) => Cow::Borrowed(text),
    }
}
