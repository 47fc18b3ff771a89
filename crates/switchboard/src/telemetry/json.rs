//! Members of JSON objects, written straight to memory. Most texts need no escape, and checking this is all that
//! writing them costs.

use serde::Serialize;

/// Appends a string member.
pub(super) fn member(line: &mut Vec<u8>, name: &str, text: &str) {
    key(line, name);
    string(line, text);
}

/// Appends the name of a member.
pub(super) fn key(line: &mut Vec<u8>, name: &str) {
    line.push(b',');
    string(line, name);
    line.push(b':');
}

pub(super) fn string(line: &mut Vec<u8>, text: &str) {
    // Checks all bytes, many at once: stopping at the first would take longer.
    let special = |found: bool, byte: u8| found | (byte < b' ') | (byte == b'"') | (byte == b'\\');
    if text.bytes().fold(false, special) {
        return value(line, text);
    }
    line.reserve(text.len() + 2);
    line.push(b'"');
    line.extend_from_slice(text.as_bytes());
    line.push(b'"');
}

pub(super) fn value<T: Serialize + ?Sized>(line: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(line, value).expect("numbers and texts are written to memory");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_is_written_as_serde_json_writes_it(text in any::<String>()) {
            let mut line = Vec::new();
            string(&mut line, &text);
            prop_assert_eq!(line, serde_json::to_vec(&text).unwrap());
        }
    }
}
