//! Reads over JSON that is written plainly, and checks it. What it takes, a parser takes; what it does not take (a key with
//! escapes, deep nesting, or JSON that is broken) is left to a parser.

use super::spans::ValuePlace;
use crate::source::string_mark;
use std::fmt;

/// How deep it reads. A parser goes deeper.
const DEEPEST: u8 = 64;
/// How many members of a record are kept.
const MOST_MEMBERS: usize = 32;

/// The record before, as far as it was read here. The records of a batch repeat each other (their region, their queue), and
/// what is written exactly as before needs no second check.
#[doc(hidden)]
#[derive(Default)]
pub struct RecordBefore<'p> {
    /// The path that was looked for in it.
    path: &'static str,
    /// Its members, at each depth of the path: key and value as they are written. Empty where the value is on the path.
    members: [Vec<&'p str>; 2],
}

impl<'p> RecordBefore<'p> {
    /// Forgets a record in which something else was looked for.
    fn for_path(&mut self, path: &'static str) {
        if self.path != path {
            *self = Self::default();
            self.path = path;
        }
    }

    fn member(&self, depth: u8, index: usize) -> &'p str {
        let members = self.members.get(usize::from(depth));
        members
            .and_then(|members| members.get(index))
            .copied()
            .unwrap_or_default()
    }

    fn put(&mut self, depth: u8, index: usize, member: &'p str) {
        let Some(members) = self.members.get_mut(usize::from(depth)) else {
            return;
        };
        if let Some(before) = members.get_mut(index) {
            *before = member;
        } else if index == members.len() && index < MOST_MEMBERS {
            members.push(member);
        }
    }
}

/// Not what is written in the record, which does not belong into logs.
impl fmt::Debug for RecordBefore<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordBefore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The JSON at the start of `text` that a place holds, and the length of the object around it; see [`super::spans::first`].
pub(super) fn first<'p, P: ValuePlace>(
    text: &'p str,
    before: &mut RecordBefore<'p>,
) -> Option<(&'p str, usize)> {
    let mut json = PlainJson::of::<P>(text, before);
    let value = json.at_path(P::PATH, 0, before)??;
    Some((value, json.at))
}

/// The length of the object at the start of `text`.
pub(super) fn length<'p>(text: &'p str, before: &mut RecordBefore<'p>) -> Option<usize> {
    struct Nowhere;

    impl ValuePlace for Nowhere {
        const PATH: &'static str = "";
    }

    let mut json = PlainJson::of::<Nowhere>(text, before);
    json.at_path(Nowhere::PATH, 0, before)?;
    Some(json.at)
}

/// A position in JSON.
struct PlainJson<'p> {
    text: &'p str,
    bytes: &'p [u8],
    at: usize,
}

impl<'p> PlainJson<'p> {
    fn of<P: ValuePlace>(text: &'p str, before: &mut RecordBefore<'p>) -> Self {
        before.for_path(P::PATH);
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
        }
    }

    /// Reads the object here, and finds the value at the path. Of a duplicate key, the last value counts.
    fn at_path(
        &mut self,
        path: &'static str,
        depth: u8,
        before: &mut RecordBefore<'p>,
    ) -> Option<Option<&'p str>> {
        let (name, rest) = match path.split_once('.') {
            Some((name, rest)) => (name, Some(rest)),
            None => (path, None),
        };
        let mut found = None;
        let mut index = 0;
        let mut more = self.open(b'{', b'}')?;
        while more {
            if !self.repeats(before.member(depth, index)) {
                let start = self.at;
                let is_here = self.key()? == name.as_bytes();
                let value = self.at;
                match (is_here, rest) {
                    (true, Some(rest)) => found = self.at_path(rest, depth + 1, before)?,
                    _ => self.value(depth)?,
                }
                if is_here && rest.is_none() {
                    found = Some(self.text.get(value..self.at)?);
                }
                let member = if is_here {
                    ""
                } else {
                    self.text.get(start..self.at)?
                };
                before.put(depth, index, member);
            }
            index += 1;
            more = self.goes_on(b'}')?;
        }
        Some(found)
    }

    /// Passes over a member or an element that is written like this one.
    #[inline]
    fn repeats(&mut self, member: &str) -> bool {
        let (rest, length) = (&self.bytes[self.at..], member.len());
        // A number may go on.
        let repeats = length > 0
            && rest.starts_with(member.as_bytes())
            && matches!(rest.get(length), Some(b',' | b'}'));
        if repeats {
            self.at += length;
        }
        repeats
    }

    fn object(&mut self, depth: u8) -> Option<()> {
        let mut more = self.open(b'{', b'}')?;
        while more {
            self.key()?;
            self.value(depth)?;
            more = self.goes_on(b'}')?;
        }
        Some(())
    }

    fn array(&mut self, depth: u8) -> Option<()> {
        let mut more = self.open(b'[', b']')?;
        while more {
            self.value(depth)?;
            more = self.goes_on(b']')?;
        }
        Some(())
    }

    /// Enters an object or an array; whether there is anything in it.
    #[inline]
    fn open(&mut self, open: u8, close: u8) -> Option<bool> {
        self.take(open)?;
        let empty = self.next()? == close;
        self.at += usize::from(empty);
        Some(!empty)
    }

    /// Whether something follows in the object or array.
    #[inline]
    fn goes_on(&mut self, close: u8) -> Option<bool> {
        let byte = self.next()?;
        self.at += 1;
        match byte {
            b',' => {
                self.next()?;
                Some(true)
            }
            _ => (byte == close).then_some(false),
        }
    }

    /// Reads a key and the colon behind it.
    #[inline]
    fn key(&mut self) -> Option<&'p [u8]> {
        let start = self.at + 1;
        // An escaped key may be the one that is looked for.
        if self.string()? {
            return None;
        }
        let key = self.bytes.get(start..self.at - 1)?;
        self.next()?;
        self.take(b':')?;
        self.next()?;
        Some(key)
    }

    /// Reads the value here.
    #[inline]
    fn value(&mut self, depth: u8) -> Option<()> {
        match self.bytes.get(self.at)? {
            b'"' => self.string().map(drop),
            b'{' | b'[' if depth == DEEPEST => None,
            b'{' => self.object(depth + 1),
            b'[' => self.array(depth + 1),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => None,
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.at += word.len();
        (self.bytes.get(self.at - word.len()..self.at)? == word).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        self.at += usize::from(self.bytes[self.at] == b'-');
        match self.bytes.get(self.at)? {
            b'0' => self.at += 1,
            _ => self.digits()?,
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            self.at += usize::from(matches!(self.bytes.get(self.at)?, b'+' | b'-'));
            self.digits()?;
        }
        Some(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        let length = rest
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(rest.len());
        self.at += length;
        (length > 0).then_some(())
    }

    /// Reads the string here; whether it has escapes.
    #[inline]
    fn string(&mut self) -> Option<bool> {
        self.take(b'"')?;
        let mut escaped = false;
        loop {
            self.at = string_mark(self.bytes, self.at)?;
            match self.bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    return Some(escaped);
                }
                b'\\' => self.escape()?,
                _ => return None,
            }
            escaped = true;
        }
    }

    fn escape(&mut self) -> Option<()> {
        match self.bytes.get(self.at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
            b'u' => {
                let digits = self.bytes.get(self.at + 2..self.at + 6)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                self.at += 6;
            }
            _ => return None,
        }
        Some(())
    }

    /// The next byte that is no white space.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    #[inline]
    fn take(&mut self, byte: u8) -> Option<()> {
        let here = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(here);
        here.then_some(())
    }
}
