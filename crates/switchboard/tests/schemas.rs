//! Records of Kafka with schemas, as producers write them with Confluent's and Glue's registries, and as event source mappings deliver
//! them: `schemas/vectors.json`, which `schemas/record.py` has recorded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use switchboard::event::{Avro, AvroRecord, Protobuf, RecordKey};
use switchboard::testing::RecordOutcome;
use switchboard::{Context, Failure, Json, Router};

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Order {
    id: i64,
    customer: String,
    items: Vec<Line>,
    note: Option<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Line {
    sku: String,
    count: i32,
}

const SCHEMA: &str = include_str!("schemas/order.avsc");

impl AvroRecord for Order {
    const SCHEMA: &'static str = SCHEMA;
}

#[derive(Clone, PartialEq, prost::Message)]
struct OrderMessage {
    #[prost(sint64, tag = "1")]
    id: i64,
    #[prost(string, tag = "2")]
    customer: String,
    #[prost(message, repeated, tag = "3")]
    items: Vec<LineMessage>,
    #[prost(string, tag = "4")]
    note: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct LineMessage {
    #[prost(string, tag = "1")]
    sku: String,
    #[prost(sint32, tag = "2")]
    count: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct InnerMessage {
    #[prost(message, optional, tag = "1")]
    order: Option<OrderMessage>,
}

impl From<OrderMessage> for Order {
    fn from(message: OrderMessage) -> Self {
        let line = |line: LineMessage| Line {
            sku: line.sku,
            count: line.count,
        };
        Self {
            id: message.id,
            customer: message.customer,
            items: message.items.into_iter().map(line).collect(),
            note: Some(message.note).filter(|note| !note.is_empty()),
        }
    }
}

type Seen = Arc<Mutex<Vec<Order>>>;

fn see(cx: &Context<Seen>, order: impl Into<Order>) -> Result<(), Failure> {
    cx.state().lock().unwrap().push(order.into());
    Ok(())
}

async fn on_avro(Avro(order): Avro<Order>, cx: Context<Seen>) -> Result<(), Failure> {
    see(&cx, order)
}

async fn on_protobuf(Protobuf(order): Protobuf<OrderMessage>, cx: Context<Seen>) -> Result<(), Failure> {
    see(&cx, order)
}

async fn on_nested(Protobuf(inner): Protobuf<InnerMessage>, cx: Context<Seen>) -> Result<(), Failure> {
    see(&cx, inner.order.unwrap_or_default())
}

async fn on_json(Json(order): Json<Order>, cx: Context<Seen>) -> Result<(), Failure> {
    see(&cx, order)
}

async fn on_keyed(
    (RecordKey(Avro(key)), value): (RecordKey<Avro<Order>>, Option<Avro<Order>>),
    cx: Context<Seen>,
) -> Result<(), Failure> {
    see(&cx, key)?;
    value.map_or(Ok(()), |Avro(value)| see(&cx, value))
}

fn event(record: Value) -> String {
    let mut whole = json!({"topic": "orders", "partition": 0, "offset": 15, "timestamp": 1_791_204_800_987_i64,
        "timestampType": "CREATE_TIME", "headers": []});
    for (name, value) in record.as_object().unwrap() {
        whole[name] = value.clone();
    }
    json!({"eventSource": "aws:kafka", "eventSourceArn": "arn:aws:kafka:eu-central-1:1:cluster/c/1",
        "records": {"orders-0": [whole]}})
    .to_string()
}

/// What the handler gets, or why the record failed.
async fn deliver(
    router: impl FnOnce(Router<Seen>) -> Router<Seen>,
    record: Value,
) -> Result<Vec<Order>, String> {
    let seen = Seen::default();
    let delivered = router(Router::new(Arc::clone(&seen)))
        .deliver(event(record))
        .await;
    match &delivered.outcomes()[..] {
        [RecordOutcome::Done] => Ok(seen.lock().unwrap().clone()),
        [RecordOutcome::Failed(failure)] => Err(failure.clone()),
        other => panic!("{other:?}: {delivered}"),
    }
}

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("schemas/vectors.json")).unwrap()
}

fn routed(name: &str, router: Router<Seen>) -> Router<Seen> {
    match name {
        name if name.contains("nested") => router.kafka(on_nested),
        name if name.contains("AVRO") => router.kafka(on_avro),
        name if name.contains("PROTOBUF") => router.kafka(on_protobuf),
        _ => router.kafka(on_json),
    }
}

#[tokio::test]
async fn what_producers_write_is_read_with_its_header_and_as_mappings_deliver_it() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 20);
    for vector in vectors {
        let name = vector["name"].as_str().unwrap();
        let expected: Order = serde_json::from_value(vector["order"].clone()).unwrap();
        let metadata = json!({"dataFormat": vector["format"], "schemaId": vector["schemaId"]});
        for record in [
            json!({"value": vector["produced"]}),
            json!({"value": vector["mapped"], "valueSchemaMetadata": metadata}),
        ] {
            let read = deliver(|router| routed(name, router), record.clone()).await;
            assert_eq!(read.as_deref(), Ok(&[expected.clone()][..]), "{name}: {record}");
        }
    }
}

