//! Which calls are made, and what becomes of those that fail.

use super::Dynamodb;
use crate::event::SequenceNumber;
use crate::journal::{Append, Damaged, Entry, EntryQuery, Order, ResourceQuery, StateChange, Store};
use crate::store::dynamodb::testing::Told;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex};

/// What a table holds, by key.
type Table = Arc<Mutex<BTreeMap<String, Value>>>;

fn key(item: &Value) -> String {
    item["pk"]["S"].as_str().unwrap().to_owned()
}

/// Does what DynamoDB does, as far as these tests go.
fn answer(table: &mut BTreeMap<String, Value>, operation: &str, body: &Value) -> (u16, Value) {
    match operation {
        "BatchWriteItem" => {
            for request in body["RequestItems"]["journal"].as_array().unwrap() {
                let item = &request["PutRequest"]["Item"];
                table.insert(key(item), item.clone());
            }
            (200, json!({}))
        }
        "BatchGetItem" => {
            let keys = body["RequestItems"]["journal"]["Keys"].as_array().unwrap();
            let found: Vec<&Value> = keys.iter().filter_map(|wanted| table.get(&key(wanted))).collect();
            (200, json!({ "Responses": { "journal": found } }))
        }
        "PutItem" => {
            let item = &body["Item"];
            let there = table.get(&key(item));
            let ordering = |item: &Value| item["ordering"]["S"].as_str().map(str::to_owned);
            let seen = body["ExpressionAttributeValues"][":seen"]["S"].as_str();
            let old = body["ExpressionAttributeValues"][":old"]["S"].as_str();
            let may = there.is_none_or(|there| match (ordering(there), seen) {
                (None, _) => false,
                (Some(there), Some(seen)) => there == seen,
                (Some(there), None) => {
                    Some(&there) < ordering(item).as_ref() && !old.is_some_and(|old| there.starts_with(old))
                }
            });
            if !may {
                let refused = json!({ "__type": "ConditionalCheckFailedException", "Item": there });
                return (400, refused);
            }
            table.insert(key(item), item.clone());
            (200, json!({}))
        }
        other => panic!("{other}"),
    }
}

/// A journal whose table answers by `fault`, or as DynamoDB does.
fn journal(
    mut fault: impl FnMut(&str, &Value) -> Option<(u16, Value)> + Send + 'static,
) -> (Told, Dynamodb, Table) {
    let table = Table::default();
    let kept = Arc::clone(&table);
    let told = Told::by(move |operation, body| {
        fault(operation, body).unwrap_or_else(|| answer(&mut kept.lock().unwrap(), operation, body))
    });
    let store = Dynamodb::new(told.client(), "journal");
    (told, store, table)
}

fn entries(count: usize) -> Vec<Append> {
    let entry = |n: usize| Entry::builder(n.to_string(), "/s", "t").build().unwrap();
    (0..count).map(|n| entry(n).into()).collect()
}

fn changing(id: &str, number: &str) -> Append {
    changing_in(id, Order::sequence_number(SequenceNumber::new(number).unwrap()))
}

fn changing_in(id: &str, order: Order) -> Append {
    let change = StateChange {
        urn: "urn:x".into(),
        resource_type: "x",
        state: id.into(),
        order,
        data: None,
    };
    Append {
        change: Some(change),
        ..Append::from(Entry::builder(id, "/s", "t").build().unwrap())
    }
}

fn operations(told: &Told) -> BTreeMap<String, usize> {
    let mut operations = BTreeMap::new();
    for (operation, _) in told.asked() {
        *operations.entry(operation).or_default() += 1;
    }
    operations
}

fn throttled() -> (u16, Value) {
    (
        400,
        json!({ "__type": "ProvisionedThroughputExceededException", "message": "slow down" }),
    )
}

