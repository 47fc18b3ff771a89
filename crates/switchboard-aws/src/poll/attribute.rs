//! Attributes of DynamoDB items as JSON.

use aws_sdk_dynamodbstreams::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// An attribute as events have it: `{"S": "text"}`.
pub(super) fn attribute(value: &AttributeValue) -> Value {
    let encoded = |bytes: &[u8]| Value::from(STANDARD.encode(bytes));
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(number) => json!({"N": number}),
        AttributeValue::B(bytes) => json!({"B": encoded(bytes.as_ref())}),
        AttributeValue::Bool(is_true) => json!({"BOOL": is_true}),
        AttributeValue::Null(is_null) => json!({"NULL": is_null}),
        AttributeValue::Ss(texts) => json!({"SS": texts}),
        AttributeValue::Ns(numbers) => json!({"NS": numbers}),
        AttributeValue::Bs(all) => {
            let all: Vec<Value> = all.iter().map(|bytes| encoded(bytes.as_ref())).collect();
            json!({"BS": all})
        }
        AttributeValue::L(items) => json!({"L": items.iter().map(attribute).collect::<Vec<_>>()}),
        AttributeValue::M(fields) => json!({"M": item(fields)}),
        _ => Value::Null,
    }
}

/// An item, or its keys.
pub(super) fn item(fields: &HashMap<String, AttributeValue>) -> Value {
    let fields = fields
        .iter()
        .map(|(name, value)| (name.clone(), attribute(value)));
    Value::Object(fields.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodbstreams::primitives::Blob;

    #[test]
    fn every_kind_of_attribute_is_as_in_events() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let blob = || Blob::new(b"hi".to_vec());
        let fields = [
            (
                "l".to_owned(),
                AttributeValue::L(vec![text("a"), AttributeValue::Null(true)]),
            ),
            (
                "m".to_owned(),
                AttributeValue::M(HashMap::from([(
                    "n".to_owned(),
                    AttributeValue::N("1".to_owned()),
                )])),
            ),
            ("b".to_owned(), AttributeValue::B(blob())),
            ("bs".to_owned(), AttributeValue::Bs(vec![blob()])),
            ("ss".to_owned(), AttributeValue::Ss(vec!["x".to_owned()])),
            ("ns".to_owned(), AttributeValue::Ns(vec!["2".to_owned()])),
            ("t".to_owned(), AttributeValue::Bool(true)),
        ];
        assert_eq!(
            item(&HashMap::from(fields)),
            json!({"l": {"L": [{"S": "a"}, {"NULL": true}]}, "m": {"M": {"n": {"N": "1"}}}, "b": {"B": "aGk="},
                "bs": {"BS": ["aGk="]}, "ss": {"SS": ["x"]}, "ns": {"NS": ["2"]}, "t": {"BOOL": true}})
        );
    }
}
