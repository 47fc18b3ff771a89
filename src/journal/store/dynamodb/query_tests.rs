//! Which index answers which filters, and that all of them answer alike.

use super::Dynamodb;
use super::tests::{Table, journal};
use crate::journal::{Append, Entry, EntryQuery, Limit, Store};
use chrono::DateTime;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use switchboard_test_support::StubTable;

/// The partition keys of the indexes, as `template.yaml` has them.
fn partition_key(index: &str) -> &'static [&'static str] {
    match index {
        "gsi1" => &["gsi1pk"],
        "gsi2" => &["gsi2pk"],
        "gsi3" => &["gsi3pk"],
        "gsi4" => &["gsi1pk", "type"],
        "gsi5" => &["gsi2pk", "type"],
        "gsi6" => &["gsi3pk", "source"],
        "gsi7" => &["gsi3pk", "type"],
        other => panic!("{other}"),
    }
}

/// Answers `Query` by an index as DynamoDB's reference says: all of the partition key is given, the filter is of other attributes and
/// drops items after they were counted, and at the limit there is a key to go on from, whether anything follows or not.
pub(super) fn query(table: &BTreeMap<String, Value>, body: &Value) -> Value {
    let names = &body["ExpressionAttributeNames"];
    let value = |name: &str| body["ExpressionAttributeValues"][name]["S"].as_str().unwrap();
    let key = partition_key(body["IndexName"].as_str().unwrap());
    let conditions = body["KeyConditionExpression"].as_str().unwrap();
    let conditions = conditions
        .strip_prefix("#position BETWEEN :lower AND :upper AND ")
        .unwrap();
    let wanted: BTreeMap<&str, &str> = conditions
        .split(" AND ")
        .map(|condition| condition.split_once(" = ").unwrap())
        .map(|(name, wanted)| (names[name].as_str().unwrap(), value(wanted)))
        .collect();
    assert!(wanted.keys().eq(BTreeSet::from_iter(key).into_iter()));
    let has = |item: &Value, name: &str, value: &str| item[name]["S"] == value;
    let text = |item: &Value, name: &str| item[name]["S"].as_str().unwrap().to_owned();
    let place = |item: &Value| (text(item, "position"), text(item, "pk"));
    let start = body.get("ExclusiveStartKey").map(place);
    let range = value(":lower")..=value(":upper");
    let mut items: Vec<&Value> = table
        .values()
        .filter(|item| wanted.iter().all(|(name, value)| has(item, name, value)))
        .filter(|item| range.contains(&text(item, "position").as_str()))
        .filter(|item| start.as_ref().is_none_or(|start| place(item) > *start))
        .collect();
    items.sort_by_key(|item| place(item));
    let limit = usize::try_from(body["Limit"].as_u64().unwrap()).unwrap();
    items.truncate(limit);
    let last = items.last().filter(|_| items.len() == limit);
    let last = last.map(|item| json!({ "pk": item["pk"], "position": item["position"] }));
    let passes = |item: &Value| {
        let filter = body["FilterExpression"].as_str().unwrap_or_default();
        filter.split(" AND ").filter(|one| !one.is_empty()).all(|one| {
            let exists = one
                .strip_prefix("attribute_exists(")
                .and_then(|one| one.strip_suffix(")"));
            let (name, wanted) = one.split_once(" = ").unwrap_or((exists.unwrap_or(one), ""));
            let name = names[name].as_str().unwrap();
            assert!(!key.contains(&name));
            match exists {
                Some(_) => item.get(name).is_some(),
                None => has(item, name, value(wanted)),
            }
        })
    };
    let found: Vec<&&Value> = items.iter().filter(|item| passes(item)).collect();
    let scanned = items.len();
    let mut answer = json!({ "Items": found, "Count": found.len(), "ScannedCount": scanned });
    if let Some(last) = last {
        answer["LastEvaluatedKey"] = last;
    }
    answer
}

fn asked(source: Option<&str>, event_type: Option<&str>, subject: Option<&str>) -> EntryQuery {
    EntryQuery {
        source: source.map(str::to_owned),
        event_type: event_type.map(str::to_owned),
        subject: subject.map(str::to_owned),
        ..EntryQuery::default()
    }
}

