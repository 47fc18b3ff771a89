//! Sixty-four bytes of JSON at a time: where strings are, where brackets open and close.
//!
//! Each question is answered for a whole block, with one bit per byte and without branches, because JSON's short
//! strings and many brackets make every branch unpredictable.

use super::scan::Broken;

/// Bytes in a block.
pub(super) const SIZE: usize = 64;

pub(super) const LOW: u64 = 0x0101_0101_0101_0101;
pub(super) const HIGH: u64 = 0x8080_8080_8080_8080;

/// The high bit of the first byte of `word` that equals `byte`. The bits of later bytes are undefined.
#[inline]
pub(super) const fn equal(word: u64, byte: u8) -> u64 {
    let differs = word ^ (LOW * byte as u64);
    differs.wrapping_sub(LOW) & !differs & HIGH
}

/// A bit for each byte that `holds` selects. Two loops of fixed length let the compiler compare many bytes at a time;
/// the multiplication gathers the lowest bits of eight bytes.
#[inline(always)]
fn pick(chunk: &[u8; SIZE], holds: impl Fn(u8) -> bool) -> u64 {
    let mut picked = [0; SIZE];
    for (flag, byte) in picked.iter_mut().zip(chunk) {
        *flag = u8::from(holds(*byte));
    }
    let mut bits = 0;
    for (index, flags) in picked.as_chunks::<8>().0.iter().enumerate() {
        let gathered = u64::from_le_bytes(*flags).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (8 * index);
    }
    bits
}

/// Whether `holds` selects any byte, which is much cheaper.
#[inline(always)]
fn any(chunk: &[u8; SIZE], holds: impl Fn(u8) -> bool) -> bool {
    let or = |any, byte: &u8| any | u8::from(holds(*byte));
    chunk.iter().fold(0, or) != 0
}

/// Like [`pick`], for when there is rarely anything to select.
#[inline(always)]
fn pick_rare(chunk: &[u8; SIZE], holds: impl Fn(u8) -> bool) -> u64 {
    match any(chunk, &holds) {
        true => pick(chunk, holds),
        false => 0,
    }
}

/// Whether the previous block ended inside a string, or after a backslash.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StringState {
    inside: u64,
    escaped: u64,
}

impl StringState {
    /// Whether a string continues in the next block.
    pub(super) fn open(self) -> bool {
        self.inside != 0 && self.escaped == 0
    }
}

/// The brackets of one block that are outside strings, one bit for each byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    open: u64,
    close: u64,
    /// Those of `open` and `close` that are braces.
    brace: u64,
    /// Quotes and backslashes.
    marks: u64,
}

impl Block {
    /// Reads the first [`SIZE`] bytes of `bytes`, or all of them if there are fewer.
    #[inline]
    pub(super) fn read(bytes: &[u8], text: &mut StringState) -> Block {
        whole(bytes, |chunk| Block::of(chunk, text))
    }

    #[inline]
    fn of(chunk: &[u8; SIZE], text: &mut StringState) -> Block {
        let quotes = pick(chunk, |byte| byte == b'"');
        let slashes = pick_rare(chunk, |byte| byte == b'\\');
        let inside = strings(quotes & !escaped(slashes, text), text);
        let marks = quotes | slashes;
        // `[` and `{`, like `]` and `}`, differ in this one bit only.
        if !any(chunk, |byte| matches!(byte | 0x20, b'{' | b'}')) {
            return Block {
                open: 0,
                close: 0,
                brace: 0,
                marks,
            };
        }
        Block {
            open: pick(chunk, |byte| byte | 0x20 == b'{') & !inside,
            close: pick(chunk, |byte| byte | 0x20 == b'}') & !inside,
            brace: match any(chunk, |byte| matches!(byte, b'[' | b']')) {
                true => pick(chunk, |byte| byte & 0x20 != 0),
                false => u64::MAX,
            },
            marks,
        }
    }

    /// Whether the block has neither quotes nor backslashes.
    pub(super) fn is_plain(&self) -> bool {
        self.marks == 0
    }
}

/// The quotes among the first [`SIZE`] bytes of `bytes` that are not escaped.
pub(super) fn quotes(bytes: &[u8], text: &mut StringState) -> u64 {
    let (quotes, slashes) = whole(bytes, |chunk| {
        (
            pick(chunk, |byte| byte == b'"'),
            pick(chunk, |byte| byte == b'\\'),
        )
    });
    quotes & !escaped(slashes, text)
}

/// Returns a whole block, padded with white space at the payload's end.
#[inline]
fn whole<T>(bytes: &[u8], read: impl FnOnce(&[u8; SIZE]) -> T) -> T {
    if let Some(chunk) = bytes.first_chunk::<SIZE>() {
        return read(chunk);
    }
    let mut chunk = [b' '; SIZE];
    chunk[..bytes.len()].copy_from_slice(bytes);
    read(&chunk)
}

/// The bytes after a backslash that is not itself escaped.
#[inline]
fn escaped(slashes: u64, text: &mut StringState) -> u64 {
    if slashes == 0 {
        return std::mem::take(&mut text.escaped);
    }
    let mut found = text.escaped;
    let mut rest = slashes & !text.escaped;
    text.escaped = 0;
    while rest != 0 {
        let slash = rest & rest.wrapping_neg();
        let behind = slash << 1;
        text.escaped = u64::from(behind == 0);
        found |= behind;
        rest &= !(slash | behind);
    }
    found
}

/// The bytes inside strings, including each opening quote but not the closing one.
#[inline]
fn strings(quotes: u64, text: &mut StringState) -> u64 {
    let mut inside = quotes;
    for shift in [1, 2, 4, 8, 16, 32] {
        inside ^= inside << shift;
    }
    inside ^= text.inside;
    text.inside = if inside >> 63 == 1 { u64::MAX } else { 0 };
    inside
}

/// The nesting depth of a walk in braces and in square brackets. They are counted separately, so that a bracket closed
/// by the wrong kind is noticed at the end of the container.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Depth {
    all: i64,
    braces: i64,
    /// The string state between blocks.
    pub(super) text: StringState,
}

impl Depth {
    /// Walks over a block that starts at offset `at`. Returns the index of the byte that closes the outermost bracket,
    /// if there is one.
    #[inline]
    pub(super) fn pass(&mut self, block: &Block, at: usize) -> Result<Option<usize>, Broken> {
        if block.open | block.close == 0 {
            return Ok(None);
        }
        let closing = i64::from(block.close.count_ones());
        if self.all > closing {
            self.count(block, u64::MAX);
            return Ok(None);
        }
        self.find(block, at)
    }

    fn count(&mut self, block: &Block, within: u64) {
        let (open, close) = (block.open & within, block.close & within);
        self.all += i64::from(open.count_ones()) - i64::from(close.count_ones());
        self.braces +=
            i64::from((open & block.brace).count_ones()) - i64::from((close & block.brace).count_ones());
    }

    fn find(&mut self, block: &Block, at: usize) -> Result<Option<usize>, Broken> {
        let mut rest = block.close;
        let mut closed = 0;
        while rest != 0 {
            let index = rest.trailing_zeros();
            let upto = u64::MAX >> (63 - index);
            closed += 1;
            if self.all + i64::from((block.open & upto).count_ones()) == closed {
                self.count(block, upto);
                let at = at + index as usize;
                return if self.braces == 0 {
                    Ok(Some(index as usize))
                } else {
                    Err(Broken { at })
                };
            }
            rest &= rest - 1;
        }
        self.count(block, u64::MAX);
        Ok(None)
    }
}
