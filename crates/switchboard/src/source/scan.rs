//! Reads the outline of JSON from raw bytes: keys, and where values start and end, but not what they mean.
//!
//! Nothing here recurses or allocates, so nesting costs neither stack nor memory. Values are only checked as far as
//! needed to find their end: strings end, and brackets balance by kind. Code that parses a value checks it.

use super::block::{self, Block, StringState};
use memchr::memmem::Finder;

/// The payload is not JSON at offset `at`, or ends there too early.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Broken {
    /// Offset in the payload, in bytes.
    pub(crate) at: usize,
}

/// A position in a payload, between two tokens.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'p> {
    bytes: &'p [u8],
    at: usize,
    /// Whether the last string, key or value, has escapes.
    pub(super) escaped: bool,
}

impl<'p> Cursor<'p> {
    /// The payload's start, after a UTF-8 byte order mark if there is one.
    pub(super) fn new(payload: &'p [u8]) -> Self {
        let at = if payload.starts_with(b"\xEF\xBB\xBF") {
            3
        } else {
            0
        };
        Cursor {
            bytes: payload,
            at,
            escaped: false,
        }
    }

    /// The next token's first byte, after skipping white space.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// The byte at the cursor, if there is one.
    #[inline]
    pub(super) fn first_byte(&mut self) -> &'p [u8] {
        match self.peek() {
            Some(_) => &self.bytes[self.at..=self.at],
            None => b"",
        }
    }

    /// Skips `bracket` if it comes next.
    #[inline]
    pub(super) fn enter(&mut self, bracket: u8) -> bool {
        let here = self.peek() == Some(bracket);
        self.at += usize::from(here);
        here
    }

    /// The next key of the object that the cursor is in, without its quotes and as it is written. The cursor is then
    /// before the value. `None` at the end of the object.
    #[inline(always)]
    pub(super) fn key(&mut self, first: bool) -> Result<Option<&'p [u8]>, Broken> {
        // In JSON without spaces, which is the most common, the next key is here.
        if !first && self.rest().starts_with(b",\"") {
            self.at += 2;
        } else {
            if !self.goes_on(b'}', first)? {
                return Ok(None);
            }
            if !self.enter(b'"') {
                return Err(self.broken());
            }
        }
        let start = self.at;
        let end = self.text_end(start)?;
        self.at = end + 1;
        if !self.enter(b':') {
            return Err(self.broken());
        }
        Ok(Some(&self.bytes[start..end]))
    }

    /// Whether another element follows in the array that the cursor is in. The cursor is then before it.
    #[inline]
    pub(super) fn element(&mut self, first: bool) -> Result<bool, Broken> {
        self.goes_on(b']', first)
    }

    #[inline(always)]
    fn goes_on(&mut self, close: u8, first: bool) -> Result<bool, Broken> {
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            Some(_) if first => Ok(true),
            Some(b',') => {
                self.at += 1;
                match self.peek() {
                    Some(byte) if byte != close => Ok(true),
                    _ => Err(self.broken()),
                }
            }
            _ => Err(self.broken()),
        }
    }

    /// Skips the next value and returns it as it is written.
    #[inline]
    pub(super) fn skip(&mut self) -> Result<&'p [u8], Broken> {
        let first = self.peek().ok_or(self.broken())?;
        let start = self.at;
        self.at = match first {
            b'"' => self.text_end(start + 1)? + 1,
            b'{' | b'[' => container_end(self.bytes, start)?,
            _ => scalar_end(self.bytes, start)?,
        };
        Ok(&self.bytes[start..self.at])
    }

    /// The offset of the quote that ends the string whose text starts at `from`.
    #[inline(always)]
    fn text_end(&mut self, from: usize) -> Result<usize, Broken> {
        // Few strings have escapes, so the first mark is usually the end.
        let mark = quote_or_escape(self.bytes, from).unwrap_or(from);
        self.escaped = self.bytes.get(mark) != Some(&b'"');
        if self.escaped {
            string_end(self.bytes, from)
        } else {
            Ok(mark)
        }
    }

    /// The cursor's offset in the payload, in bytes.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// The payload from here on.
    #[inline]
    pub(super) fn rest(&self) -> &'p [u8] {
        &self.bytes[self.at..]
    }

    /// Advances by what the caller has read.
    pub(super) fn advance(&mut self, length: usize) {
        self.at = self.bytes.len().min(self.at + length);
    }

    /// Whether nothing but white space is left.
    pub(super) fn at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Whether the text occurs anywhere ahead, in a key, in a value, or as a part of one.
    pub(super) fn holds(&self, text: &Finder<'_>) -> bool {
        text.find(&self.bytes[self.at..]).is_some()
    }

    /// The error for a payload that is broken here.
    pub(super) fn broken(&self) -> Broken {
        Broken { at: self.at }
    }
}