/// The indexes that were asked, in their order.
fn indexes(stub: &StubTable) -> Vec<String> {
    let queries = stub.requests().into_iter().filter(|(call, _)| call == "Query");
    let mut indexes: Vec<String> = queries
        .map(|(_, body)| body["IndexName"].as_str().unwrap().to_owned())
        .collect();
    indexes.dedup();
    indexes
}

/// Filters that let nothing through end a page after eight calls for each partition, and its cursor goes on from there: what a page costs
/// is bounded, whatever is asked. Each set of filters has its index; of all three, two at a time are looked up by each.
#[tokio::test]
async fn a_page_makes_a_bounded_number_of_calls() {
    let (s, t, u) = (Some("/s"), Some("t"), Some("u"));
    for (query, asks, calls) in [
        (asked(None, None, None), vec!["gsi1"], 4 * 8),
        (asked(s, None, None), vec!["gsi2"], 4 * 8),
        (asked(None, None, u), vec!["gsi3"], 8),
        (asked(None, t, None), vec!["gsi4"], 4 * 8),
        (asked(s, t, None), vec!["gsi5"], 4 * 8),
        (asked(s, None, u), vec!["gsi6"], 8),
        (asked(None, t, u), vec!["gsi7"], 8),
        // The last came farthest: it answers as far as it was asked.
        (asked(s, t, u), vec!["gsi6", "gsi7", "gsi5"], 1 + 1 + 4 * 8),
    ] {
        let mut calls_made = 0;
        let stub = StubTable::new(move |_, _| {
            calls_made += 1;
            let key = json!({ "position": { "S": format!("2026#{calls_made:03}") } });
            (200, json!({ "Items": [], "LastEvaluatedKey": key }))
        });
        let store = Dynamodb::new(stub.client(), "journal");
        let page = store.entries(&query).await.unwrap();
        assert!(page.items.is_empty() && page.next.is_some());
        assert_eq!(indexes(&stub), asks, "{query:?}");
        assert_eq!(stub.requests().len(), calls, "{query:?}");
    }
}

/// Of three filters those two are looked up that are rare together, though no other two are.
#[tokio::test]
async fn the_rarest_two_of_three_filters_are_looked_up() {
    for (one, other, index, looks) in [
        ("source", "subject", "gsi6", 11),
        ("type", "subject", "gsi7", 11 + 11),
        ("source", "type", "gsi5", 11 + 11 + 4 * 11),
    ] {
        // All but the last few entries have either the one or the other.
        let (stub, store, _) = journal(|_, _| None);
        let entry = |n: i64| {
            let lacks = [one, other][usize::from(n % 2 == 0)];
            let value = |name: &str| if n < 900 && name == lacks { "else" } else { "asked" };
            let entry = Entry::builder(format!("{n:03}"), value("source"), value("type"));
            entry
                .subject(value("subject"))
                .time(DateTime::from_timestamp(n, 0))
        };
        let batch: Vec<Append> = (0..903).map(|n| entry(n).build().unwrap().into()).collect();
        store.append(&batch).await.unwrap();
        let query = EntryQuery {
            limit: Limit::new(10).unwrap(),
            ..asked(Some("asked"), Some("asked"), Some("asked"))
        };
        let page = store.entries(&query).await.unwrap();
        assert_eq!(ids(page.items), ["900", "901", "902"]);
        assert_eq!(page.next, None);
        assert_eq!(indexes(&stub).last().unwrap(), index);
        let queries = stub.requests().into_iter().filter(|(call, _)| call == "Query");
        let looked: u64 = queries.map(|(_, body)| body["Limit"].as_u64().unwrap()).sum();
        assert_eq!(looked, looks);
    }
}