#[tokio::test]
async fn powertools_reads_the_same_where_it_reads_anything() {
    for vector in vectors() {
        let (name, mut read) = (vector["name"].as_str().unwrap(), vector["powertools"].clone());
        if name.contains("nested") {
            // It takes the zigzag of an index for twice as many indices, and what follows them for a message without fields.
            assert!(read["order"].is_null(), "{read}");
            continue;
        }
        for (field, empty) in [
            ("customer", json!("")),
            ("items", json!([])),
            ("note", Value::Null),
        ] {
            // In Protobuf what is empty is left out.
            if read.get(field).is_none() {
                read[field] = empty;
            }
        }
        if let Some(id) = read["id"].as_str().map(|id| id.parse::<i64>().unwrap()) {
            read["id"] = id.into();
        }
        assert_eq!(read, vector["order"], "{name}");
    }
}

#[tokio::test]
async fn keys_have_schemas_of_their_own_and_a_tombstone_has_none() {
    let vector = &vectors()[0];
    let expected: Order = serde_json::from_value(vector["order"].clone()).unwrap();
    let metadata = json!({"dataFormat": "AVRO", "schemaId": "1"});
    let keyed = |router: Router<Seen>| router.kafka(on_keyed);
    let record = json!({"key": vector["mapped"], "keySchemaMetadata": metadata, "value": vector["produced"]});
    assert_eq!(
        deliver(keyed, record).await.unwrap(),
        [expected.clone(), expected.clone()]
    );
    let record = json!({"key": vector["produced"], "value": null});
    assert_eq!(deliver(keyed, record).await.unwrap(), [expected]);
    let error = deliver(keyed, json!({"value": vector["produced"]}))
        .await
        .unwrap_err();
    assert!(error.ends_with("unreadable at key: there is none"), "{error}");
}

