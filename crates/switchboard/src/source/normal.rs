//! One spelling for each JSON value, so that equal values have equal bytes, however they were written.

use super::scan::{Broken, Cursor};
use super::spelling::{SortKey, Spelling, is_plain};
use std::borrow::Cow;
use std::collections::HashMap;

/// How deep objects and arrays are opened; deeper values stay as they are. Python opens no more than that.
const MAX_DEPTH: usize = 1000;

/// The value in this spelling. An invalid value stays as it is.
pub(crate) fn normal(value: &[u8], spelling: Spelling) -> Cow<'_, [u8]> {
    let value = value.trim_ascii();
    // Identities and data are almost always strings without escapes.
    if let [b'"', text @ .., b'"'] = value
        && is_plain(text)
    {
        return Cow::Borrowed(value);
    }
    let mut spelt = Vec::with_capacity(value.len() + value.len() / 8);
    match write(&mut Cursor::new(value), spelling, &mut spelt) {
        Ok(()) => Cow::Owned(spelt),
        Err(Broken { .. }) => Cow::Borrowed(value),
    }
}

/// The container around the next value.
enum Open<'p> {
    Array,
    Object(Members<'p>),
}

/// Writes the next value. Not recursive, because the stack is limited.
fn write(cursor: &mut Cursor<'_>, spelling: Spelling, out: &mut Vec<u8>) -> Result<(), Broken> {
    let mut open = Vec::new();
    loop {
        let mut first = match cursor.first_byte() {
            b"{" if open.len() < MAX_DEPTH => {
                cursor.enter(b'{');
                out.push(b'{');
                open.push(Open::Object(Members::behind(out)));
                true
            }
            b"[" if open.len() < MAX_DEPTH => {
                cursor.enter(b'[');
                out.push(b'[');
                open.push(Open::Array);
                true
            }
            b"\"" => {
                spelling.string(cursor.skip()?, out);
                false
            }
            _ => {
                spelling.number_or_other(cursor.skip()?, out);
                false
            }
        };
        loop {
            let Some(innermost) = open.last_mut() else {
                return Ok(());
            };
            if innermost.goes_on(cursor, first, spelling, out)? {
                break;
            }
            open.pop();
            first = false;
        }
    }
}

impl<'p> Open<'p> {
    /// Writes what precedes the next value, or the end if there is none.
    fn goes_on(
        &mut self,
        cursor: &mut Cursor<'p>,
        first: bool,
        spelling: Spelling,
        out: &mut Vec<u8>,
    ) -> Result<bool, Broken> {
        match self {
            Self::Array => {
                let more = cursor.element(first)?;
                match more {
                    true if first => {}
                    true => out.extend(spelling.comma()),
                    false => out.push(b']'),
                }
                Ok(more)
            }
            Self::Object(members) => {
                let Some(key) = cursor.key(first)? else {
                    members.arrange(spelling, out);
                    out.push(b'}');
                    return Ok(false);
                };
                if !first {
                    out.extend(spelling.comma());
                }
                members.begin(key, spelling, out);
                Ok(true)
            }
        }
    }
}

/// The members of an object, written one after another in their original order.
struct Members<'p> {
    start: usize,
    /// The key of each, and where it starts.
    keys: Vec<(SortKey<'p>, usize)>,
    /// Whether they are in order already.
    in_order: bool,
}

impl<'p> Members<'p> {
    fn behind(out: &[u8]) -> Self {
        Self {
            start: out.len(),
            keys: Vec::new(),
            in_order: true,
        }
    }

    fn begin(&mut self, key: &'p [u8], spelling: Spelling, out: &mut Vec<u8>) {
        let start = out.len();
        spelling.key(key, out);
        let key = spelling.order(key);
        self.in_order &= !key.is_lost && self.keys.last().is_none_or(|(before, _)| *before < key);
        self.keys.push((key, start));
    }

