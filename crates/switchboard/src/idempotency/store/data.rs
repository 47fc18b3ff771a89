//! The format of results in a table's items.

use super::super::Layout;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Converts a result from JSON to this layout's format.
pub(super) fn write(json: &str, layout: Layout) -> Result<AttributeValue, serde_json::Error> {
    match layout {
        Layout::Python => Ok(AttributeValue::S(json.to_owned())),
        Layout::Typescript => attribute(serde_json::from_str(json)?),
    }
}

/// The JSON of a result in this layout's format; `None` if it has another format.
pub(super) fn read(data: &AttributeValue, layout: Layout) -> Option<String> {
    match layout {
        Layout::Python => data.as_s().ok().cloned(),
        Layout::Typescript => {
            let mut json = String::new();
            push(data, &mut json)?;
            Some(json)
        }
    }
}

/// Converts the text of each value, level by level, because `serde_json::Value` does not keep all digits of a number.
/// DynamoDB accepts at most 32 levels.
fn attribute(json: &RawValue) -> Result<AttributeValue, serde_json::Error> {
    let json = json.get();
    Ok(match json.as_bytes().first() {
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(json)?;
            let member = |(name, value)| Ok((name, attribute(value)?));
            AttributeValue::M(
                members
                    .into_iter()
                    .map(member)
                    .collect::<Result<_, serde_json::Error>>()?,
            )
        }
        Some(b'[') => {
            let values: Vec<&RawValue> = serde_json::from_str(json)?;
            AttributeValue::L(values.into_iter().map(attribute).collect::<Result<_, _>>()?)
        }
        Some(b'"') => AttributeValue::S(serde_json::from_str(json)?),
        Some(b'n') => AttributeValue::Null(true),
        Some(b't' | b'f') => AttributeValue::Bool(json == "true"),
        _ => AttributeValue::N(json.to_owned()),
    })
}

/// Sets and bytes have no JSON form.
fn push(value: &AttributeValue, json: &mut String) -> Option<()> {
    match value {
        AttributeValue::Null(_) => json.push_str("null"),
        AttributeValue::Bool(bool) => json.push_str(if *bool { "true" } else { "false" }),
        // DynamoDB writes a number like JSON, with all its digits.
        AttributeValue::N(number) => json.push_str(number),
        AttributeValue::S(text) => push_text(text, json)?,
        AttributeValue::L(values) => {
            json.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                push(value, json)?;
            }
            json.push(']');
        }
        AttributeValue::M(members) => {
            json.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                push_text(name, json)?;
                json.push(':');
                push(value, json)?;
            }
            json.push('}');
        }
        _ => return None,
    }
    Some(())
}

fn push_text(text: &str, json: &mut String) -> Option<()> {
    json.push_str(&serde_json::to_string(text).ok()?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Spelling, nested, normal};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e20..1e20).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        nested(leaf)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in value()) {
            for layout in [Layout::Python, Layout::Typescript] {
                let json = value.to_string();
                let kept = write(&json, layout).unwrap();
                let read = read(&kept, layout).unwrap();
                // By their spelling, as reading a value would round its numbers.
                let spelt = |json: &str| normal(json.as_bytes(), Spelling::Python).into_owned();
                prop_assert_eq!(spelt(&read), spelt(&json));
            }
        }
    }

    #[test]
    fn what_the_other_layout_writes_is_not_read() {
        let native = write(r#"{"ok":true}"#, Layout::Typescript).unwrap();
        assert_eq!(read(&native, Layout::Python), None);
        let set = AttributeValue::Ss(vec!["a".to_owned()]);
        assert_eq!(read(&AttributeValue::L(vec![set]), Layout::Typescript), None);
        let text = AttributeValue::S("done".to_owned());
        assert_eq!(read(&text, Layout::Typescript), Some(json!("done").to_string()));
    }
}
