//! Takes the escapes out of a JSON string that is known to be one.

use memchr::memchr;

/// Appends the text that the inside of a JSON string encodes.
///
/// # Errors
/// Half of a surrogate pair encodes nothing.
pub(super) fn unescape(mut inner: &str, text: &mut String) -> Result<(), ()> {
    text.reserve(inner.len());
    while let Some(at) = memchr(b'\\', inner.as_bytes()) {
        text.push_str(&inner[..at]);
        let escape = inner.as_bytes().get(at + 1).ok_or(())?;
        inner = inner.get(at + 2..).ok_or(())?;
        let char = match escape {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => unicode(&mut inner)?,
            // Quotes, backslashes and slashes stand for themselves.
            itself => char::from(*itself),
        };
        text.push(char);
    }
    text.push_str(inner);
    Ok(())
}

/// The character whose number comes next, be it in two halves.
fn unicode(inner: &mut &str) -> Result<char, ()> {
    let first = u32::from(unit(inner)?);
    if let Some(char) = char::from_u32(first) {
        return Ok(char);
    }
    *inner = inner.strip_prefix("\\u").ok_or(())?;
    let second = u32::from(unit(inner)?);
    let is_pair = (0xD800..0xDC00).contains(&first) && (0xDC00..0xE000).contains(&second);
    let number = 0x1_0000 + ((first & 0x3FF) << 10) + (second & 0x3FF);
    char::from_u32(number).filter(|_| is_pair).ok_or(())
}

/// Four hexadecimal digits.
fn unit(inner: &mut &str) -> Result<u16, ()> {
    let digits = inner.get(..4).ok_or(())?;
    *inner = &inner[4..];
    u16::from_str_radix(digits, 16).map_err(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(inner: &str) -> Option<String> {
        let mut text = String::from("before ");
        unescape(inner, &mut text).ok()?;
        Some(text.strip_prefix("before ").unwrap().to_owned())
    }

    proptest! {
        #[test]
        fn it_is_what_serde_json_reads(pieces in proptest::collection::vec(prop_oneof![
            "[a-z é😀]{1,9}".boxed(),
            proptest::sample::select(vec!["\\n", "\\t", "\\r", "\\b", "\\f", "\\\"", "\\\\", "\\/"]).prop_map(str::to_owned).boxed(),
            any::<u16>().prop_map(|unit| format!("\\u{unit:04x}")).boxed(),
            (0xD800_u16..0xE000).prop_map(|unit| format!("\\u{unit:04X}")).boxed(),
        ], 0..12)) {
            let inner = pieces.concat();
            let expected = serde_json::from_str::<String>(&format!("\"{inner}\"")).ok();
            prop_assert_eq!(plain(&inner), expected);
        }
    }
}
