//! Python's and JavaScript's ways to write JSON.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A way to write JSON values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Spelling {
    /// `json.dumps(value, sort_keys=True)`: `, ` and `: `, keys in the order of their code points, nothing but ASCII.
    Python,
    /// `JSON.stringify(deepSort(value))`, with `deepSort` of Powertools for AWS Lambda (TypeScript): no white space,
    /// keys in the order of their lower case, numbers as doubles.
    Javascript,
}

/// The sort key of an object's member, which also distinguishes members.
#[derive(Debug)]
pub(super) struct SortKey<'p> {
    /// JavaScript puts keys that are array indices before all others, in numeric order.
    index: u32,
    order: Cow<'p, [u8]>,
    /// The sort key, if it differs from the key itself.
    name: Option<Cow<'p, [u8]>>,
    /// Whether the member is lost in the conversion.
    pub(super) is_lost: bool,
}

/// No array has this index.
const NO_INDEX: u32 = u32::MAX;

impl SortKey<'_> {
    pub(super) fn name(&self) -> &[u8] {
        self.name.as_deref().unwrap_or(&self.order)
    }
}

impl Ord for SortKey<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.index, &self.order).cmp(&(other.index, &other.order))
    }
}

impl PartialOrd for SortKey<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SortKey<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for SortKey<'_> {}

impl Spelling {
    pub(crate) fn comma(self) -> &'static [u8] {
        match self {
            Self::Python => b", ",
            Self::Javascript => b",",
        }
    }

    /// Writes a key, given without its quotes, and the colon after it.
    pub(super) fn key(self, text: &[u8], out: &mut Vec<u8>) {
        self.text(text, out);
        out.extend(match self {
            Self::Python => b": ".as_slice(),
            Self::Javascript => b":",
        });
    }

    /// Writes a string, given with its quotes.
    pub(super) fn string(self, quoted: &[u8], out: &mut Vec<u8>) {
        self.text(&quoted[1..quoted.len() - 1], out);
    }

    fn text(self, text: &[u8], out: &mut Vec<u8>) {
        out.push(b'"');
        let units = match self {
            _ if is_plain(text) => None,
            Self::Javascript if !text.contains(&b'\\') => None,
            _ => units(text),
        };
        match units {
            // Nothing to change, or not valid JSON.
            None => out.extend(text),
            Some(units) => self.units(&units, out),
        }
        out.push(b'"');
    }

    fn units(self, units: &[u16], out: &mut Vec<u8>) {
        for character in char::decode_utf16(units.iter().copied()) {
            match character {
                Ok('"') => out.extend(b"\\\""),
                Ok('\\') => out.extend(b"\\\\"),
                Ok('\n') => out.extend(b"\\n"),
                Ok('\r') => out.extend(b"\\r"),
                Ok('\t') => out.extend(b"\\t"),
                Ok('\x08') => out.extend(b"\\b"),
                Ok('\x0c') => out.extend(b"\\f"),
                Ok(plain @ ' '..='~') => out.push(plain as u8),
                Ok(other) if self == Self::Javascript && other >= ' ' => {
                    out.extend(other.encode_utf8(&mut [0; 4]).bytes());
                }
                Ok(other) => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        out.extend(format!("\\u{unit:04x}").bytes());
                    }
                }
                // A lone surrogate.
                Err(half) => out.extend(format!("\\u{:04x}", half.unpaired_surrogate()).bytes()),
            }
        }
    }

    /// The sort key of a key, given without its quotes.
    pub(super) fn order(self, text: &[u8]) -> SortKey<'_> {
        let plain = is_plain(text);
        match self {
            Self::Python => SortKey {
                index: NO_INDEX,
                order: match units(text).filter(|_| !plain) {
                    Some(units) => Cow::Owned(by_code_point(&units)),
                    None => Cow::Borrowed(text),
                },
                name: None,
                is_lost: false,
            },
            Self::Javascript => {
                let name = match units(text).filter(|_| !plain) {
                    Some(units) => Cow::Owned(by_code_unit(&units)),
                    None => Cow::Borrowed(text),
                };
                SortKey {
                    index: array_index(&name).unwrap_or(NO_INDEX),
                    order: Cow::Owned(match plain {
                        true => name.to_ascii_lowercase(),
                        false => by_code_unit(&lower_case(&units(text).unwrap_or_default())),
                    }),
                    // `sorted["__proto__"] = value` sets the object's prototype instead.
                    is_lost: *name == *b"__proto__",
                    name: Some(name),
                }
            }
        }
    }

    /// Writes a number, a word, or a value that is nested too deeply to be opened, given unchanged.
    pub(super) fn number_or_other(self, scalar: &[u8], out: &mut Vec<u8>) {
        if !matches!(scalar, [b'-' | b'0'..=b'9', ..]) {
            return out.extend(scalar);
        }
        let is_whole = !scalar.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
        if self == Self::Python && is_whole {
            // They keep all their digits, and have no negative zero.
            return out.extend(if scalar == b"-0" { b"0" } else { scalar });
        }
        let double = std::str::from_utf8(scalar)
            .ok()
            .and_then(|text| text.parse().ok());
        match double {
            None => out.extend(scalar),
            Some(double) if self == Self::Python => python_double(double, out),
            Some(double) => javascript_double(double, out),
        }
    }
}