#[tokio::test]
async fn five_hundred_entries_are_few_calls_under_way_at_once() {
    let (told, store, table) = journal(|_, _| None);
    store.append(&entries(500)).await.unwrap();
    let expected = [("BatchGetItem".to_owned(), 5), ("BatchWriteItem".to_owned(), 20)];
    assert_eq!(operations(&told), BTreeMap::from(expected));
    assert_eq!((told.at_once(), table.lock().unwrap().len()), (8, 500));
    // What is there is looked up, and not written again.
    let again = store.append(&entries(500)).await.unwrap();
    assert!(again.iter().all(|appended| !appended.new));
    assert_eq!(operations(&told)["BatchWriteItem"], 20);
}

#[tokio::test]
async fn one_entry_is_one_call() {
    let (told, store, _) = journal(|_, _| None);
    assert!(store.append(&entries(1)).await.unwrap()[0].new);
    let (operation, body) = &told.asked()[0];
    assert_eq!(operation, "PutItem");
    assert_eq!(body["ConditionExpression"], "attribute_not_exists(#pk)");
    assert_eq!(body["Item"]["pk"]["S"], "entry#/s 0");
    assert_eq!(body["Item"].get("expires"), None);
    assert!(!store.append(&entries(1)).await.unwrap()[0].new);
    assert_eq!(told.asked().len(), 2);
}

#[tokio::test]
async fn entries_expire_and_states_do_not() {
    let (_, store, table) = journal(|_, _| None);
    let store = store.retention_days(NonZeroU16::new(7));
    let before = chrono::Utc::now().timestamp();
    store.append(&[changing("1", "1")]).await.unwrap();
    let table = table.lock().unwrap();
    let expires: i64 = table["entry#/s 1"]["expires"]["N"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((0..60).contains(&(expires - before - 7 * 24 * 60 * 60)));
    assert_eq!(table["resource#urn:x"].get("expires"), None);
}

#[tokio::test(start_paused = true)]
async fn what_is_left_unprocessed_is_written_again_and_nothing_else() {
    // Each call takes the first half of what it is given.
    let table = Table::default();
    let kept = Arc::clone(&table);
    let told = Told::by(move |operation, body| {
        let mut body = body.clone();
        let left = |requests: &mut Vec<Value>| requests.split_off(requests.len().div_ceil(2));
        let mut answered = Map::new();
        if operation == "BatchWriteItem" {
            let left = left(body["RequestItems"]["journal"].as_array_mut().unwrap());
            if !left.is_empty() {
                answered.insert("UnprocessedItems".into(), json!({ "journal": left }));
            }
        } else {
            let left = left(body["RequestItems"]["journal"]["Keys"].as_array_mut().unwrap());
            if !left.is_empty() {
                answered.insert("UnprocessedKeys".into(), json!({ "journal": { "Keys": left } }));
            }
        }
        let (status, mut taken) = answer(&mut kept.lock().unwrap(), operation, &body);
        taken.as_object_mut().unwrap().append(&mut answered);
        (status, taken)
    });
    let store = Dynamodb::new(told.client(), "journal");
    assert!(
        store
            .append(&entries(60))
            .await
            .unwrap()
            .iter()
            .all(|appended| appended.new)
    );
    assert_eq!(table.lock().unwrap().len(), 60);
    // 25 are 13 + 6 + 3 + 2 + 1, 10 are 5 + 3 + 1 + 1.
    assert_eq!(operations(&told)["BatchWriteItem"], 5 + 5 + 4);
    let written: usize = told
        .asked()
        .iter()
        .filter(|(operation, _)| operation == "BatchWriteItem")
        .map(|(_, body)| body["RequestItems"]["journal"].as_array().unwrap().len())
        .sum();
    assert_eq!(written, 2 * (25 + 12 + 6 + 3 + 1) + 10 + 5 + 2 + 1);
    assert!(
        store
            .append(&entries(60))
            .await
            .unwrap()
            .iter()
            .all(|appended| !appended.new)
    );
}

#[tokio::test(start_paused = true)]
async fn what_stays_unprocessed_is_an_error_that_says_so() {
    let refuse = |operation: &str, body: &Value| {
        (operation == "BatchWriteItem").then(|| (200, json!({ "UnprocessedItems": body["RequestItems"] })))
    };
    let (_, store, _) = journal(refuse);
    let error = store.append(&entries(6)).await.unwrap_err();
    assert!(error.is_busy());
    let expected =
        "BatchWriteItem on the table `journal` left 6 of 6 items unprocessed 8 times: it is being throttled";
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn an_error_names_the_call_and_says_whether_trying_again_helps() {
    for call in ["BatchGetItem", "BatchWriteItem"] {
        let (_, store, _) = journal(move |operation, _| (operation == call).then(throttled));
        let error = store.append(&entries(9)).await.unwrap_err();
        assert!(error.is_busy());
        let expected = format!(
            "{call} on the table `journal` failed: ProvisionedThroughputExceededException: slow down"
        );
        assert_eq!(error.to_string(), expected);
    }
    let missing = || {
        (
            400,
            json!({ "__type": "ResourceNotFoundException", "message": "no such table" }),
        )
    };
    let (_, store, _) = journal(move |_, _| Some(missing()));
    let error = store.append(&entries(1)).await.unwrap_err();
    assert!(!error.is_busy());
    assert_eq!(
        error.to_string(),
        "PutItem on the table `journal` failed: ResourceNotFoundException: no such table"
    );
    let error = store.health().await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("GetItem on the table `journal` failed: ")
    );
}

#[tokio::test]
async fn health_is_that_of_reading_and_writing() {
    // A condition that does not hold is looked at by who may write only.
    let refusal = json!({ "__type": "ConditionalCheckFailedException" });
    let told = Told::answers([(200, json!({})), (400, refusal)]);
    Dynamodb::new(told.client(), "journal").health().await.unwrap();
    let [(get, _), (put, body)] = &told.asked()[..] else {
        panic!("{:?}", told.asked());
    };
    assert_eq!((get.as_str(), put.as_str()), ("GetItem", "PutItem"));
    assert_eq!(
        body["ConditionExpression"],
        "attribute_exists(#pk) AND attribute_not_exists(#pk)"
    );
    let denied = json!({ "__type": "AccessDeniedException", "message": "no" });
    let told = Told::answers([(200, json!({})), (400, denied)]);
    let error = Dynamodb::new(told.client(), "journal")
        .health()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "PutItem on the table `journal` failed: AccessDeniedException: no"
    );
}