/// How many escapes of a string are stepped over one by one.
const FEW_ESCAPES: usize = 4;

/// The offset of the quote that ends the string whose text starts at `from`.
#[cold]
#[inline(never)]
fn string_end(bytes: &[u8], from: usize) -> Result<usize, Broken> {
    let mut at = from;
    for _ in 0..FEW_ESCAPES {
        let Some(found) = quote_or_escape(bytes, at) else {
            return Err(Broken { at: bytes.len() });
        };
        if bytes[found] == b'"' {
            return Ok(found);
        }
        at = found + 2;
    }
    escaped_string_end(bytes, at)
}

/// The same for a string with many escapes, such as JSON within JSON.
fn escaped_string_end(bytes: &[u8], from: usize) -> Result<usize, Broken> {
    let mut text = StringState::default();
    let mut at = from;
    while at < bytes.len() {
        let quotes = block::quotes(&bytes[at..], &mut text);
        if quotes != 0 {
            return Ok(at + quotes.trailing_zeros() as usize);
        }
        at += block::SIZE;
    }
    Err(Broken { at: bytes.len() })
}

/// The offset of the first quote or backslash from `at` on. Most strings are short: the first words are searched
/// directly, because `memchr` pays off only after them.
#[inline(always)]
fn quote_or_escape(bytes: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..4 {
        let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
            break;
        };
        let word = u64::from_le_bytes(*word);
        let hits = block::equal(word, b'"') | block::equal(word, b'\\');
        if hits != 0 {
            return Some(at + hits.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    far_quote_or_escape(bytes, at)
}

/// The same without that start.
#[cold]
#[inline(never)]
fn far_quote_or_escape(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    memchr::memchr2(b'"', b'\\', rest).map(|found| at + found)
}

/// The offset after the number, `true`, `false` or `null` at `from`.
fn scalar_end(bytes: &[u8], from: usize) -> Result<usize, Broken> {
    let rest = &bytes[from..];
    let length = rest
        .iter()
        .position(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.'))
        .unwrap_or(rest.len());
    let whole = match rest[0] {
        b'-' | b'0'..=b'9' => true,
        _ => matches!(&rest[..length], b"true" | b"false" | b"null"),
    };
    if whole {
        Ok(from + length)
    } else {
        Err(Broken { at: from })
    }
}

/// The offset after the object or array that opens at `from`.
fn container_end(bytes: &[u8], from: usize) -> Result<usize, Broken> {
    let mut at = from;
    let mut depth = block::Depth::default();
    while at < bytes.len() {
        let block = Block::read(&bytes[at..], &mut depth.text);
        if let Some(inside) = depth.pass(&block, at)? {
            let end = at + inside;
            // `{` and `}` are two apart, and so are `[` and `]`.
            let matches = bytes[end] == bytes[from] + 2;
            return if matches {
                Ok(end + 1)
            } else {
                Err(Broken { at: end })
            };
        }
        at += block::SIZE;
        if depth.text.open() && block.is_plain() {
            at = quote_or_escape(bytes, at).unwrap_or(bytes.len());
        }
    }
    Err(Broken { at: bytes.len() })
}
