//! Which calls are made, and what happens when one fails.

use super::Dynamodb;
use super::query_tests::query;
use crate::journal::{
    Append, Damaged, Data, Entry, EntryQuery, Follow, Order, ResourceQuery, StateChange, Store,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex};
use switchboard::event::SequenceNumber;
use switchboard_test_support::StubTable;

/// What a table holds, by key.
pub(super) type Table = Arc<Mutex<BTreeMap<String, Value>>>;

pub(super) fn key(item: &Value) -> String {
    item["pk"]["S"].as_str().unwrap().to_owned()
}

/// The item that a statement inserts.
pub(super) fn item(statement: &Value) -> Value {
    let text = statement["Statement"].as_str().unwrap();
    let members = text
        .strip_prefix("INSERT INTO \"journal\" VALUE {")
        .unwrap()
        .strip_suffix('}')
        .unwrap();
    let names = members
        .split(", ")
        .map(|member| member.strip_prefix('\'').unwrap().strip_suffix("': ?").unwrap());
    let values = statement["Parameters"].as_array().unwrap();
    assert_eq!(names.clone().count(), values.len());
    names
        .zip(values)
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect::<Map<_, _>>()
        .into()
}

/// Puts what the statements say, or nothing, and why not.
fn transact(table: &mut BTreeMap<String, Value>, statements: &Value) -> (u16, Value) {
    let items: Vec<Value> = statements.as_array().unwrap().iter().map(item).collect();
    let keys: BTreeSet<String> = items.iter().map(key).collect();
    assert!(keys.len() == items.len() && items.len() <= 100);
    let reason = |item: &Value| match table.contains_key(&key(item)) {
        true => json!({ "Code": "DuplicateItem", "Message": "Duplicate primary key exists in table" }),
        false => json!({ "Code": "None" }),
    };
    let reasons: Vec<Value> = items.iter().map(reason).collect();
    if reasons.iter().any(|reason| reason["Code"] != "None") {
        return cancelled(reasons);
    }
    table.extend(items.into_iter().map(|item| (key(&item), item)));
    (200, json!({ "Responses": [] }))
}

pub(super) fn cancelled(reasons: Vec<Value>) -> (u16, Value) {
    let name = "TransactionCanceledException";
    (
        400,
        json!({ "__type": name, "Message": "cancelled", "CancellationReasons": reasons }),
    )
}

/// Gives out slots of a log.
fn update(table: &mut BTreeMap<String, Value>, body: &Value) -> (u16, Value) {
    let expression = "SET #at = :at, #name = if_not_exists(#name, :name) ADD #last :count";
    assert_eq!(body["UpdateExpression"], expression);
    let value = |name: &str| body["ExpressionAttributeValues"][name].clone();
    let number = |value: &Value| value["N"].as_str().map_or(0, |n| n.parse::<u64>().unwrap());
    let there = table
        .entry(key(&body["Key"]))
        .or_insert_with(|| body["Key"].clone());
    let last = number(&there["last"]) + number(&value(":count"));
    there["last"] = json!({ "N": last.to_string() });
    there["at"] = value(":at");
    if there.get("name").is_none() {
        there["name"] = value(":name");
    }
    (200, json!({ "Attributes": there }))
}

fn insert(table: &mut BTreeMap<String, Value>, statement: &Value) -> Value {
    let item = item(statement);
    if table.contains_key(&key(&item)) {
        return json!({ "Error": { "Code": "DuplicateItem", "Message": "Duplicate primary key exists in table" } });
    }
    table.insert(key(&item), item);
    json!({ "TableName": "journal" })
}