/// A filter may let everything through: as much is read as a page holds, and more only if that was too little.
#[tokio::test]
async fn what_a_filter_drops_is_found_out_in_growing_steps() {
    let (stub, store, _) = journal(|_, _| None);
    let entry = |n: i64| {
        let event_type = if n % 50 == 49 { "rare" } else { "t" };
        let time = DateTime::from_timestamp(n, 0);
        Entry::builder(n.to_string(), "/s", event_type)
            .subject("u")
            .time(time)
    };
    let batch: Vec<Append> = (0..300).map(|n| entry(n).build().unwrap().into()).collect();
    store.append(&batch).await.unwrap();
    let mut query = EntryQuery {
        since: DateTime::from_timestamp(100, 0),
        limit: Limit::new(3).unwrap(),
        ..asked(None, None, Some("u"))
    };
    let limits = |stub: &StubTable| -> Vec<Value> {
        let queries = stub.requests().into_iter().filter(|(call, _)| call == "Query");
        queries.map(|(_, body)| body["Limit"].clone()).collect()
    };
    assert_eq!(store.entries(&query).await.unwrap().items.len(), 3);
    assert_eq!(limits(&stub), [4]);
    // Where no index looks up the type.
    let (stub, store, _) = without(&["gsi4", "gsi6", "gsi7"]);
    store.append(&batch).await.unwrap();
    query.event_type = Some("rare".to_owned());
    assert_eq!(store.entries(&query).await.unwrap().items.len(), 3);
    let by_subject = stub
        .requests()
        .into_iter()
        .filter(|(_, body)| body["IndexName"] == "gsi3");
    let limits: Vec<Value> = by_subject.map(|(_, body)| body["Limit"].clone()).collect();
    // Once before it is known that no index looks up the type.
    assert_eq!(limits[..4], [4, 4, 32, 256]);
}

/// A table that is without these indexes.
fn without(missing: &'static [&'static str]) -> (StubTable, Dynamodb, Table) {
    journal(move |operation, body| {
        let index = body["IndexName"].as_str().unwrap_or_default();
        let message = format!("The table does not have the specified index: {index}");
        let answer = json!({ "__type": "com.amazon.coral.validate#ValidationException", "message": message });
        (operation == "Query" && missing.contains(&index)).then_some((400, answer))
    })
}

#[tokio::test]
async fn a_table_may_be_without_the_indexes_of_several_filters() {
    let (stub, store, _) = without(&["gsi4", "gsi5", "gsi6", "gsi7"]);
    let batch: Vec<Append> = (0..50).map(|n| numbered(n).into()).collect();
    store.append(&batch).await.unwrap();
    let query = asked(Some("/s0"), Some("t1"), None);
    let expected = ids(all(&store, query.clone()).await);
    assert_eq!(expected.len(), 12);
    assert_eq!(indexes(&stub), ["gsi5", "gsi2"]);
    // It is found out once.
    let before = stub.requests().len();
    assert_eq!(ids(all(&store, query).await), expected);
    let asked_again = &stub.requests()[before..];
    assert!(asked_again.iter().all(|(_, body)| body["IndexName"] == "gsi2"));
}

#[tokio::test]
async fn an_index_that_may_not_be_read_is_done_without_and_all_other_failures_are_errors() {
    let fails = |code: &'static str, message: &'static str, at: &'static str| {
        journal(move |_, body| {
            let answer = json!({ "__type": code, "message": message });
            (body["IndexName"] == at).then_some((400, answer))
        })
    };
    let denied = "User: x is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:r:1:table/journal/index/gsi4 because …";
    let building = "Cannot read from backfilling global secondary index: gsi4";
    let by_type = asked(None, Some("t1"), None);
    for (code, message) in [
        ("AccessDeniedException", denied),
        ("ValidationException", building),
    ] {
        let (stub, store, _) = fails(code, message, "gsi4");
        store.append(&[numbered(2).into()]).await.unwrap();
        assert_eq!(ids(all(&store, by_type.clone()).await), ["02"]);
        assert_eq!(indexes(&stub), ["gsi4", "gsi1"]);
    }
    for (code, message, at, query) in [
        (
            "ProvisionedThroughputExceededException",
            "gsi4",
            "gsi4",
            by_type.clone(),
        ),
        ("ValidationException", "something else", "gsi4", by_type.clone()),
        ("ResourceNotFoundException", "no such table", "gsi4", by_type),
        ("ValidationException", "no gsi1", "gsi1", asked(None, None, None)),
    ] {
        let (_, store, _) = fails(code, message, at);
        let error = store.entries(&query).await.unwrap_err();
        let expected = format!("Query on the table `journal` failed: {code}: {message}");
        assert_eq!(error.to_string(), expected);
    }
}