#[tokio::test]
async fn what_is_damaged_costs_itself_only() {
    let (_, store, table) = journal(|_, _| None);
    store.append(&entries(20)).await.unwrap();
    let mut items: Vec<Value> = table.lock().unwrap().values().cloned().collect();
    items.sort_by_key(|item| item["position"]["S"].as_str().unwrap().to_owned());
    items[3]["document"]["S"] = "{\"id".into();
    items[4].as_object_mut().unwrap().remove("document");
    items[5]["parts"] = json!({ "N": "1" });
    items[6].as_object_mut().unwrap().remove("identity");
    let id = |at: usize| items[at]["id"]["S"].as_str().unwrap().to_owned();
    let (kept, mut first) = (items.clone(), true);
    let told = Told::by(move |operation, _| match operation {
        "BatchGetItem" => (200, json!({ "Responses": {} })),
        _ if std::mem::take(&mut first) => (200, json!({ "Items": kept })),
        _ => (200, json!({ "Items": [] })),
    });
    let store = Dynamodb::new(told.client(), "journal");
    let page = store.entries(&EntryQuery::default()).await.unwrap();
    let name = |at| Damaged::Entry {
        source: "/s".into(),
        id: id(at),
    };
    assert_eq!(page.damaged, [3, 4, 5, 6].map(name));
    assert_eq!(page.items.len(), 16);

    let resource = |urn: &str| {
        let text = |text: &str| json!({ "S": text });
        json!({ "pk": text("x"), "position": text(urn), "urn": text(urn), "type": text("t"), "state": text("s"),
            "source": text("/s"), "id": text("1") })
    };
    let mut items = vec![resource("urn:1"), resource("urn:2"), resource("urn:3")];
    items[1]["data"] = json!({ "S": "{" });
    let mut first = true;
    let told = Told::by(move |_, _| match std::mem::take(&mut first) {
        true => (200, json!({ "Items": items })),
        false => (200, json!({ "Items": [] })),
    });
    let store = Dynamodb::new(told.client(), "journal");
    let page = store.resources(&ResourceQuery::default()).await.unwrap();
    assert_eq!(page.damaged, [Damaged::Resource { urn: "urn:2".into() }]);
    assert_eq!(page.items.len(), 2);
}

