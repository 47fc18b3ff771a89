//! One spelling for each JSON value, so that equal values have equal bytes however they were written.

use super::scan::{Broken, Cursor};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How deep objects and arrays are opened; what nests deeper stands as it is written, because opening recurses.
const MAX_DEPTH: usize = 64;

/// The value in Python's spelling of it, `json.dumps(value, sort_keys=True)`: keys in order, `, ` and `: ` between
/// them, nothing but ASCII. Powertools for AWS Lambda hashes that spelling. A value that is broken stands as it is.
pub(crate) fn normal(value: &[u8]) -> Cow<'_, [u8]> {
    let value = value.trim_ascii();
    // Identities and data are nearly always strings without an escape.
    if let [b'"', text @ .., b'"'] = value
        && is_plain(text)
    {
        return Cow::Borrowed(value);
    }
    let mut spelling = Vec::with_capacity(value.len() + value.len() / 8);
    match write(&mut Cursor::new(value), MAX_DEPTH, &mut spelling) {
        Ok(()) => Cow::Owned(spelling),
        Err(Broken { .. }) => Cow::Borrowed(value),
    }
}

fn is_plain(text: &[u8]) -> bool {
    // Without a short cut, so that the compiler compares many bytes at a time.
    text.iter().fold(true, |plain, byte| {
        plain & matches!(byte, b' '..=b'~') & (*byte != b'\\')
    })
}

fn write(cursor: &mut Cursor<'_>, depth: usize, out: &mut Vec<u8>) -> Result<(), Broken> {
    match cursor.first_byte() {
        b"{" if depth > 0 => object(cursor, depth - 1, out),
        b"[" if depth > 0 => array(cursor, depth - 1, out),
        b"\"" => {
            string(cursor.skip()?, out);
            Ok(())
        }
        _ => {
            number_or_other(cursor.skip()?, out);
            Ok(())
        }
    }
}

fn object(cursor: &mut Cursor<'_>, depth: usize, out: &mut Vec<u8>) -> Result<(), Broken> {
    // By what the keys say, not by how they are escaped; of equal keys the last counts.
    let mut entries = BTreeMap::new();
    cursor.enter(b'{');
    let mut first = true;
    while let Some(key) = cursor.key(std::mem::take(&mut first))? {
        let quoted = [b"\"", key, b"\""].concat();
        let name =
            serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(key).into_owned());
        entries.insert(name, (quoted, cursor.clone()));
        cursor.skip()?;
    }
    out.push(b'{');
    for (index, (quoted, mut value)) in entries.into_values().enumerate() {
        if index > 0 {
            out.extend(b", ");
        }
        string(&quoted, out);
        out.extend(b": ");
        write(&mut value, depth, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn array(cursor: &mut Cursor<'_>, depth: usize, out: &mut Vec<u8>) -> Result<(), Broken> {
    cursor.enter(b'[');
    out.push(b'[');
    let mut first = true;
    while cursor.element(first)? {
        if !std::mem::take(&mut first) {
            out.extend(b", ");
        }
        write(cursor, depth, out)?;
    }
    out.push(b']');
    Ok(())
}

/// A string with its quotes. What is no Unicode text, half of a surrogate pair say, stands as it is.
fn string(quoted: &[u8], out: &mut Vec<u8>) {
    let text = match serde_json::from_slice::<String>(quoted) {
        Ok(text) if !is_plain(&quoted[1..quoted.len() - 1]) => text,
        _ => return out.extend(quoted),
    };
    out.push(b'"');
    for unit in text.encode_utf16() {
        let byte = u8::try_from(unit).unwrap_or(0);
        match byte {
            b'"' => out.extend(b"\\\""),
            b'\\' => out.extend(b"\\\\"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            0x08 => out.extend(b"\\b"),
            0x0c => out.extend(b"\\f"),
            b' '..=b'~' => out.push(byte),
            _ => out.extend(format!("\\u{unit:04x}").bytes()),
        }
    }
    out.push(b'"');
}

/// Whole numbers stand with all their digits; others as Python writes the nearest double.
fn number_or_other(scalar: &[u8], out: &mut Vec<u8>) {
    let is_number = matches!(scalar, [b'-' | b'0'..=b'9', ..]);
    if is_number && scalar.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        let double = std::str::from_utf8(scalar)
            .ok()
            .and_then(|text| text.parse().ok());
        return match double {
            Some(double) => out.extend(python_float(double).bytes()),
            None => out.extend(scalar),
        };
    }
    // Python's whole numbers have no negative zero.
    out.extend(if scalar == b"-0" { b"0" } else { scalar });
}

/// `repr(double)`, and `json.dumps`' words for what is too large for one.
fn python_float(double: f64) -> String {
    if double.is_infinite() {
        return if double > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let scientific = format!("{double:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..16).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
        }
        _ => format!("{double:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn spelt(value: &str) -> String {
        String::from_utf8(normal(value.as_bytes()).into_owned()).unwrap()
    }

    /// Left and right as `json.dumps(json.loads(left), sort_keys=True)` of Python 3.11 has them.
    #[test]
    fn spells_as_python_does() {
        for (json, python) in [
            (
                r#" {"b":1,"a":[true,null,{}],"ä":"ü\/\u00fc𝄞\n"} "#,
                r#"{"a": [true, null, {}], "b": 1, "\u00e4": "\u00fc/\u00fc\ud834\udd1e\n"}"#,
            ),
            (r#"{"a":1,"a":{"b" : 2}}"#, r#"{"a": {"b": 2}}"#),
            ("[]", "[]"),
            (
                "[1.0,1e3,1e15,1e16,0.0001,1E-5,-0,-0.0,1.5e300,1e400,123456789012345678901234567890]",
                "[1.0, 1000.0, 1000000000000000.0, 1e+16, 0.0001, 1e-05, 0, -0.0, 1.5e+300, Infinity, 123456789012345678901234567890]",
            ),
            (r#""\u007f\b\f\\\"""#, r#""\u007f\b\f\\\"""#),
            (r#""\ud800""#, r#""\ud800""#),
            (
                r#"{"\ud83d\ude00":1,"z":2,"\uffff":3}"#,
                r#"{"z": 2, "\uffff": 3, "\ud83d\ude00": 1}"#,
            ),
        ] {
            assert_eq!(spelt(json), python);
        }
    }

    #[test]
    fn any_depth_has_a_spelling() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(spelt(&deep), deep);
        assert_eq!(spelt("{\"a\":}"), "{\"a\":}");
        assert_eq!(spelt(""), "");
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn layout_makes_no_difference_and_the_value_stays(value in json()) {
            let (plain, pretty) = (value.to_string(), serde_json::to_string_pretty(&value).unwrap());
            let spelling = spelt(&plain);
            prop_assert_eq!(&spelt(&pretty), &spelling);
            prop_assert!(spelling.is_ascii());
            prop_assert_eq!(serde_json::from_str::<Value>(&spelling).unwrap(), value);
        }
    }
}
