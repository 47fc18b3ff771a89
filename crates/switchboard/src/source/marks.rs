//! Where a JSON string has something else than plain text.

use super::block::{HIGH, LOW, equal};

/// How many bytes of a long string are examined at once.
const CHUNK: usize = 32;
/// A word of a string.
const WORD: usize = 8;
/// How many words of a string are examined one by one: most strings are not longer.
const SHORT: usize = 2;

/// The offset of the first byte from `at` on that no string has as it is: a quote, a backslash or a control character.
#[inline]
pub(crate) fn string_mark(bytes: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..SHORT {
        let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) else {
            break;
        };
        if let Some(index) = in_word(*word) {
            return Some(at + index);
        }
        at += WORD;
    }
    in_long_string(bytes, at)
}

/// The same without that start.
#[inline(never)]
fn in_long_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<CHUNK>) {
        if has_mark(chunk) {
            break;
        }
        at += CHUNK;
    }
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        if let Some(index) = in_word(*word) {
            return Some(at + index);
        }
        at += WORD;
    }
    let rest = bytes.get(at..)?;
    rest.iter()
        .position(|byte| is_mark(*byte))
        .map(|index| at + index)
}

/// The first mark of a word. The bits of what follows the first mark are undefined.
#[inline(always)]
fn in_word(word: [u8; WORD]) -> Option<usize> {
    let word = u64::from_le_bytes(word);
    let controls = word.wrapping_sub(LOW * u64::from(b' ')) & !word & HIGH;
    let marks = controls | equal(word, b'"') | equal(word, b'\\');
    (marks != 0).then(|| marks.trailing_zeros() as usize / 8)
}

/// Without branches, so that the compiler compares many bytes at a time.
#[inline(always)]
fn has_mark(chunk: &[u8; CHUNK]) -> bool {
    chunk.iter().fold(0, |any, byte| any | u8::from(is_mark(*byte))) != 0
}

#[inline(always)]
fn is_mark(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < b' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one_by_one(bytes: &[u8], at: usize) -> Option<usize> {
        let is_mark = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
        bytes.get(at..)?.iter().position(is_mark).map(|index| at + index)
    }

    #[test]
    fn every_byte_is_a_mark_or_is_not_wherever_it_is() {
        for byte in 0..=u8::MAX {
            for index in 0..100 {
                let mut bytes = [b'a'; 100];
                bytes[index] = byte;
                assert_eq!(string_mark(&bytes, 0), one_by_one(&bytes, 0), "{byte} at {index}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_first_mark_is_found(
            bytes in proptest::collection::vec(prop_oneof![8 => any::<u8>(), 200 => Just(b'a'), 1 => Just(0xff)], 0..200),
            at in 0usize..210,
        ) {
            prop_assert_eq!(string_mark(&bytes, at), one_by_one(&bytes, at));
        }
    }
}
