//! Gaps, and the entries behind them.

use super::Dynamodb;
use super::follow::READS;
use super::log::{LOGS, Slot};
use super::tests::{Table, answer, cancelled, entries, journal, key, operations};
use crate::journal::{Append, Damaged, Data, Entry, Follow, Limit, Store as _};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex};
use switchboard_test_support::StubTable;

/// Time passes: more than followers wait for a slot.
fn age(table: &Table) {
    for item in table.lock().unwrap().values_mut() {
        if let Some(at) = item["at"]["N"].as_str() {
            let at = at.parse::<u64>().unwrap() - 60_000;
            item["at"]["N"] = at.to_string().into();
        }
    }
}

/// Slots that stay empty, because their writers are gone: this many in a row, in each log.
async fn gaps(store: &Dynamodb, count: usize) -> Vec<Slot> {
    let mut slots = BTreeMap::<usize, Vec<Slot>>::new();
    while slots.len() < LOGS {
        let given = store.slots(count).await.unwrap();
        slots.entry(given[0].log).or_default().extend(given);
    }
    slots.into_values().flatten().collect()
}

fn ids(arrivals: &crate::journal::Arrivals) -> BTreeSet<&str> {
    arrivals.items.iter().map(|arrived| arrived.entry.id()).collect()
}

#[tokio::test]
async fn a_gap_is_waited_for_and_then_closed() {
    let (_, store, table) = journal(|_, _| None);
    let gaps = gaps(&store, 1).await;
    store.append(&entries(3)).await.unwrap();
    let arrivals = store.follow(&Follow::default()).await.unwrap();
    assert!(arrivals.items.is_empty() && !arrivals.more);
    age(&table);
    let arrivals = store.follow(&Follow::default()).await.unwrap();
    assert_eq!(ids(&arrivals), BTreeSet::from(["0", "1", "2"]));
    for gap in gaps {
        assert_eq!(table.lock().unwrap()[&gap.key()]["entries"]["L"], json!([]));
    }
}

/// Many were given up at once, as those who write were throttled, and slots are given out all the time.
#[tokio::test]
async fn many_gaps_in_a_row_are_closed_while_others_write() {
    let (stub, store, table) = journal(|_, _| None);
    // As logs are given out by chance, one may have several times as many as another.
    let many = gaps(&store, 90).await.len();
    for n in 0..20 {
        let entry = Entry::builder(n.to_string(), "/s", "t").build().unwrap();
        store.append(&[entry.into()]).await.unwrap();
    }
    age(&table);
    gaps(&store, 1).await;
    let (mut follow, mut got) = (Follow::default(), BTreeSet::new());
    for _ in 0..many {
        let arrivals = store.follow(&follow).await.unwrap();
        got.extend(ids(&arrivals).into_iter().map(str::to_owned));
        follow.after = Some(arrivals.next);
    }
    assert_eq!(got.len(), 20);
    // A call for a hundred keys at most, whatever is to be found out.
    let asked = stub.requests();
    let gets = asked.iter().filter(|(operation, _)| operation == "BatchGetItem");
    assert!(
        gets.clone()
            .all(|(_, body)| body["RequestItems"]["journal"]["Keys"].as_array().unwrap().len() <= 100)
    );
}

#[tokio::test]
async fn a_writer_whose_slot_was_closed_takes_another_behind_all_that_was_handed_out() {
    // Frozen before its transaction: meanwhile a follower gives it up.
    let table = Table::default();
    let kept = Arc::clone(&table);
    let mut first = true;
    let stub = StubTable::new(move |operation, body| {
        let mut kept = kept.lock().unwrap();
        if operation == "ExecuteTransaction" && std::mem::take(&mut first) {
            let slot = super::tests::item(&body["TransactStatements"][0]);
            let closed = json!({ "pk": slot["pk"], "at": slot["at"], "entries": { "L": [] } });
            kept.insert(key(&slot), closed);
        }
        answer(&mut kept, operation, body)
    });
    let store = Dynamodb::new(stub.client(), "journal");
    let appended = store.append(&entries(3)).await.unwrap();
    assert!(appended.iter().all(|appended| appended.new));
    assert_eq!(operations(&stub)["UpdateItem"], 2);
    age(&table);
    let arrivals = store.follow(&Follow::default()).await.unwrap();
    assert_eq!(arrivals.items.len(), 3);
}

/// The answer to a transaction is lost, and the client tries it again.
#[tokio::test]
async fn a_transaction_that_was_done_is_not_done_again() {
    for answers_all in [true, false] {
        let table = Table::default();
        let kept = Arc::clone(&table);
        let mut first = true;
        let stub = StubTable::new(move |operation, body| {
            let mut kept = kept.lock().unwrap();
            if operation == "ExecuteTransaction" && std::mem::take(&mut first) {
                answer(&mut kept, operation, body);
                if !answers_all {
                    let mut reasons = vec![json!({ "Code": "None" }); 4];
                    reasons[0] = json!({ "Code": "DuplicateItem" });
                    return cancelled(reasons);
                }
            }
            answer(&mut kept, operation, body)
        });
        let store = Dynamodb::new(stub.client(), "journal");
        let appended = store.append(&entries(3)).await.unwrap();
        assert!(appended.iter().all(|appended| appended.new));
        assert_eq!(operations(&stub)["ExecuteTransaction"], 1);
        assert_eq!(store.follow(&Follow::default()).await.unwrap().items.len(), 3);
    }
}