pub(super) fn is_plain(text: &[u8]) -> bool {
    // Without short-circuiting, so that the compiler compares many bytes at a time.
    text.iter().fold(true, |plain, byte| {
        plain & matches!(byte, b' '..=b'~') & (*byte != b'\\')
    })
}

/// The UTF-16 code units of a JSON string; `None` if it is invalid.
fn units(mut text: &[u8]) -> Option<Vec<u16>> {
    let mut units = Vec::with_capacity(text.len());
    while let Some(at) = memchr::memchr(b'\\', text) {
        units.extend(std::str::from_utf8(&text[..at]).ok()?.encode_utf16());
        let (unit, length) = match text.get(at + 1)? {
            b'u' => {
                let digits = text.get(at + 2..at + 6)?;
                let digit = |unit: u32, byte: &u8| Some(unit * 16 + char::from(*byte).to_digit(16)?);
                (u16::try_from(digits.iter().try_fold(0, digit)?).ok()?, 6)
            }
            b'n' => (0x0a, 2),
            b'r' => (0x0d, 2),
            b't' => (0x09, 2),
            b'b' => (0x08, 2),
            b'f' => (0x0c, 2),
            itself @ (b'"' | b'\\' | b'/') => (u16::from(*itself), 2),
            _ => return None,
        };
        units.push(unit);
        text = &text[at + length..];
    }
    units.extend(std::str::from_utf8(text).ok()?.encode_utf16());
    Some(units)
}

/// Bytes that sort like the code points, as UTF-8 does; lone surrogates count as their code points.
fn by_code_point(units: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(units.len());
    for character in char::decode_utf16(units.iter().copied()) {
        match character {
            Ok(character) => bytes.extend(character.encode_utf8(&mut [0; 4]).bytes()),
            Err(half) => bytes.extend(three_bytes(half.unpaired_surrogate())),
        }
    }
    bytes
}

/// Bytes that sort like the code units.
fn by_code_unit(units: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(units.len());
    for unit in units {
        match char::from_u32(u32::from(*unit)) {
            Some(character) => bytes.extend(character.encode_utf8(&mut [0; 4]).bytes()),
            None => bytes.extend(three_bytes(*unit)),
        }
    }
    bytes
}

/// UTF-8's scheme for lone surrogates, which UTF-8 itself does not encode.
fn three_bytes(half: u16) -> [u8; 3] {
    let six = |shift: u16| 0x80 | (half >> shift & 0x3f) as u8;
    [0xe0 | (half >> 12) as u8, six(6), six(0)]
}