#[tokio::test]
async fn a_state_that_failed_is_caught_up_with_when_the_event_comes_again() {
    let mut failures = 1;
    let (_, store, table) = journal(move |_, body| {
        let fails = body["Item"]["pk"]["S"] == "resource#urn:x" && failures > 0;
        fails.then(|| {
            failures -= 1;
            throttled()
        })
    });
    store.append(&[changing("1", "1")]).await.unwrap_err();
    assert!(!table.lock().unwrap().contains_key("resource#urn:x"));
    assert!(!store.append(&[changing("1", "1")]).await.unwrap()[0].new);
    assert_eq!(table.lock().unwrap()["resource#urn:x"]["state"]["S"], "1");
}

#[tokio::test]
async fn a_later_state_is_not_overwritten() {
    let (told, store, table) = journal(|_, _| None);
    for (id, number) in [("1", "11"), ("2", "9"), ("3", "11"), ("4", "12")] {
        store.append(&[changing(id, number)]).await.unwrap();
    }
    assert_eq!(table.lock().unwrap()["resource#urn:x"]["state"]["S"], "4");
    let (_, state) = &told.asked()[1];
    assert_eq!(
        state["ConditionExpression"],
        "attribute_not_exists(#pk) OR #ordering < :ordering"
    );
}

/// Older releases wrote sequencers as numbers, without the zeros before them.
#[tokio::test]
async fn objects_of_an_older_release_change_by_their_sequencers() {
    let created =
        r#"z0000001855aed6dcd90281e5aa ["s3","photos","k","","ObjectCreated:Put","0055AED6DCD90281E5AA"]"#;
    for (old, sequencer, state) in [
        (created, "0055AED6DCD90281E4", "old"),
        (created, "0055AED6DCD9028200", "new"),
        // An order that does not say its sequencer gives way to the first that does.
        ("z0000001855aed6dcd90281e5aa x", "0001", "new"),
    ] {
        let (_, store, table) = journal(|_, _| None);
        let kept = json!({"pk": {"S": "resource#urn:x"}, "ordering": {"S": old}, "state": {"S": "old"}});
        table.lock().unwrap().insert("resource#urn:x".to_owned(), kept);
        let order = Order::sequencer(sequencer).unwrap().tie("i");
        store.append(&[changing_in("new", order)]).await.unwrap();
        assert_eq!(
            table.lock().unwrap()["resource#urn:x"]["state"]["S"],
            state,
            "{old} {sequencer}"
        );
    }
}

#[tokio::test]
async fn an_old_order_that_changes_meanwhile_is_tried_again_later() {
    let (told, store, table) = journal(|_, body| {
        let again = body["ExpressionAttributeValues"].get(":seen").is_some();
        again.then(|| (400, json!({ "__type": "ConditionalCheckFailedException" })))
    });
    let kept = json!({"pk": {"S": "resource#urn:x"}, "ordering": {"S": "z000000017 x"}});
    table.lock().unwrap().insert("resource#urn:x".to_owned(), kept);
    let order = Order::sequencer("7").unwrap();
    let error = store.append(&[changing_in("1", order)]).await.unwrap_err();
    assert!(error.is_busy(), "{error}");
    assert_eq!(
        told.asked()[1].1["ConditionExpression"],
        "attribute_not_exists(#pk) OR (#ordering < :ordering AND NOT begins_with(#ordering, :old))"
    );
    assert_eq!(told.asked()[2].1["ConditionExpression"], "#ordering = :seen");
}