#[tokio::test]
async fn what_does_not_fit_is_told_and_not_quoted() {
    let value = |bytes: &[u8]| json!({"value": STANDARD.encode(bytes)});
    let avro = |router: Router<Seen>| router.kafka(on_avro);
    let protobuf = |router: Router<Seen>| router.kafka(on_protobuf);
    let mapped = |format: &str| json!({"value": STANDARD.encode("{}"), "valueSchemaMetadata": {"dataFormat": format, "schemaId": "1"}});
    for (error, told) in [
        (
            deliver(avro, value(b"\x02\x06Ada")).await,
            "there is no header of a schema registry before it",
        ),
        (
            deliver(avro, value(b"\0\0\0\0\x01\x02\x40secret")).await,
            "it is not what its schema says",
        ),
        (
            deliver(avro, value(b"\0\0\0\0\x01\x02\x06Ada\0\0secret")).await,
            "6 bytes are left",
        ),
        (
            deliver(avro, value(b"\0\0")).await,
            "it is shorter than the header of its schema",
        ),
        (
            deliver(avro, mapped("JSON")).await,
            "the mapping delivers JSON, and the handler asks for AVRO",
        ),
        (
            deliver(protobuf, mapped("AVRO")).await,
            "the mapping delivers AVRO, and the handler asks for PROTOBUF",
        ),
        (
            deliver(protobuf, value(b"\0\0\0\0\x01\0\x12\x02\xff\xfe")).await,
            "OrderMessage.customer",
        ),
        (
            deliver(protobuf, value(b"\0\0\0\0\x01\x80")).await,
            "it ends within its message indices",
        ),
        (
            deliver(
                |router| router.kafka(on_json),
                value(b"\0\0\0\0\x01{\"id\":\"secret\"}"),
            )
            .await,
            "unreadable at body `id`: invalid type: string, expected i64",
        ),
    ] {
        let error = error.unwrap_err();
        assert!(error.contains(told), "{told}: {error}");
        assert!(
            error.contains("unreadable at body") && !error.contains("secret"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_type_that_its_schema_does_not_fit_is_told_where() {
    #[derive(Debug, Deserialize)]
    struct Wrong {
        items: Vec<WrongLine>,
    }

    #[derive(Debug, Deserialize)]
    struct WrongLine {
        sku: u8,
    }

    impl AvroRecord for Wrong {
        const SCHEMA: &'static str = SCHEMA;
    }

    async fn on_wrong(Avro(wrong): Avro<Wrong>, _cx: Context<Seen>) -> Result<(), Failure> {
        panic!("{}", wrong.items[0].sku);
    }

    let record = json!({"value": vectors()[0]["produced"]});
    let error = deliver(|router| router.kafka(on_wrong), record)
        .await
        .unwrap_err();
    assert_eq!(
        error,
        "unreadable at body `items[0].sku`: invalid type: string, expected u8"
    );
}

/// A later form of the type: what was written before is brought into it.
#[derive(Debug, Deserialize)]
struct Placed {
    id: i64,
    channel: String,
}

impl AvroRecord for Placed {
    const SCHEMA: &'static str = r#"{"type": "record", "name": "Order", "namespace": "shop", "fields": [
        {"name": "id", "type": "long"}, {"name": "channel", "type": "string", "default": "web"}]}"#;

    fn written_with(schema_id: &str) -> Option<&'static str> {
        (schema_id == "1").then_some(SCHEMA)
    }
}

/// Data of a producer without a registry.
#[derive(Debug, Deserialize)]
struct Bare {
    id: i64,
}

impl AvroRecord for Bare {
    const SCHEMA: &'static str =
        r#"{"type": "record", "name": "Bare", "fields": [{"name": "id", "type": "long"}]}"#;
    const HAS_HEADER: bool = false;
}

/// A schema that would let data nest without end.
#[derive(Debug, Deserialize)]
struct Tree {
    _next: Option<Box<Tree>>,
}

impl AvroRecord for Tree {
    const SCHEMA: &'static str =
        r#"{"type": "record", "name": "Tree", "fields": [{"name": "_next", "type": ["null", "Tree"]}]}"#;
}

#[tokio::test]
async fn a_type_has_its_own_schema_and_knows_earlier_ones() {
    async fn on_placed(Avro(placed): Avro<Placed>, cx: Context<Seen>) -> Result<(), Failure> {
        see(
            &cx,
            OrderMessage {
                id: placed.id,
                customer: placed.channel,
                ..OrderMessage::default()
            },
        )
    }
    async fn on_bare(Avro(bare): Avro<Bare>, cx: Context<Seen>) -> Result<(), Failure> {
        see(
            &cx,
            OrderMessage {
                id: bare.id,
                ..OrderMessage::default()
            },
        )
    }
    async fn on_tree(_tree: Avro<Tree>, _cx: Context<Seen>) -> Result<(), Failure> {
        Ok(())
    }
    let read = deliver(
        |router| router.kafka(on_placed),
        json!({"value": vectors()[0]["produced"]}),
    )
    .await;
    let read = read.unwrap();
    assert_eq!((read[0].id, &*read[0].customer), (1001, "web"));
    let current = STANDARD.encode(b"\0\0\0\0\x02\x0e\x06app");
    let read = deliver(|router| router.kafka(on_placed), json!({"value": current}))
        .await
        .unwrap();
    assert_eq!((read[0].id, &*read[0].customer), (7, "app"));
    let read = deliver(
        |router| router.kafka(on_bare),
        json!({"value": STANDARD.encode(b"\x0e")}),
    )
    .await;
    assert_eq!(read.unwrap()[0].id, 7);
    let deep = [&b"\0\0\0\0\x01"[..], &vec![2; 1_000_000], b"\0"].concat();
    let error = deliver(
        |router| router.kafka(on_tree),
        json!({"value": STANDARD.encode(deep)}),
    )
    .await;
    assert!(error.unwrap_err().contains("its schema contains itself"));
}