/// `toLowerCase()`.
fn lower_case(units: &[u16]) -> Vec<u16> {
    let mut lower = Vec::with_capacity(units.len());
    let mut text = String::new();
    for character in char::decode_utf16(units.iter().copied()) {
        match character {
            Ok(character) => text.push(character),
            Err(half) => {
                lower.extend(std::mem::take(&mut text).to_lowercase().encode_utf16());
                lower.push(half.unpaired_surrogate());
            }
        }
    }
    lower.extend(text.to_lowercase().encode_utf16());
    lower
}

/// The number of a key that is an array index in its canonical form.
fn array_index(name: &[u8]) -> Option<u32> {
    if name.is_empty()
        || name.len() > 10
        || !name.iter().all(u8::is_ascii_digit)
        || (name[0] == b'0' && name.len() > 1)
    {
        return None;
    }
    let index = std::str::from_utf8(name).ok()?.parse().ok()?;
    (index != NO_INDEX).then_some(index)
}

/// The shortest digits that identify a double; of two equally near ones, the even ones.
struct Digits {
    negative: bool,
    digits: Vec<u8>,
    /// How many of them precede the point; if negative, this many zeros follow it first.
    point: i32,
}

impl Digits {
    fn of(double: f64) -> Self {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(double);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let whole = whole.trim_start_matches('-');
        let all = [whole, fraction].concat();
        let significant = all.trim_start_matches('0');
        let zeros = i32::try_from(all.len() - significant.len()).unwrap_or(0);
        let point = i32::try_from(whole.len()).unwrap_or(0) - zeros + exponent;
        let digits = significant.trim_end_matches('0').as_bytes();
        let (digits, point) = if digits.is_empty() {
            (b"0".as_slice(), 1)
        } else {
            (digits, point)
        };
        Self {
            negative: text.starts_with('-'),
            digits: digits.to_vec(),
            point,
        }
    }

    /// In fixed notation.
    fn fixed(&self, out: &mut Vec<u8>) {
        let zeros = |count: i32| std::iter::repeat_n(b'0', usize::try_from(count).unwrap_or(0));
        let length = i32::try_from(self.digits.len()).unwrap_or(0);
        match usize::try_from(self.point) {
            Ok(point @ 1..) if self.point < length => {
                out.extend(&self.digits[..point]);
                out.push(b'.');
                out.extend(&self.digits[point..]);
            }
            Ok(1..) => {
                out.extend(&self.digits);
                out.extend(zeros(self.point - length));
            }
            _ => {
                out.extend(b"0.");
                out.extend(zeros(-self.point));
                out.extend(&self.digits);
            }
        }
    }

    /// In scientific notation, with at least this many digits in the exponent.
    fn scientific(&self, width: usize, out: &mut Vec<u8>) {
        out.push(self.digits[0]);
        if self.digits.len() > 1 {
            out.push(b'.');
            out.extend(&self.digits[1..]);
        }
        let exponent = self.point - 1;
        let sign = if exponent < 0 { '-' } else { '+' };
        out.extend(format!("e{sign}{:0width$}", exponent.unsigned_abs()).bytes());
    }
}

/// `repr(double)`, and `json.dumps`' words for infinities.
fn python_double(double: f64, out: &mut Vec<u8>) {
    if double.is_infinite() {
        return out.extend(if double > 0.0 {
            b"Infinity".as_slice()
        } else {
            b"-Infinity"
        });
    }
    let digits = Digits::of(double);
    if digits.negative {
        out.push(b'-');
    }
    match digits.point {
        -3..=16 => {
            digits.fixed(out);
            if digits.point >= 1 && digits.digits.len() <= usize::try_from(digits.point).unwrap_or(0) {
                out.extend(b".0");
            }
        }
        _ => digits.scientific(2, out),
    }
}

/// `JSON.stringify(double)`: `Number::toString` of ECMAScript, except for infinities.
fn javascript_double(double: f64, out: &mut Vec<u8>) {
    if double.is_infinite() {
        return out.extend(b"null");
    }
    if double == 0.0 {
        return out.push(b'0');
    }
    let digits = Digits::of(double);
    if digits.negative {
        out.push(b'-');
    }
    match digits.point {
        -5..=21 => digits.fixed(out),
        _ => digits.scientific(1, out),
    }
}