/// Does what DynamoDB does, as far as these tests go.
pub(super) fn answer(table: &mut BTreeMap<String, Value>, operation: &str, body: &Value) -> (u16, Value) {
    match operation {
        "BatchExecuteStatement" => {
            let statements = body["Statements"].as_array().unwrap();
            let answers: Vec<Value> = statements
                .iter()
                .map(|statement| insert(table, statement))
                .collect();
            (200, json!({ "Responses": answers }))
        }
        "BatchGetItem" => {
            let keys = body["RequestItems"]["journal"]["Keys"].as_array().unwrap();
            let found: Vec<&Value> = keys.iter().filter_map(|wanted| table.get(&key(wanted))).collect();
            (200, json!({ "Responses": { "journal": found } }))
        }
        "Query" => (200, query(table, body)),
        "ExecuteTransaction" => transact(table, &body["TransactStatements"]),
        "UpdateItem" => update(table, body),
        "TransactGetItems" => {
            let gets = body["TransactItems"].as_array().unwrap();
            let item = |get: &Value| match table.get(&key(&get["Get"]["Key"])) {
                Some(item) => json!({ "Item": item }),
                None => json!({}),
            };
            (
                200,
                json!({ "Responses": gets.iter().map(item).collect::<Vec<Value>>() }),
            )
        }
        "GetItem" => (200, json!({ "Item": table.get(&key(&body["Key"])) })),
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
pub(super) fn journal(
    mut fault: impl FnMut(&str, &Value) -> Option<(u16, Value)> + Send + 'static,
) -> (StubTable, Dynamodb, Table) {
    let table = Table::default();
    let kept = Arc::clone(&table);
    let stub = StubTable::new(move |operation, body| {
        fault(operation, body).unwrap_or_else(|| answer(&mut kept.lock().unwrap(), operation, body))
    });
    let store = Dynamodb::new(stub.client(), "journal");
    (stub, store, table)
}

pub(super) fn entries(count: usize) -> Vec<Append> {
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

pub(super) fn operations(stub: &StubTable) -> BTreeMap<String, usize> {
    let mut operations = BTreeMap::new();
    for (operation, _) in stub.requests() {
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
    let (stub, store, table) = journal(|_, _| None);
    store.append(&entries(500)).await.unwrap();
    let expected = [
        ("BatchGetItem".to_owned(), 5),
        ("ExecuteTransaction".to_owned(), 6),
        ("UpdateItem".to_owned(), 1),
    ];
    assert_eq!(operations(&stub), BTreeMap::from(expected));
    // The log, and a slot of it for each transaction.
    assert_eq!((stub.at_once(), table.lock().unwrap().len()), (6, 500 + 1 + 6));
    // What is there is looked up, and not written again.
    let again = store.append(&entries(500)).await.unwrap();
    assert!(again.iter().all(|appended| !appended.new));
    assert_eq!(operations(&stub)["ExecuteTransaction"], 6);
    assert_eq!(operations(&stub)["UpdateItem"], 1);
}

#[tokio::test]
async fn a_few_entries_are_two_calls_which_put_nothing_over_an_entry() {
    let (stub, store, table) = journal(|_, _| None);
    assert!(store.append(&entries(1)).await.unwrap()[0].new);
    let [(update, _), (transaction, body)] = &stub.requests()[..] else {
        panic!("{:?}", stub.requests());
    };
    assert_eq!(
        (update.as_str(), transaction.as_str()),
        ("UpdateItem", "ExecuteTransaction")
    );
    let slot = item(&body["TransactStatements"][0]);
    assert_eq!(slot["entries"]["L"], json!([{ "S": "entry#/s 0" }]));
    let inserted = item(&body["TransactStatements"][1]);
    assert_eq!(inserted["pk"]["S"], "entry#/s 0");
    assert_eq!(inserted.get("expires"), None);
    assert!(!store.append(&entries(1)).await.unwrap()[0].new);
    // Another slot, the transaction that is cancelled, the slot that is closed, and the entry that is there.
    assert_eq!(stub.requests().len(), 6);
    let closed = table
        .lock()
        .unwrap()
        .values()
        .filter(|item| item["entries"]["L"] == json!([]))
        .count();
    assert_eq!(closed, 1);
    let appended = store.append(&entries(4)).await.unwrap();
    assert_eq!(
        appended.iter().map(|appended| appended.new).collect::<Vec<_>>(),
        [false, true, true, true]
    );
    // The transaction again without the one that is there.
    assert_eq!(stub.requests().len(), 10);
}

/// Another process comes between the look and the writing: its entry stays, under whichever identity.
#[tokio::test]
async fn an_entry_that_came_meanwhile_is_not_written_over() {
    for (identity, new) in [("/s 7", false), ("another", true)] {
        let table = Table::default();
        let kept = Arc::clone(&table);
        let stub = StubTable::new(move |operation, body| {
            let mut kept = kept.lock().unwrap();
            if operation == "ExecuteTransaction" && !kept.contains_key("entry#/s 7") {
                let mut item = item(&body["TransactStatements"][8]);
                item["identity"]["S"] = match identity {
                    "another" => identity.into(),
                    _ => item["identity"]["S"].clone(),
                };
                item["theirs"] = json!({ "BOOL": true });
                kept.insert(key(&item), item);
            }
            answer(&mut kept, operation, body)
        });
        let store = Dynamodb::new(stub.client(), "journal");
        let appended = store.append(&entries(9)).await.unwrap();
        let table = table.lock().unwrap();
        assert_eq!(table["entry#/s 7"]["theirs"]["BOOL"], true);
        assert_eq!((appended[7].new, appended[7].id != "7"), (new, new));
        // And two slots of logs, each of which there is once.
        let entries = table.keys().filter(|key| key.starts_with("entry#")).count();
        assert_eq!(entries, 9 + usize::from(new));
    }
}

/// What a client posts again under an id, with more in it, changes no part of what is there.
#[tokio::test]
async fn the_parts_of_a_large_entry_are_not_written_over() {
    let (stub, store, table) = journal(|_, _| None);
    let large = |text: &str| {
        let data = Data::Text(text.repeat(30_000));
        let entry = Entry::builder("1", "/s", "t").detected(data).build().unwrap();
        [Append::from(entry)]
    };
    assert!(store.append(&large("ab")).await.unwrap()[0].new);
    let kept = || {
        let mut kept = table.lock().unwrap().clone();
        kept.retain(|key, _| !key.starts_with("arrival"));
        kept
    };
    let before = kept();
    assert_eq!(before.len(), 2);
    assert!(!store.append(&large("cd")).await.unwrap()[0].new);
    assert_eq!(kept(), before);
    let kept = store.entry("/s", "1").await.unwrap().unwrap();
    assert!(kept.to_json().contains("abab"));
    // A try that ended between the parts and the entry leaves nothing that the next one's document is made of.
    table.lock().unwrap().remove("entry#/s 1");
    assert!(store.append(&large("ef")).await.unwrap()[0].new);
    let kept = store.entry("/s", "1").await.unwrap().unwrap();
    assert!(kept.to_json().contains("efef"));
    assert!(
        stub.requests()
            .iter()
            .all(|(operation, _)| operation != "PutItem")
    );
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
    // This would put it into the indexes of entries.
    assert_eq!(table["resource#urn:x"].get("type"), None);
}

#[tokio::test(start_paused = true)]
async fn only_what_is_left_unprocessed_is_requested_again() {
    // Each call takes the first half of what it is given.
    let table = Table::default();
    let kept = Arc::clone(&table);
    let stub = StubTable::new(move |operation, body| {
        let mut body = body.clone();
        let left = |requests: &mut Vec<Value>| requests.split_off(requests.len().div_ceil(2));
        let kept = &mut kept.lock().unwrap();
        match operation {
            "BatchExecuteStatement" => {
                let left = left(body["Statements"].as_array_mut().unwrap());
                let (status, mut taken) = answer(kept, operation, &body);
                let busy = json!({ "Error": { "Code": "ThrottlingError", "Message": "slow down" } });
                let answers = taken["Responses"].as_array_mut().unwrap();
                answers.extend(vec![busy; left.len()]);
                (status, taken)
            }
            "BatchGetItem" => {
                let left = left(body["RequestItems"]["journal"]["Keys"].as_array_mut().unwrap());
                let (status, mut found) = answer(kept, operation, &body);
                if !left.is_empty() {
                    found["UnprocessedKeys"] = json!({ "journal": { "Keys": left } });
                }
                (status, found)
            }
            _ => answer(kept, operation, &body),
        }
    });
    let store = Dynamodb::new(stub.client(), "journal");
    // Documents of two parts each.
    let large = |n: usize| {
        let data = Data::Text("x".repeat(400_000));
        let entry = Entry::builder(n.to_string(), "/s", "t").detected(data);
        Append::from(entry.build().unwrap())
    };
    let large: Vec<Append> = (0..5).map(large).collect();
    let new = |appended: Vec<crate::journal::Appended>| appended.iter().filter(|one| one.new).count();
    assert_eq!(new(store.append(&large).await.unwrap()), 5);
    assert_eq!(table.lock().unwrap().len(), 5 + 10 + 2);
    // What a call left open was asked for again.
    let written = statements(&stub);
    assert!(written > 10, "{written}");
    assert_eq!(new(store.append(&large).await.unwrap()), 0);
    assert_eq!(statements(&stub), written);
    assert_eq!(store.follow(&Follow::default()).await.unwrap().items.len(), 1);
}

/// How many statements were asked for outside of transactions.
fn statements(stub: &StubTable) -> usize {
    let asked = stub.requests();
    let batches = asked
        .iter()
        .filter(|(operation, _)| operation == "BatchExecuteStatement");
    batches
        .map(|(_, body)| body["Statements"].as_array().unwrap().len())
        .sum()
}

/// Every transaction is cancelled, as of its last statement.
fn cancelling(code: &'static str) -> impl FnMut(&str, &Value) -> Option<(u16, Value)> {
    move |operation, body| {
        let statements = body["TransactStatements"].as_array().map_or(0, Vec::len);
        (operation == "ExecuteTransaction").then(|| {
            let mut reasons = vec![json!({ "Code": "None" }); statements];
            reasons[statements - 1] = json!({ "Code": code, "Message": "by the test" });
            cancelled(reasons)
        })
    }
}

#[tokio::test(start_paused = true)]
async fn what_stays_unprocessed_is_reported_as_an_error() {
    for code in [
        "ProvisionedThroughputExceeded",
        "ThrottlingError",
        "TransactionConflict",
    ] {
        let (stub, store, table) = journal(cancelling(code));
        let error = store.append(&entries(6)).await.unwrap_err();
        assert!(error.is_busy());
        let expected = "ExecuteTransaction on the table `journal` left 6 of 6 items unprocessed 8 times: it is being throttled";
        assert_eq!(error.to_string(), expected);
        assert_eq!(operations(&stub)["ExecuteTransaction"], 8);
        // What is not there is not acknowledged, and a slot is not filled without it.
        assert_eq!(table.lock().unwrap().len(), 1);
    }
    // Nor is it taken for written if nothing is said of it.
    let silent =
        |operation: &str, _: &Value| (operation == "ExecuteTransaction").then(|| cancelled(Vec::new()));
    let (_, store, _) = journal(silent);
    assert!(store.append(&entries(6)).await.unwrap_err().is_busy());
}

#[tokio::test]
async fn a_statement_that_is_refused_is_an_error_that_says_why() {
    let (stub, store, _) = journal(cancelling("AccessDenied"));
    let error = store.append(&entries(1)).await.unwrap_err();
    assert!(!error.is_busy());
    assert_eq!(
        error.to_string(),
        "ExecuteTransaction on the table `journal` failed: AccessDenied: by the test"
    );
    assert_eq!(stub.requests().len(), 2);
}

#[tokio::test]
async fn an_error_names_the_call_and_says_whether_trying_again_helps() {
    for call in ["BatchGetItem", "UpdateItem", "ExecuteTransaction"] {
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
        "UpdateItem on the table `journal` failed: ResourceNotFoundException: no such table"
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
    // An item that is there and a condition that does not hold are looked at by who may write only.
    let refusal = json!({ "__type": "ConditionalCheckFailedException" });
    let there = json!({ "Responses": [{ "Error": { "Code": "DuplicateItem" } }] });
    let stub = StubTable::answering([
        (200, json!({})),
        (200, there.clone()),
        (400, refusal.clone()),
        (400, refusal.clone()),
    ]);
    Dynamodb::new(stub.client(), "journal").health().await.unwrap();
    let [(get, _), (insert, inserted), (put, state), (update, log)] = &stub.requests()[..] else {
        panic!("{:?}", stub.requests());
    };
    assert_eq!(
        (get.as_str(), insert.as_str(), put.as_str(), update.as_str()),
        ("GetItem", "BatchExecuteStatement", "PutItem", "UpdateItem")
    );
    assert_eq!(item(&inserted["Statements"][0])["pk"]["S"], "health");
    assert_eq!(state["Item"]["pk"]["S"], "resource#health");
    assert_eq!(log["Key"]["pk"]["S"], "arrivals#health");
    for body in [state, log] {
        assert_eq!(
            body["ConditionExpression"],
            "attribute_exists(#pk) AND attribute_not_exists(#pk)"
        );
    }
    let denied = json!({ "__type": "AccessDeniedException", "message": "no" });
    for (call, refusals) in [("PutItem", 0), ("UpdateItem", 1)] {
        let mut answers = vec![(200, json!({})), (200, there.clone())];
        answers.extend(vec![(400, refusal.clone()); refusals]);
        answers.push((400, denied.clone()));
        let stub = StubTable::answering(answers);
        let error = Dynamodb::new(stub.client(), "journal")
            .health()
            .await
            .unwrap_err();
        let expected = format!("{call} on the table `journal` failed: AccessDeniedException: no");
        assert_eq!(error.to_string(), expected);
    }
    let error = json!({ "Code": "AccessDenied", "Message": "by the test" });
    let stub = StubTable::answering([
        (200, json!({})),
        (200, json!({ "Responses": [{ "Error": error }] })),
    ]);
    let error = Dynamodb::new(stub.client(), "journal")
        .health()
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "BatchExecuteStatement on the table `journal` failed: AccessDenied: by the test"
    );
}

#[tokio::test]
async fn what_is_damaged_costs_itself_only() {
    let (_, store, table) = journal(|_, _| None);
    store.append(&entries(20)).await.unwrap();
    let mut items: Vec<Value> = table.lock().unwrap().values().cloned().collect();
    items.retain(|item| key(item).starts_with("entry#"));
    items.sort_by_key(|item| item["position"]["S"].as_str().unwrap().to_owned());
    items[3]["document"]["S"] = "{\"id".into();
    items[4].as_object_mut().unwrap().remove("document");
    items[5]["parts"] = json!({ "N": "1" });
    items[6].as_object_mut().unwrap().remove("identity");
    let id = |at: usize| items[at]["id"]["S"].as_str().unwrap().to_owned();
    let (kept, mut first) = (items.clone(), true);
    let stub = StubTable::new(move |operation, _| match operation {
        "BatchGetItem" => (200, json!({ "Responses": {} })),
        _ if std::mem::take(&mut first) => (200, json!({ "Items": kept })),
        _ => (200, json!({ "Items": [] })),
    });
    let store = Dynamodb::new(stub.client(), "journal");
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
    let stub = StubTable::new(move |_, _| match std::mem::take(&mut first) {
        true => (200, json!({ "Items": items })),
        false => (200, json!({ "Items": [] })),
    });
    let store = Dynamodb::new(stub.client(), "journal");
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
    let (stub, store, table) = journal(|_, _| None);
    for (id, number) in [("1", "11"), ("2", "9"), ("3", "11"), ("4", "12")] {
        store.append(&[changing(id, number)]).await.unwrap();
    }
    assert_eq!(table.lock().unwrap()["resource#urn:x"]["state"]["S"], "4");
    let (_, state) = &stub.requests()[2];
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
    let (stub, store, table) = journal(|_, body| {
        let again = body["ExpressionAttributeValues"].get(":seen").is_some();
        again.then(|| (400, json!({ "__type": "ConditionalCheckFailedException" })))
    });
    let kept = json!({"pk": {"S": "resource#urn:x"}, "ordering": {"S": "z000000017 x"}});
    table.lock().unwrap().insert("resource#urn:x".to_owned(), kept);
    let order = Order::sequencer("7").unwrap();
    let error = store.append(&[changing_in("1", order)]).await.unwrap_err();
    assert!(error.is_busy(), "{error}");
    assert_eq!(
        stub.requests()[2].1["ConditionExpression"],
        "attribute_not_exists(#pk) OR (#ordering < :ordering AND NOT begins_with(#ordering, :old))"
    );
    assert_eq!(stub.requests()[3].1["ConditionExpression"], "#ordering = :seen");
}
