//! A number for content, which shows whether two events with one id have different content.

use super::scan::{Broken, Cursor};

/// How deep objects and arrays are opened, because opening recurses. Deeper values count as they are written.
const MAX_DEPTH: usize = 64;

/// A hash that is the same on every machine and in every release. It does not protect against intentional collisions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self::new()
    }
}

impl Fingerprint {
    /// The fingerprint of no content.
    #[must_use]
    pub const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds these bytes, eight at a time: a record may have megabytes.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks::<8>();
        let whole = words
            .iter()
            .fold(self, |hash, word| hash.word(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        whole.word(u64::from_le_bytes(last)).word(bytes.len() as u64)
    }

    /// Adds this text; a missing one counts as empty.
    #[must_use]
    pub fn text(self, text: Option<&str>) -> Self {
        self.bytes(text.unwrap_or_default().as_bytes())
    }

    /// Adds this JSON, independent of white space and the order of keys.
    #[must_use]
    pub fn json(self, json: &[u8]) -> Self {
        match value(&mut Cursor::new(json), MAX_DEPTH) {
            Ok(value) => self.word(value.0),
            Err(Broken { .. }) => self.bytes(json),
        }
    }

    fn word(self, word: u64) -> Self {
        Self(
            (self.0 ^ word)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(31),
        )
    }
}

/// In hexadecimal digits.
impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The last steps have mixed the high half.
        let hash = (self.0 ^ (self.0 >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        write!(f, "{:016x}", hash ^ (hash >> 32))
    }
}

fn value(cursor: &mut Cursor<'_>, depth: usize) -> Result<Fingerprint, Broken> {
    match cursor.first_byte() {
        b"{" if depth > 0 => object(cursor, depth - 1),
        b"[" if depth > 0 => array(cursor, depth - 1),
        _ => Ok(Fingerprint::new().bytes(cursor.skip()?)),
    }
}

/// The sum of its members, which is the same in every order.
fn object(cursor: &mut Cursor<'_>, depth: usize) -> Result<Fingerprint, Broken> {
    cursor.enter(b'{');
    let (mut sum, mut first) = (0_u64, true);
    while let Some(key) = cursor.key(std::mem::take(&mut first))? {
        let member = Fingerprint::new().bytes(key).word(value(cursor, depth)?.0);
        sum = sum.wrapping_add(member.word(0).0);
    }
    Ok(Fingerprint::new().word(1).word(sum))
}

fn array(cursor: &mut Cursor<'_>, depth: usize) -> Result<Fingerprint, Broken> {
    cursor.enter(b'[');
    let (mut all, mut first) = (Fingerprint::new().word(2), true);
    while cursor.element(std::mem::take(&mut first))? {
        all = all.word(value(cursor, depth)?.0);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;
    use std::collections::HashSet;

    fn of(json: &str) -> Fingerprint {
        Fingerprint::new().json(json.as_bytes())
    }

    #[test]
    fn only_layout_does_not_matter() {
        let event = r#"{"a":[1,{"b":null,"c":"x"}],"d":12345678901234567890.10}"#;
        let laid_out = "{ \"d\" : 12345678901234567890.10,\n\"a\":[ 1, {\"c\":\"x\" ,\"b\":null } ] }";
        assert_eq!(of(event), of(laid_out));
        let others = [
            event,
            r#"{"a":[{"b":null,"c":"x"},1],"d":12345678901234567890.10}"#,
            r#"{"a":[1,{"b":null,"c":"x"}],"d":12345678901234567890.11}"#,
            r#"{"a":[1,{"b":"x","c":null}],"d":12345678901234567890.10}"#,
            r#"{"a":[1,{"b":null},"x"],"d":12345678901234567890.10}"#,
            r#"{"d":12345678901234567890.10}"#,
            "{}",
            "[]",
            "[[]]",
            r#""""#,
            "",
            "{",
            "null",
        ];
        let different: HashSet<String> = others.iter().map(|json| of(json).to_string()).collect();
        assert_eq!(different.len(), others.len());
    }

    #[test]
    fn nothing_is_too_deep_or_broken() {
        let deep = "[".repeat(200_000);
        assert_eq!(of(&deep), of(&deep));
        let closed = |inside: &str| format!("{}{inside}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_ne!(of(&closed("1")), of(&closed("2")));
    }

    /// Journals contain it.
    #[test]
    fn it_is_the_same_in_every_release() {
        let said = Fingerprint::new()
            .text(Some("EC2 Instance State-change"))
            .text(None);
        assert_eq!(
            said.json(br#"{"state":"running"}"#).to_string(),
            "0eef0846dbea1e2d"
        );
    }

    proptest! {
        #[test]
        fn bytes_that_differ_anywhere_differ(bytes in proptest::collection::vec(any::<u8>(), 1..200), at: prop::sample::Index, other: u8) {
            let mut changed = bytes.clone();
            *at.get_mut(&mut changed) = other;
            let hash = |bytes: &[u8]| Fingerprint::new().bytes(bytes).to_string();
            prop_assert_eq!(hash(&bytes) == hash(&changed), bytes == changed);
            prop_assert_ne!(hash(&bytes), hash(&bytes[1..]));
        }

        #[test]
        fn keys_may_be_in_any_order(object in proptest::collection::hash_map("[a-c]{0,3}", 0..3u8, 0..5)) {
            let forth: Vec<(String, Value)> = object.iter().map(|(key, value)| (key.clone(), (*value).into())).collect();
            let text = |members: &mut dyn Iterator<Item = &(String, Value)>| {
                let members: Vec<String> = members.map(|(key, value)| format!("{key:?}:{value}")).collect();
                format!("{{{}}}", members.join(","))
            };
            prop_assert_eq!(of(&text(&mut forth.iter())), of(&text(&mut forth.iter().rev())));
        }
    }
}