/// An entry of its number, in which source, type and subject are two each.
fn numbered(n: i64) -> Entry {
    let [source, event_type, subject] = [n % 2, n / 2 % 2, n / 4 % 2];
    let entry = Entry::builder(format!("{n:02}"), format!("/s{source}"), format!("t{event_type}"));
    let entry = entry
        .subject(format!("u{subject}"))
        .time(DateTime::from_timestamp(n, 0));
    entry.build().unwrap()
}

async fn all(store: &dyn Store, mut query: EntryQuery) -> Vec<Entry> {
    let mut entries = Vec::new();
    loop {
        let page = store.entries(&query).await.unwrap();
        assert!(page.items.len() <= query.limit.get());
        entries.extend(page.items);
        query.cursor = page.next;
        if query.cursor.is_none() {
            return entries;
        }
    }
}

fn ids(entries: Vec<Entry>) -> Vec<String> {
    entries.iter().map(|entry| entry.id().to_owned()).collect()
}

/// Few values, so that filters let some through; one begins another, and one is too long for a key.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("a".to_owned()),
        Just("ab".to_owned()),
        Just("a".repeat(1000))
    ]
}

/// Source, type, subject and time of an entry.
type Attributes = (String, String, Option<String>, Option<i64>);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_asked_pages_have_it_in_order(
        entries in proptest::collection::vec(
            (value(), value(), proptest::option::of(value()), proptest::option::of(0..6_i64)), 0..40,
        ),
        filters in proptest::array::uniform3(proptest::option::of(value())),
        since in proptest::option::of(0..7_i64),
        until in proptest::option::of(0..7_i64),
        limit in 1..8_u16,
        missing in proptest::sample::select(vec![&[][..], &["gsi5"], &["gsi6", "gsi7"], &["gsi4", "gsi5", "gsi6", "gsi7"]]),
    ) {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let entry = |(n, (source, event_type, subject, time)): (usize, &Attributes)| {
            let entry = Entry::builder(format!("{n:02}"), source.as_str(), event_type.as_str()).time(time.map(at));
            match subject {
                Some(subject) => entry.subject(subject.as_str()),
                None => entry,
            }.build().unwrap()
        };
        let entries: Vec<Entry> = entries.iter().enumerate().map(entry).collect();
        let [source, event_type, subject] = filters;
        let query = EntryQuery {
            source, event_type, subject,
            since: since.map(at), until: until.map(at),
            limit: Limit::new(limit).unwrap(), cursor: None,
        };
        let is = |asked: &Option<String>, value: Option<&str>| asked.is_none() || asked.as_deref() == value;
        let mut expected: Vec<&Entry> = entries.iter()
            .filter(|entry| is(&query.source, Some(entry.source())) && is(&query.event_type, Some(entry.event_type())))
            .filter(|entry| is(&query.subject, entry.subject()))
            .filter(|entry| query.since.is_none_or(|since| entry.time().is_some_and(|time| time >= since)))
            .filter(|entry| query.until.is_none_or(|until| entry.time().is_some_and(|time| time < until)))
            .collect();
        // An entry without a time comes where it was appended, after all others.
        expected.sort_by_key(|entry| (entry.time().is_none(), entry.time()));
        let expected: Vec<&str> = expected.iter().map(|entry| entry.id()).collect();
        let appends: Vec<Append> = entries.iter().cloned().map(Append::from).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let found = |store: &dyn Store| runtime.block_on(async {
            store.append(&appends).await.unwrap();
            ids(all(store, query.clone()).await)
        });
        let (_, store, _) = without(missing);
        prop_assert_eq!(found(&store), &expected[..]);
        #[cfg(feature = "sqlite")]
        prop_assert_eq!(found(&crate::journal::Sqlite::memory()), &expected[..]);
    }
}
