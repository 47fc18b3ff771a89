//! Finds the JSON path of the value at an offset.

use super::scan::{Broken, Cursor};
use super::survey::unescaped;
use std::fmt::Write as _;

/// The path of the innermost value that contains or touches the byte at the offset: keys with dots between them,
/// indices in brackets, `.` for the payload itself. If the payload is cut off, the path is as complete as possible.
pub(crate) fn path_at(raw: &[u8], offset: usize) -> String {
    let mut path = String::new();
    let mut cursor = Cursor::new(raw);
    while let Ok(Some(inner)) = step(&mut cursor, offset, &mut path) {
        cursor = inner;
    }
    match path.is_empty() {
        true => ".".to_owned(),
        false => path,
    }
}

/// Moves from the value at the cursor to the one inside it that contains the offset, if there is one.
fn step<'r>(cursor: &mut Cursor<'r>, offset: usize, path: &mut String) -> Result<Option<Cursor<'r>>, Broken> {
    let in_object = cursor.enter(b'{');
    if !in_object && !cursor.enter(b'[') {
        return Ok(None);
    }
    for index in 0.. {
        let key = match in_object {
            true => cursor.key(index == 0)?,
            false => cursor.element(index == 0)?.then_some(&b""[..]),
        };
        let Some(key) = key else { break };
        cursor.peek();
        let (start, value) = (cursor.offset(), cursor.clone());
        if start > offset {
            break;
        }
        // A value that is cut off contains everything that follows.
        let goes_on = cursor.skip().is_ok();
        if !goes_on || offset <= cursor.offset() {
            name(path, in_object, key, index);
            return Ok(Some(value));
        }
    }
    Ok(None)
}

fn name(path: &mut String, in_object: bool, key: &[u8], index: usize) {
    if !in_object {
        // Writing to a string does not fail.
        let _ = write!(path, "[{index}]");
        return;
    }
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(&String::from_utf8_lossy(&unescaped(key)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_innermost_value() {
        let raw = br#"{"a": [1, {"b.c": "xy", "d": null}], "e\n": 5}"#;
        let at = |needle: &str| {
            let text = std::str::from_utf8(raw).unwrap();
            path_at(raw, text.find(needle).unwrap())
        };
        assert_eq!(at("xy"), "a[1].b.c");
        assert_eq!(at("null"), "a[1].d");
        assert_eq!(at("1, "), "a[0]");
        assert_eq!(at("}]"), "a[1].d");
        assert_eq!(at("]"), "a[1]");
        assert_eq!(at("5}"), "e\n");
        assert_eq!(path_at(raw, raw.len()), ".");
        assert_eq!(path_at(raw, 0), ".");
        assert_eq!(path_at(br#"{"a":{"b":"cut"#, 13), "a.b");
        assert_eq!(path_at(b"7", 0), ".");
    }
}
