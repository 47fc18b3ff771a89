//! Finds a few values of an object by their paths, in one pass over its raw text.

use super::scan::{Broken, Cursor};
use super::survey::unescaped;
use std::borrow::Cow;

/// The raw JSON of the value at each path (keys with dots between them), in the order of `paths`; `None` for missing
/// values. Of a duplicate key the last value counts, as in most JSON readers.
///
/// Nothing is parsed. If the outline of `raw` is broken, nothing is found.
pub(crate) fn parts<'r, const N: usize>(raw: &'r [u8], paths: [Option<&str>; N]) -> [Option<&'r [u8]>; N] {
    let mut found = [None; N];
    let mut cursor = Cursor::new(raw);
    if cursor.enter(b'{') && object(&mut cursor, &paths, &mut found).is_err() {
        return [None; N];
    }
    found
}

/// Walks over the object that the cursor is in. `paths` has the rest of each path that leads here.
fn object<'r, const N: usize>(
    cursor: &mut Cursor<'r>,
    paths: &[Option<&str>; N],
    found: &mut [Option<&'r [u8]>; N],
) -> Result<(), Broken> {
    let mut first = true;
    while let Some(key) = cursor.key(std::mem::take(&mut first))? {
        let name = match cursor.escaped {
            true => unescaped(key),
            false => Cow::Borrowed(key),
        };
        let step = Step::by(&name, paths);
        if (step.ends | step.inside) == 0 {
            cursor.skip()?;
        } else {
            value(cursor, step, &name, paths, found)?;
        }
    }
    Ok(())
}

/// The paths that a key belongs to, one bit for each.
#[derive(Clone, Copy, Default)]
struct Step {
    /// Those that end at its value.
    ends: u32,
    /// Those that lead into its value.
    inside: u32,
}

impl Step {
    #[inline]
    fn by<const N: usize>(key: &[u8], paths: &[Option<&str>; N]) -> Self {
        let mut step = Self::default();
        let initial = key.first();
        for (index, path) in paths.iter().enumerate() {
            // For most keys and paths, the first byte is enough.
            let path = path
                .map(str::as_bytes)
                .filter(|path| initial.is_none() || path.first() == initial);
            let rest = path.and_then(|path| path.strip_prefix(key));
            match rest {
                None => {}
                // A key with a dot cannot be part of a path.
                Some(_) if key.contains(&b'.') => {}
                Some([]) => step.ends |= 1 << index,
                Some([b'.', ..]) => step.inside |= 1 << index,
                Some(_) => {}
            }
        }
        step
    }
}

/// Takes what the paths need from the next value, which is that of `key`.
fn value<'r, const N: usize>(
    cursor: &mut Cursor<'r>,
    step: Step,
    key: &[u8],
    paths: &[Option<&str>; N],
    found: &mut [Option<&'r [u8]>; N],
) -> Result<(), Broken> {
    let start = cursor.clone();
    if step.inside != 0 {
        let inside = std::array::from_fn(|index| {
            let leads = step.inside & (1 << index) != 0;
            paths[index].filter(|_| leads)?.get(key.len() + 1..)
        });
        // Values found under an earlier duplicate of the key no longer count.
        for (slot, _) in found.iter_mut().zip(inside).filter(|(_, path)| path.is_some()) {
            *slot = None;
        }
        if cursor.enter(b'{') {
            object(cursor, &inside, found)?;
        } else {
            cursor.skip()?;
        }
    }
    if step.ends != 0 {
        *cursor = start;
        let value = cursor.skip()?;
        for (index, slot) in found.iter_mut().enumerate() {
            if step.ends & (1 << index) != 0 {
                *slot = Some(value);
            }
        }
    }
    Ok(())
}

/// The raw JSON of the first value at a path. Nothing after it is read: for information that helps people, where
/// duplicate keys do no harm.
pub(crate) fn first_part<'r>(raw: &'r [u8], path: &str) -> Option<&'r [u8]> {
    let mut cursor = Cursor::new(raw);
    match cursor.enter(b'{') {
        true => first(&mut cursor, path).ok()?,
        false => None,
    }
}

/// The same in the object that the cursor is in.
fn first<'r>(cursor: &mut Cursor<'r>, path: &str) -> Result<Option<&'r [u8]>, Broken> {
    let (name, rest) = match path.split_once('.') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let mut at_start = true;
    while let Some(key) = cursor.key(std::mem::take(&mut at_start))? {
        match rest {
            _ if key != name.as_bytes() => {}
            None => return cursor.skip().map(Some),
            Some(rest) if cursor.enter(b'{') => match first(cursor, rest)? {
                None => continue,
                found => return Ok(found),
            },
            Some(_) => {}
        }
        cursor.skip()?;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn texts<const N: usize>(raw: &str, paths: [&str; N]) -> [Option<String>; N] {
        parts(raw.as_bytes(), paths.map(Some))
            .map(|part| part.map(|part| String::from_utf8(part.to_vec()).unwrap()))
    }

    #[test]
    fn finds_values_at_every_depth_and_an_object_together_with_what_is_in_it() {
        let raw = r#" {"a": 1, "b":{ "c":[{"d":2}], "a" : "x" },"ab":3,"b.c":4}"#;
        assert_eq!(
            texts(raw, ["a", "b.a", "b", "b.c", "b.d", "a.a", "ab"]),
            [
                Some("1"),
                Some(r#""x""#),
                Some(r#"{ "c":[{"d":2}], "a" : "x" }"#),
                Some(r#"[{"d":2}]"#),
                None,
                None,
                Some("3")
            ]
            .map(|text| text.map(ToOwned::to_owned))
        );
    }

    #[test]
    fn the_last_of_equal_keys_counts_and_escapes_make_no_other_key() {
        let raw = r#"{"k":{"a":1,"b":2},"\u006b":{"a":3},"x":{"y":1},"x":5}"#;
        assert_eq!(
            texts(raw, ["k.a", "k.b", "x.y"]),
            [Some("3".to_owned()), None, None]
        );
    }

    #[test]
    fn what_comes_first_is_found_whatever_follows() {
        let raw = br#"{"k":{"b":1},"k":{"a":2},"k":{"a":3}}, and nothing more"#;
        assert_eq!(first_part(raw, "k.a"), Some(&b"2"[..]));
        assert_eq!(first_part(raw, "k.c"), None);
        assert_eq!(first_part(br#"{"a":"#, "a"), None);
    }

    #[test]
    fn a_broken_outline_holds_nothing() {
        assert_eq!(parts(br#"{"a":1,"b":}"#, [Some("a")]), [None]);
        assert_eq!(parts(b"[1]", [Some("a"), None]), [None, None]);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i32>().prop_map(Value::from),
            "[a-c\"\\\\é]{0,3}".prop_map(Value::from),
            Just(Value::Null)
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            proptest::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect()))
        })
    }

    proptest! {
        #[test]
        fn finds_what_a_parser_finds(value in json(), path in "[a-c](\\.[a-c]){0,2}") {
            let pointer = format!("/{}", path.replace('.', "/"));
            let expected = value.pointer(&pointer).filter(|_| value.is_object());
            let raw = value.to_string();
            let found = parts(raw.as_bytes(), [Some(path.as_str())])[0];
            let found = found.map(|part| serde_json::from_slice::<Value>(part).unwrap());
            prop_assert_eq!(found.as_ref(), expected);
            let first = first_part(raw.as_bytes(), &path);
            let first = first.map(|part| serde_json::from_slice::<Value>(part).unwrap());
            prop_assert_eq!(first.as_ref(), expected);
        }
    }
}
