//! Changes, and items against the reader of items that most use.

use super::*;
use proptest::prelude::*;
use serde::Serialize;
use serde_dynamo::AttributeValue;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

fn read<T: DeserializeOwned + Send + 'static>(record: &str) -> Result<Change<T>, String> {
    let behind = format!("{record},");
    let read = Change::<T>::read(record.as_bytes(), DateTime::UNIX_EPOCH);
    if let Some((change, length)) =
        Change::<T>::read_first(&behind, DateTime::UNIX_EPOCH, &mut RecordBefore::default())
    {
        assert_eq!(length, record.len());
        assert!(read.is_ok(), "{record}");
        return Ok(*change.item);
    }
    read.map(|read| *read.item).map_err(|error| error.to_string())
}

fn record(images: &Value) -> String {
    let mut dynamodb = json!({"Keys": {"id": {"S": "o-1"}, "line": {"N": "2"}}, "SequenceNumber": "1"});
    for (name, image) in images.as_object().unwrap() {
        dynamodb[name] = image.clone();
    }
    json!({"eventID": "1", "eventName": "MODIFY", "dynamodb": dynamodb}).to_string()
}

#[derive(Debug, Deserialize, PartialEq)]
struct Order {
    id: String,
    total: String,
    wide: i128,
    count: i64,
    paid: bool,
    note: Option<String>,
    tags: BTreeSet<String>,
    address: Address,
    #[serde(default)]
    state: State,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Address {
    city: String,
    position: (f64, f64),
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum State {
    #[default]
    Open,
    Paid,
}

#[test]
fn a_change_has_its_kind_its_key_and_both_images() {
    let image = |state: &str| {
        json!({
            "id": {"S": "o-\"1\""}, "total": {"N": "12345678901234567890123456789012345.678"}, "count": {"N": "-3"},
            "wide": {"N": "-12345678901234567890123456789012345678"},
            "paid": {"BOOL": true}, "note": {"NULL": true}, "tags": {"SS": ["a", "b"]}, "state": {"S": state},
            "address": {"M": {"city": {"S": "Bremen"}, "position": {"L": [{"N": "53.1"}, {"N": "8"}]}}},
            "unknown": {"L": [{"M": {"x": {"B": "eA=="}}}]}
        })
    };
    let change = read::<Order>(&record(
        &json!({"NewImage": image("paid"), "OldImage": image("open")}),
    ))
    .unwrap();
    let new = change.new.unwrap();
    assert_eq!(change.kind, ChangeKind::Modify);
    assert_eq!(change.old.unwrap().state, State::Open);
    assert_eq!(new.state, State::Paid);
    assert_eq!(
        (&*new.id, &*new.total),
        ("o-\"1\"", "12345678901234567890123456789012345.678")
    );
    assert_eq!(new.wide, -12_345_678_901_234_567_890_123_456_789_012_345_678);
    assert_eq!((new.count, new.paid, new.note), (-3, true, None));
    assert_eq!(new.tags, ["a", "b"].map(str::to_owned).into());
    assert_eq!(new.address.position, (53.1, 8.0));
    assert_eq!(change.keys.get::<String>("id").unwrap(), "o-1");
    assert_eq!(
        change
            .keys
            .read::<(String, u8)>()
            .unwrap_err()
            .to_string()
            .split(" at line")
            .next(),
        Some("unreadable at keys: invalid type: map, expected a tuple of size 2")
    );
    assert_eq!(
        change.keys.read::<BTreeMap<String, Value>>().unwrap()["line"],
        json!(2)
    );
    assert_eq!(
        change.keys.get::<u8>("id").unwrap_err().to_string(),
        "unreadable at keys `id`: invalid type: string, expected u8 at line 1 column 5"
    );
    assert_eq!(
        change.keys.get::<u8>("order").unwrap_err().to_string(),
        "unreadable at keys `order`: there is none"
    );
}

#[test]
fn there_may_be_no_images() {
    let change = read::<Order>(&record(&json!({}))).unwrap();
    assert!(change.new.is_none() && change.old.is_none());
    let change = read::<Order>(&record(&json!({"NewImage": null}))).unwrap();
    assert!(change.new.is_none());
}

#[test]
fn what_does_not_fit_is_named_by_its_path_and_not_quoted() {
    let image = json!({"count": {"N": "129.95"}});
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is read, or not")]
    struct Counted {
        count: u8,
    }
    let error = read::<Counted>(&record(&json!({"NewImage": image}))).unwrap_err();
    assert!(
        error.starts_with("unreadable at `dynamodb.NewImage.count.N`: invalid value: number, expected u8"),
        "{error}"
    );
    for (record, told) in [
        (
            r#"{"eventName":"DROP","dynamodb":{"Keys":{}}}"#,
            "unreadable at `eventName`: unknown variant, expected one of",
        ),
        (
            r#"{"eventName":"INSERT"}"#,
            "unreadable at `.`: missing field `dynamodb`",
        ),
        (
            r#"{"eventName":"INSERT","dynamodb":{"Keys":{}},"x":nope}"#,
            "unreadable at `x`: expected ident",
        ),
    ] {
        let error = read::<Value>(record).unwrap_err();
        assert!(error.starts_with(told), "{error}");
    }
}

#[test]
fn a_duplicate_key_counts_once() {
    let record = r#"{"eventName":"INSERT","eventName":"REMOVE","dynamodb":{"Keys":{},"NewImage":{"a":{"N":"1"}},"NewImage":{"a":{"N":"2"}}}}"#;
    #[derive(Deserialize)]
    struct Item {
        a: u8,
    }
    let change = read::<Item>(record).unwrap();
    assert_eq!((change.kind, change.new.unwrap().a), (ChangeKind::Remove, 2));
}

/// As the streams write them.
fn written(value: &AttributeValue) -> Value {
    use base64::Engine as _;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(digits) => json!({"N": digits}),
        AttributeValue::B(bytes) => json!({"B": encode(bytes)}),
        AttributeValue::Bool(value) => json!({"BOOL": value}),
        AttributeValue::Null(value) => json!({"NULL": value}),
        AttributeValue::M(map) => {
            json!({"M": map.iter().map(|(key, value)| (key, written(value))).collect::<HashMap<_, _>>()})
        }
        AttributeValue::L(list) => json!({"L": list.iter().map(written).collect::<Vec<_>>()}),
        AttributeValue::Ss(texts) => json!({"SS": texts}),
        AttributeValue::Ns(numbers) => json!({"NS": numbers}),
        AttributeValue::Bs(list) => json!({"BS": list.iter().map(|bytes| encode(bytes)).collect::<Vec<_>>()}),
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
enum Kind {
    Plain,
    One(i32),
    Pair(u8, String),
    Named { on: bool },
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type")]
enum Tagged {
    Text { text: String },
    Count { count: i64, ratio: f64 },
    Nothing,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Wrapped(Vec<Option<String>>);

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Everything {
    text: String,
    letter: char,
    small: i8,
    large: u64,
    float: f64,
    flag: bool,
    maybe: Option<i32>,
    nothing: (),
    pair: (String, u16),
    list: Vec<i64>,
    map: BTreeMap<String, f64>,
    kind: Kind,
    kinds: Vec<Kind>,
    tagged: Tagged,
    wrapped: Wrapped,
    #[serde(flatten)]
    rest: BTreeMap<String, Option<String>>,
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Plain),
        any::<i32>().prop_map(Kind::One),
        (any::<u8>(), "\\PC{0,4}").prop_map(|(number, text)| Kind::Pair(number, text)),
        any::<bool>().prop_map(|on| Kind::Named { on }),
    ]
}

fn tagged() -> impl Strategy<Value = Tagged> {
    prop_oneof![
        "[\\PC\"\\\\\n]{0,6}".prop_map(|text| Tagged::Text { text }),
        (any::<i64>(), -1e9..1e9).prop_map(|(count, ratio)| Tagged::Count { count, ratio }),
        Just(Tagged::Nothing),
    ]
}

prop_compose! {
    fn everything()(
        (text, letter, small, large) in ("[\\PC\"\\\\\n]{0,9}", any::<char>(), any::<i8>(), any::<u64>()),
        (float, flag, maybe) in (-1e12..1e12, any::<bool>(), any::<Option<i32>>()),
        (pair, list) in (("\\PC{0,4}", any::<u16>()), proptest::collection::vec(any::<i64>(), 0..4)),
        map in proptest::collection::btree_map("[a-z\"]{1,4}", -1e3..1e3, 0..3),
        (kind, kinds, tagged) in (kind(), proptest::collection::vec(kind(), 0..3), tagged()),
        wrapped in proptest::collection::vec(proptest::option::of("[a-z]{1,3}"), 0..3),
        rest in proptest::collection::btree_map("x[0-9]{1,2}", proptest::option::of("[a-z]{1,3}"), 0..3),
    ) -> Everything {
        Everything {
            text, letter, small, large, float, flag, maybe, nothing: (), pair, list, map, kind, kinds, tagged,
            wrapped: Wrapped(wrapped), rest,
        }
    }
}

proptest! {
    #[test]
    fn an_item_is_what_serde_dynamo_reads(expected in everything()) {
        let item: HashMap<String, AttributeValue> = serde_dynamo::to_item(&expected).unwrap();
        let image: HashMap<_, _> = item.iter().map(|(key, value)| (key, written(value))).collect();
        let record = record(&json!({"NewImage": image}));
        let read = read::<Everything>(&record).unwrap().new.unwrap();
        prop_assert_eq!(&read, &expected);
        let by_serde_dynamo: Everything = serde_dynamo::from_item(item).unwrap();
        prop_assert_eq!(read, by_serde_dynamo);
    }

    #[test]
    fn values_without_a_type_are_what_serde_dynamo_makes_of_them(value in untyped()) {
        let item = HashMap::from([("value".to_owned(), value)]);
        let image: HashMap<_, _> = item.iter().map(|(key, value)| (key, written(value))).collect();
        let read = read::<Value>(&record(&json!({"NewImage": image}))).unwrap().new.unwrap();
        let expected: Value = serde_dynamo::from_item(item).unwrap();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn sets_and_binaries_hold_what_was_put_in(
        texts in proptest::collection::btree_set("[a-z\"é]{0,4}", 1..4),
        numbers in proptest::collection::btree_set(any::<i64>(), 1..4),
        bytes in proptest::collection::vec(any::<u8>(), 0..9),
    ) {
        #[derive(Debug, Deserialize, PartialEq)]
        struct Sets {
            texts: BTreeSet<String>,
            numbers: BTreeSet<i64>,
            bytes: Vec<u8>,
            several: Vec<Vec<u8>>,
        }
        let image = HashMap::from([
            ("texts", AttributeValue::Ss(texts.iter().cloned().collect())),
            ("numbers", AttributeValue::Ns(numbers.iter().map(i64::to_string).collect())),
            ("bytes", AttributeValue::B(bytes.clone())),
            ("several", AttributeValue::Bs(vec![bytes.clone()])),
        ]);
        let image: HashMap<_, _> = image.iter().map(|(key, value)| (key, written(value))).collect();
        let read = read::<Sets>(&record(&json!({"NewImage": image}))).unwrap().new.unwrap();
        prop_assert_eq!(read, Sets { texts, numbers, bytes: bytes.clone(), several: vec![bytes] });
    }
}

/// Values that say all of themselves.
fn untyped() -> impl Strategy<Value = AttributeValue> {
    let leaf = prop_oneof![
        "[\\PC\"\\\\\n]{0,6}".prop_map(AttributeValue::S),
        any::<i64>().prop_map(|number| AttributeValue::N(number.to_string())),
        (-1e9..1e9).prop_map(|number: f64| AttributeValue::N(number.to_string())),
        any::<bool>().prop_map(AttributeValue::Bool),
        Just(AttributeValue::Null(true)),
        proptest::collection::vec("[a-z]{1,3}", 1..3).prop_map(AttributeValue::Ss),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(AttributeValue::L),
            proptest::collection::hash_map("[a-z\"]{0,4}", inner, 0..4).prop_map(AttributeValue::M),
        ]
    })
}