#[tokio::test]
async fn a_follower_who_has_everything_asks_once() {
    let (stub, store, _) = journal(|_, _| None);
    store.append(&entries(3)).await.unwrap();
    let first = store.follow(&Follow::default()).await.unwrap();
    assert!(!first.more);
    let before = stub.requests().len();
    let follow = Follow {
        after: Some(first.next.clone()),
        ..Follow::default()
    };
    let idle = store.follow(&follow).await.unwrap();
    assert!(idle.items.is_empty() && !idle.more && idle.next == first.next);
    assert_eq!(stub.requests().len(), before + 1);
}

/// An entry that seems to be missing is asked for with its slot; one that was deleted leaves no gap.
#[tokio::test(start_paused = true)]
async fn what_is_missing_is_asked_for_with_its_slot() {
    let conflicts = Arc::new(Mutex::new(2));
    let left = Arc::clone(&conflicts);
    let (stub, store, table) = journal(move |operation, body| {
        let mut left = left.lock().unwrap();
        (operation == "TransactGetItems" && *left > 0).then(|| {
            *left -= 1;
            let gets = body["TransactItems"].as_array().unwrap().len();
            cancelled(vec![json!({ "Code": "TransactionConflict" }); gets])
        })
    });
    store.append(&entries(3)).await.unwrap();
    table.lock().unwrap().remove("entry#/s 1");
    let arrivals = store.follow(&Follow::default()).await.unwrap();
    assert_eq!(ids(&arrivals), BTreeSet::from(["0", "2"]));
    assert_eq!(operations(&stub)["TransactGetItems"], 3);
    // Being written all the time, it is not passed over.
    *conflicts.lock().unwrap() = 100;
    assert!(store.follow(&Follow::default()).await.unwrap_err().is_busy());
}

#[tokio::test]
async fn what_has_expired_is_passed_over() {
    let (stub, store, table) = journal(|_, _| None);
    let store = store.retention_days(NonZeroU16::new(1));
    for n in 0..30 {
        let entry = Entry::builder(n.to_string(), "/s", "t").build().unwrap();
        store.append(&[entry.into()]).await.unwrap();
    }
    age(&table);
    // Of some the entry is gone, of others the slot, too.
    let mut expired = 0;
    table.lock().unwrap().retain(|key, item| {
        if key.starts_with("arrival#") {
            item["expires"]["N"] = "1".into();
            expired += 1;
            return expired % 2 == 0;
        }
        !key.starts_with("entry#") || key.ends_with('7')
    });
    let mut follow = Follow::default();
    loop {
        let arrivals = store.follow(&follow).await.unwrap();
        assert!(ids(&arrivals).iter().all(|id| id.ends_with('7')));
        follow.after = Some(arrivals.next);
        if !arrivals.more {
            break;
        }
    }
    assert_eq!(operations(&stub).get("TransactGetItems"), None);
    store.append(&entries(31)[30..]).await.unwrap();
    assert_eq!(ids(&store.follow(&follow).await.unwrap()), BTreeSet::from(["30"]));
}

#[tokio::test]
async fn what_is_damaged_costs_a_follower_itself_only() {
    let (_, store, table) = journal(|_, _| None);
    store.append(&entries(40)).await.unwrap();
    for n in 0..12 {
        let key = format!("entry#/s {n}");
        table.lock().unwrap().get_mut(&key).unwrap()["document"]["S"] = "{\"id".into();
    }
    let mut follow = Follow {
        limit: Limit::new(15).unwrap(),
        ..Follow::default()
    };
    let (mut damaged, mut got, mut more) = (Vec::new(), BTreeSet::new(), true);
    while more {
        let arrivals = store.follow(&follow).await.unwrap();
        assert!(arrivals.items.len() + arrivals.damaged.len() <= 15 && arrivals.damaged.len() <= 8);
        got.extend(ids(&arrivals).into_iter().map(str::to_owned));
        damaged.extend(arrivals.damaged);
        follow.after = Some(arrivals.next);
        more = arrivals.more;
    }
    let name = |n: usize| Damaged::Entry {
        source: "/s".into(),
        id: n.to_string(),
    };
    assert_eq!(damaged, (0..12).map(name).collect::<Vec<_>>());
    assert_eq!(got.len(), 28);
}

#[tokio::test]
async fn a_filter_that_lets_nothing_through_ends_a_page_and_goes_on() {
    let (stub, store, _) = journal(|_, _| None);
    for batch in 0..5 {
        let make = |n: usize| {
            let entry = Entry::builder(format!("{batch} {n}"), "/s", "t").detected(Data::Text("x".into()));
            Append::from(entry.build().unwrap())
        };
        store
            .append(&(0..600).map(make).collect::<Vec<_>>())
            .await
            .unwrap();
    }
    let before = stub.requests().len();
    let mut follow = Follow {
        source: Some("/other".into()),
        ..Follow::default()
    };
    let arrivals = store.follow(&follow).await.unwrap();
    assert!(arrivals.items.is_empty() && arrivals.more);
    assert!(stub.requests().len() - before <= 1 + READS + 20 + 1);
    follow.after = Some(arrivals.next);
    assert!(!store.follow(&follow).await.unwrap().more);
}