    /// Sorts them; of equal keys the last one counts.
    fn arrange(&mut self, spelling: Spelling, out: &mut Vec<u8>) {
        if self.in_order {
            return;
        }
        let spelt = out.split_off(self.start);
        let starts = self
            .keys
            .iter()
            .skip(1)
            .map(|(_, start)| start - spelling.comma().len());
        let ends: Vec<usize> = starts.chain([self.start + spelt.len()]).collect();
        let mut pieces: Vec<(&SortKey<'p>, &[u8])> = Vec::with_capacity(self.keys.len());
        let mut places: HashMap<&[u8], usize> = HashMap::with_capacity(self.keys.len());
        for ((key, start), end) in self.keys.iter().zip(ends) {
            let piece = &spelt[start - self.start..end - self.start];
            let place = *places.entry(key.name()).or_insert(pieces.len());
            match pieces.get_mut(place) {
                Some(known) => known.1 = piece,
                None => pieces.push((key, piece)),
            }
        }
        pieces.retain(|(key, _)| !key.is_lost);
        // A stable sort: members whose keys differ but compare as equal keep their order.
        pieces.sort_by_key(|(key, _)| *key);
        for (index, (_, piece)) in pieces.into_iter().enumerate() {
            if index > 0 {
                out.extend(spelling.comma());
            }
            out.extend(piece);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// Values of any shape, of such leaves.
    pub(crate) fn nested(leaf: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn spelt(value: &str) -> String {
        spelt_in(value, Spelling::Python)
    }

    fn spelt_in(value: &str, spelling: Spelling) -> String {
        String::from_utf8(normal(value.as_bytes(), spelling).into_owned()).unwrap()
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
            (
                r#"["\ud800","\uD800ü","\udc00\ud800\uDC00\/"]"#,
                r#"["\ud800", "\ud800\u00fc", "\udc00\ud800\udc00/"]"#,
            ),
            (
                "[1545084650987654.25,74334791011607.125,5e-324,1.7976931348623157e308,9007199254740993.0,1e23]",
                "[1545084650987654.2, 74334791011607.12, 5e-324, 1.7976931348623157e+308, 9007199254740992.0, 1e+23]",
            ),
            (
                r#"{"b":1,"a":{"d":[{"y":1,"x":2}],"c":3},"b":2}"#,
                r#"{"a": {"c": 3, "d": [{"x": 2, "y": 1}]}, "b": 2}"#,
            ),
            (
                r#"{"\ue000":1,"\ud800":2,"\u0061":3,"a":4}"#,
                r#"{"a": 4, "\ud800": 2, "\ue000": 1}"#,
            ),
            (
                r#"{"\ud83d\ude00":1,"z":2,"\uffff":3}"#,
                r#"{"z": 2, "\uffff": 3, "\ud83d\ude00": 1}"#,
            ),
            (
                r#"{"\\":1,"\/":2,"\"":3,"\r":4,"\f":5,"\n":6,"\t":7,"\b":8}"#,
                r#"{"\b": 8, "\t": 7, "\n": 6, "\f": 5, "\r": 4, "\"": 3, "/": 2, "\\": 1}"#,
            ),
            (
                r#"{"\ue000":1,"\udfff":2,"\ud800":3,"\ua000":4}"#,
                r#"{"\ua000": 4, "\ud800": 3, "\udfff": 2, "\ue000": 1}"#,
            ),
        ] {
            assert_eq!(spelt(json), python);
        }
    }

    /// Left and right as `JSON.stringify(deepSort(JSON.parse(left)))` of Node.js 20 and
    /// `@aws-lambda-powertools/idempotency` 2.35.0 has them.
    #[test]
    fn spells_as_powertools_for_typescript_does() {
        for (json, javascript) in [
            (
                r#"{"b":1,"A":[true,null,{}],"a":"\u00fc\/\ud834\udd1e\n\u0001"}"#,
                r#"{"A":[true,null,{}],"a":"ü/𝄞\n\u0001","b":1}"#,
            ),
            (
                r#"{"10":1,"b":2,"9":3,"01":4,"4294967295":5,"__proto__":{"x":1},"a":6,"B":7,"b":8}"#,
                r#"{"9":3,"10":1,"01":4,"4294967295":5,"a":6,"b":8,"B":7}"#,
            ),
            (
                r#"[1.0,1e3,1e15,1e16,1e21,123456789012345680000,0.0001,1E-6,1E-7,-0,-0.0,1.5e300,1e400,12345678901234567890,1545084650987654.25,-2.5]"#,
                r#"[1,1000,1000000000000000,10000000000000000,1e+21,123456789012345680000,0.0001,0.000001,1e-7,0,0,1.5e+300,null,12345678901234567000,1545084650987654.2,-2.5]"#,
            ),
            (
                r#"["\ud800","\uD800ü","\udc00\ud800\uDC00"]"#,
                r#"["\ud800","\ud800ü","\udc00𐀀"]"#,
            ),
            (
                r#"{"\uffee":1,"\ud800\udc00":2,"Ü":3,"ü":4,"\u00fc":5,"ΑΣ":6,"ας":7}"#,
                r#"{"Ü":3,"ü":5,"ΑΣ":6,"ας":7,"𐀀":2,"￮":1}"#,
            ),
            (
                r#"{"\\":1,"\/":2,"\"":3,"\r":4,"\f":5,"\n":6,"\t":7,"\b":8}"#,
                r#"{"\b":8,"\t":7,"\n":6,"\f":5,"\r":4,"\"":3,"/":2,"\\":1}"#,
            ),
            (
                r#"{"\ue000":1,"\ud800\udc01":2,"\ud800\udc00":3,"\ua000":4}"#,
                "{\"\u{a000}\":4,\"\u{10000}\":3,\"\u{10001}\":2,\"\u{e000}\":1}",
            ),
        ] {
            assert_eq!(spelt_in(json, Spelling::Javascript), javascript);
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
        nested(leaf)
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
