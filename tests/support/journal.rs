//! What every store of the journal has to do. `journal_suite!` makes a test of each function here.

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use switchboard::event::SequenceNumber;
use switchboard_function::journal::{
    Append, Arrived, Cursor, Data, Entry, EntryQuery, Follow, Identity, Limit, Order, Resource,
    ResourceQuery, StateChange, Store,
};

/// Makes a test of each function of the suite, on a store of its own. `$store` is an async expression with a name to make
/// it by.
macro_rules! journal_suite {
    ($store:path; $($test:ident)*) => {$(
        #[tokio::test]
        async fn $test() {
            let store = $store(stringify!($test)).await;
            $crate::support::journal::$test(&store).await;
        }
    )*};
    ($store:path) => {
        journal_suite! { $store;
            an_identity_is_kept_once_and_a_taken_id_loses_nothing
            a_taken_id_in_bulk_loses_nothing
            pages_follow_each_other_by_time_without_gap_or_overlap
            filters_match_exactly_and_ranges_are_half_open
            every_set_of_filters_finds_what_has_them_all
            a_filter_that_lets_little_through_still_ends
            resources_come_by_name_and_type
            a_late_state_changes_nothing
            the_last_of_several_states_in_a_batch_counts
            what_was_written_comes_back
            documents_of_any_size_come_back
            names_of_any_length_are_distinguished
            followers_get_everything_once_and_nothing_before_a_cursor
            filters_of_followers_match_exactly
            followers_get_large_documents_and_take_them_for_no_end
            a_cursor_of_something_else_is_refused
            an_empty_batch_is_nothing
        }
    };
}
pub(crate) use journal_suite;

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

pub(crate) fn entry(id: &str, identity: &str) -> Entry {
    let entry = Entry::builder(id, "/s", "t").time(at(1));
    entry.identity(Identity::new([identity])).build().unwrap()
}

pub(crate) fn change(urn: &str, state: &str, number: &str) -> StateChange {
    StateChange {
        urn: urn.into(),
        resource_type: "x",
        state: state.into(),
        order: Order::sequence_number(SequenceNumber::new(number).unwrap()),
        data: None,
    }
}

fn changing(id: &str, change: StateChange) -> Append {
    let change = Some(change);
    Append {
        change,
        ..Append::from(entry(id, id))
    }
}

/// All that a query finds, page by page.
pub(crate) async fn all(store: &dyn Store, mut query: EntryQuery) -> Vec<Entry> {
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

async fn all_resources(store: &dyn Store, mut query: ResourceQuery) -> Vec<Resource> {
    let mut resources = Vec::new();
    loop {
        let page = store.resources(&query).await.unwrap();
        assert!(page.items.len() <= query.limit.get());
        resources.extend(page.items);
        query.cursor = page.next;
        if query.cursor.is_none() {
            return resources;
        }
    }
}

fn ids(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(Entry::id).collect()
}

fn by(limit: u16) -> Limit {
    Limit::new(limit).unwrap()
}

pub(crate) async fn an_identity_is_kept_once_and_a_taken_id_loses_nothing(store: &dyn Store) {
    let batch = [
        entry("1", "a").into(),
        entry("1", "b").into(),
        entry("1", "a").into(),
    ];
    let first = store.append(&batch).await.unwrap();
    assert_eq!((first[0].id.as_str(), first[0].new), ("1", true));
    assert!(first[1].id.starts_with("1.") && first[1].new);
    assert_eq!((first[2].id.as_str(), first[2].new), ("1", false));
    let again = store.append(&batch[1..2]).await.unwrap();
    assert_eq!((&again[0].id, again[0].new), (&first[1].id, false));
    let kept = store.entry("/s", &first[1].id).await.unwrap().unwrap();
    assert_eq!(kept.identity(), Identity::new(["b"]).as_str());
    assert_eq!(all(store, EntryQuery::default()).await.len(), 2);
}

pub(crate) async fn a_taken_id_in_bulk_loses_nothing(store: &dyn Store) {
    // Thirty events under ten ids, each twice; ids and the ids beside them, and one there before.
    store.append(&[entry("3", "before").into()]).await.unwrap();
    let batch: Vec<Append> = (0..60)
        .map(|n| entry(&(n % 10).to_string(), &(n % 30).to_string()).into())
        .collect();
    let first = store.append(&batch).await.unwrap();
    assert_eq!(first.iter().filter(|appended| appended.new).count(), 30);
    let kept = all(
        store,
        EntryQuery {
            limit: by(7),
            ..EntryQuery::default()
        },
    )
    .await;
    let identities: BTreeSet<_> = kept.iter().map(|entry| entry.identity().into_owned()).collect();
    assert_eq!((kept.len(), identities.len()), (31, 31));
    let again = store.append(&batch).await.unwrap();
    assert!(again.iter().all(|appended| !appended.new));
    for (first, again) in first.iter().zip(&again) {
        assert_eq!(first.id, again.id);
    }
}

pub(crate) async fn pages_follow_each_other_by_time_without_gap_or_overlap(store: &dyn Store) {
    // Appended in no order; five of each moment.
    let numbers: Vec<i64> = (0..45).map(|n| n * 19 % 45).collect();
    let make = |n: &i64| {
        let entry = Entry::builder(format!("{n:03}"), "/s", "t").time(at(n / 5));
        Append::from(entry.build().unwrap())
    };
    for batch in numbers.chunks(9) {
        store
            .append(&batch.iter().map(make).collect::<Vec<_>>())
            .await
            .unwrap();
    }
    let expected: Vec<String> = (0..45).map(|n| format!("{n:03}")).collect();
    for limit in [1, 7, 44, 45, 1000] {
        let query = EntryQuery {
            limit: by(limit),
            ..EntryQuery::default()
        };
        assert_eq!(ids(&all(store, query).await), expected, "{limit} at a time");
    }
}

pub(crate) async fn filters_match_exactly_and_ranges_are_half_open(store: &dyn Store) {
    let make = |id: &str, time: Option<i64>, source: &str, event_type: &str, subject: Option<&str>| {
        let mut entry = Entry::builder(id, source, event_type).time(time.map(at));
        if let Some(subject) = subject {
            entry = entry.subject(subject);
        }
        Append::from(entry.build().unwrap())
    };
    let batch = [
        make("1", Some(1), "/s", "t", Some("x y")),
        make("2", Some(2), "/s", "u", Some("x y")),
        make("3", Some(3), "/r", "t", Some("x y")),
        make("4", None, "/s", "t", Some("x y")),
        make("5", Some(5), "/s", "t", None),
    ];
    store.append(&batch).await.unwrap();
    let query = |source: &str, event_type: &str, subject: &str, since: i64, until: i64| {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let time = |seconds: i64| Some(at(seconds)).filter(|_| seconds > 0);
        EntryQuery {
            source: text(source),
            event_type: text(event_type),
            subject: text(subject),
            since: time(since),
            until: time(until),
            ..EntryQuery::default()
        }
    };
    for (query, expected) in [
        (query("", "", "", 0, 0), vec!["1", "2", "3", "5", "4"]),
        (query("", "", "x y", 1, 3), vec!["1", "2"]),
        (query("", "", "x y", 0, 0), vec!["1", "2", "3", "4"]),
        (query("/s", "", "", 0, 0), vec!["1", "2", "5", "4"]),
        (query("/s", "t", "x y", 0, 0), vec!["1", "4"]),
        (query("", "t", "", 2, 0), vec!["3", "5"]),
        (query("/s", "", "", 0, 6), vec!["1", "2", "5"]),
        (query("/S", "", "", 0, 0), vec![]),
        (query("", "", "x", 0, 0), vec![]),
        (query("", "", "", 3, 3), vec![]),
        (query("", "", "", 5, 1), vec![]),
    ] {
        assert_eq!(ids(&all(store, query.clone()).await), expected, "{query:?}");
    }
}

pub(crate) async fn every_set_of_filters_finds_what_has_them_all(store: &dyn Store) {
    // Joined, the names of some are those of others.
    let (sources, types, subjects) = (["/s", "/s#t"], ["t", "t#u"], [None, Some("u"), Some("t#u")]);
    let make = |n: usize| {
        let entry = Entry::builder(format!("{n:02}"), sources[n % 2], types[n / 2 % 2]).time(at(n as i64));
        match subjects[n / 4 % 3] {
            Some(subject) => entry.subject(subject).build().unwrap(),
            None => entry.build().unwrap(),
        }
    };
    let entries: Vec<Entry> = (0..60).map(make).collect();
    let batch: Vec<Append> = entries.iter().cloned().map(Append::from).collect();
    store.append(&batch).await.unwrap();
    let asked = |n: usize| (n > 0).then(|| n - 1);
    for n in 0..27 {
        let query = EntryQuery {
            source: asked(n % 3).map(|n| sources[n].to_owned()),
            event_type: asked(n / 3 % 3).map(|n| types[n].to_owned()),
            subject: asked(n / 9).and_then(|n| subjects[n + 1]).map(str::to_owned),
            ..EntryQuery::default()
        };
        for (since, limit) in [(0, 3), (20, 100)] {
            let is =
                |asked: &Option<String>, value: Option<&str>| asked.is_none() || asked.as_deref() == value;
            let expected: Vec<&str> = entries[since..]
                .iter()
                .filter(|entry| is(&query.source, Some(entry.source())))
                .filter(|entry| is(&query.event_type, Some(entry.event_type())))
                .filter(|entry| is(&query.subject, entry.subject()))
                .map(Entry::id)
                .collect();
            let query = EntryQuery {
                since: (since > 0).then(|| at(since as i64)),
                limit: by(limit),
                ..query.clone()
            };
            assert_eq!(ids(&all(store, query.clone()).await), expected, "{query:?}");
        }
    }
}

pub(crate) async fn a_filter_that_lets_little_through_still_ends(store: &dyn Store) {
    let make = |n: i64| {
        let entry_type = if n % 100 == 7 { "rare" } else { "t" };
        let entry = Entry::builder(n.to_string(), "/s", entry_type).time(at(n));
        Append::from(entry.build().unwrap())
    };
    store
        .append(&(0..300).map(make).collect::<Vec<_>>())
        .await
        .unwrap();
    let query = EntryQuery {
        event_type: Some("rare".into()),
        limit: by(2),
        ..EntryQuery::default()
    };
    assert_eq!(ids(&all(store, query).await), ["7", "107", "207"]);
}

pub(crate) async fn resources_come_by_name_and_type(store: &dyn Store) {
    let name = |n: usize| format!("urn:{:02}", n * 7 % 20);
    let batch: Vec<Append> = (0..20)
        .map(|n| changing(&n.to_string(), change(&name(n), "here", "1")))
        .collect();
    store.append(&batch).await.unwrap();
    let other = StateChange {
        resource_type: "y",
        ..change("urn:03y", "there", "1")
    };
    store.append(&[changing("y", other)]).await.unwrap();
    let query = |resource_type: Option<&str>| ResourceQuery {
        resource_type: resource_type.map(str::to_owned),
        limit: by(3),
        cursor: None,
    };
    let urns = |resources: Vec<Resource>| resources.into_iter().map(|r| r.urn).collect::<Vec<_>>();
    let mut expected: Vec<String> = (0..20).map(|n| format!("urn:{n:02}")).collect();
    assert_eq!(urns(all_resources(store, query(Some("x"))).await), expected);
    assert_eq!(urns(all_resources(store, query(Some("y"))).await), ["urn:03y"]);
    expected.insert(4, "urn:03y".into());
    assert_eq!(urns(all_resources(store, query(None)).await), expected);
    assert!(all_resources(store, query(Some("z"))).await.is_empty());
}

pub(crate) async fn a_late_state_changes_nothing(store: &dyn Store) {
    for (id, number) in [
        ("1", "5"),
        ("2", "10"),
        ("3", "7"),
        ("2", "10"),
        ("4", "255"),
        ("5", "10"),
    ] {
        store
            .append(&[changing(id, change("urn:x", id, number))])
            .await
            .unwrap();
    }
    let resource = store.resource("urn:x").await.unwrap().unwrap();
    assert_eq!((resource.state.as_str(), resource.id.as_str()), ("4", "4"));
    assert_eq!((resource.time, resource.source.as_str()), (Some(at(1)), "/s"));
    assert!(store.resource("urn:y").await.unwrap().is_none());
}

pub(crate) async fn the_last_of_several_states_in_a_batch_counts(store: &dyn Store) {
    let numbers = ["2", "9", "4", "8", "1", "7"];
    let batch: Vec<Append> = numbers
        .iter()
        .map(|n| changing(n, change("urn:x", n, n)))
        .collect();
    store.append(&batch).await.unwrap();
    assert_eq!(store.resource("urn:x").await.unwrap().unwrap().state, "9");
    assert_eq!(all(store, EntryQuery::default()).await.len(), 6);
}

pub(crate) async fn what_was_written_comes_back(store: &dyn Store) {
    let json = serde_json::value::RawValue::from_string(r#"{"n":1.10,"ü":"𝄞"}"#.into()).unwrap();
    let builder = || {
        Entry::builder("1", "/s", "t")
            .subject("a b")
            .extension("sequence", "7")
            .extension("place", 3)
    };
    let entries = [
        builder()
            .json(json.clone())
            .time(at(7))
            .dataschema("https://example.com/s")
            .build()
            .unwrap(),
        Entry::builder("2", "/s", "t")
            .detected(Data::detect(vec![0, 159, 146, 150]))
            .build()
            .unwrap(),
        Entry::builder("3", "/s", "t")
            .detected(Data::detect(b"plain text".to_vec()))
            .build()
            .unwrap(),
        Entry::builder("4", "/s", "t").build().unwrap(),
    ];
    let batch: Vec<Append> = entries.iter().cloned().map(Append::from).collect();
    store.append(&batch).await.unwrap();
    for entry in &entries {
        let kept = store.entry(entry.source(), entry.id()).await.unwrap().unwrap();
        assert_eq!(kept.to_json(), entry.to_json());
        assert_eq!(kept.identity(), entry.identity());
    }
    assert!(store.entry("/s", "5").await.unwrap().is_none());
    let change = StateChange {
        data: Some(json),
        ..change("urn:x", "here", "1")
    };
    store.append(&[changing("6", change)]).await.unwrap();
    let resource = store.resource("urn:x").await.unwrap().unwrap();
    assert_eq!(resource.data.unwrap().get(), r#"{"n":1.10,"ü":"𝄞"}"#);
    store.health().await.unwrap();
}

pub(crate) async fn documents_of_any_size_come_back(store: &dyn Store) {
    let sizes = [10_000, 50_000, 399_000, 1_400_000, 20_000, 17];
    let make = |bytes: &usize| {
        let text = "a€𝄞".repeat(bytes / 8);
        let entry = Entry::builder(bytes.to_string(), "/s", "t").time(at(*bytes as i64));
        entry.detected(Data::Text(text)).build().unwrap()
    };
    let entries: Vec<Entry> = sizes.iter().map(make).collect();
    let appends: Vec<Append> = entries.iter().cloned().map(Append::from).collect();
    // One by one, and in bulk.
    store.append(&appends[3..4]).await.unwrap();
    store.append(&appends).await.unwrap();
    for entry in &entries {
        let kept = store.entry("/s", entry.id()).await.unwrap().unwrap();
        assert!(kept.data() == entry.data(), "{} bytes", entry.id());
    }
    // A page is bounded by what it holds, too.
    assert_eq!(all(store, EntryQuery::default()).await.len(), sizes.len());
    assert!(store.entries(&EntryQuery::default()).await.unwrap().items.len() < sizes.len());
}

pub(crate) async fn names_of_any_length_are_distinguished(store: &dyn Store) {
    let long = |last: &str| format!("{}{last}", "ü/".repeat(1500));
    let uri = |last: &str| format!("{}{last}", "/%C3%BC".repeat(500));
    let mut batch = Vec::new();
    for last in ["a", "b"] {
        let entry = Entry::builder(long(last), uri(last), "t")
            .subject(long(last))
            .time(at(1))
            .build()
            .unwrap();
        let change = Some(change(&long(last), last, "1"));
        batch.push(Append {
            change,
            ..Append::from(entry)
        });
    }
    assert!(
        store
            .append(&batch)
            .await
            .unwrap()
            .iter()
            .all(|appended| appended.new)
    );
    assert!(
        store
            .append(&batch)
            .await
            .unwrap()
            .iter()
            .all(|appended| !appended.new)
    );
    for last in ["a", "b"] {
        let kept = store.entry(&uri(last), &long(last)).await.unwrap().unwrap();
        assert_eq!(kept.subject(), Some(long(last).as_str()));
        let query = EntryQuery {
            subject: Some(long(last)),
            source: Some(uri(last)),
            ..EntryQuery::default()
        };
        assert_eq!(ids(&all(store, query).await), [long(last)]);
        assert_eq!(store.resource(&long(last)).await.unwrap().unwrap().state, last);
    }
    let query = ResourceQuery {
        limit: by(1),
        ..ResourceQuery::default()
    };
    assert_eq!(all_resources(store, query).await.len(), 2);
}

/// All that a follower gets until nothing more is there, each with the cursor behind it.
pub(crate) async fn followed(store: &dyn Store, mut follow: Follow) -> Vec<(String, Cursor)> {
    let mut got = Vec::new();
    loop {
        let arrivals = store.follow(&follow).await.unwrap();
        assert!(arrivals.items.len() <= follow.limit.get());
        assert!(arrivals.damaged.is_empty());
        let named = |arrived: Arrived| (arrived.entry.id().to_owned(), arrived.cursor);
        got.extend(arrivals.items.into_iter().map(named));
        follow.after = Some(arrivals.next);
        if !arrivals.more {
            return got;
        }
    }
}

pub(crate) async fn followers_get_everything_once_and_nothing_before_a_cursor(store: &dyn Store) {
    let make = |n: usize| Append::from(Entry::builder(n.to_string(), "/s", "t").build().unwrap());
    // Some again, alone and among others; each batch of another size.
    let sizes = [1, 4, 60, 1, 120, 3, 2, 1, 9, 30];
    let (mut first, mut cursors) = (0, Vec::new());
    let mut follow = Follow {
        limit: by(7),
        ..Follow::default()
    };
    let mut got: Vec<String> = Vec::new();
    for size in sizes {
        let batch: Vec<Append> = (first..first + size).map(make).collect();
        store.append(&batch).await.unwrap();
        store.append(&batch[..1]).await.unwrap();
        first += size - 1;
        // A page, not all of it.
        let arrivals = store.follow(&follow).await.unwrap();
        for arrived in arrivals.items {
            got.push(arrived.entry.id().to_owned());
            cursors.push((got.len(), arrived.cursor));
        }
        cursors.push((got.len(), arrivals.next.clone()));
        follow.after = Some(arrivals.next);
    }
    let all: BTreeSet<String> = (0..=first).map(|n| n.to_string()).collect();
    for (count, cursor) in cursors.into_iter().step_by(9).chain([(0, Cursor::new(""))]) {
        for limit in [5, 1000] {
            let after = Some(cursor.clone()).filter(|_| count > 0);
            let follow = Follow {
                limit: by(limit),
                after,
                ..Follow::default()
            };
            let rest = followed(store, follow).await;
            let whole: Vec<String> = got[..count]
                .iter()
                .cloned()
                .chain(rest.into_iter().map(|(id, _)| id))
                .collect();
            assert_eq!(whole.len(), all.len(), "{limit} at a time from {count}");
            assert_eq!(whole.into_iter().collect::<BTreeSet<_>>(), all);
        }
    }
}

pub(crate) async fn filters_of_followers_match_exactly(store: &dyn Store) {
    let make = |n: usize| {
        let entry = Entry::builder(n.to_string(), ["/s", "/r"][n % 2], ["t", "u"][n / 2 % 2]);
        match n % 3 {
            0 => entry.build().unwrap(),
            _ => entry.subject("x").build().unwrap(),
        }
    };
    let entries: Vec<Entry> = (0..150).map(make).collect();
    for batch in entries.chunks(40) {
        let batch: Vec<Append> = batch.iter().cloned().map(Append::from).collect();
        store.append(&batch).await.unwrap();
    }
    for (source, event_type, subject) in [
        (Some("/s"), None, None),
        (None, Some("u"), None),
        (None, None, Some("x")),
        (Some("/r"), Some("t"), Some("x")),
        (Some("/"), None, None),
    ] {
        let follow = Follow {
            source: source.map(str::to_owned),
            event_type: event_type.map(str::to_owned),
            subject: subject.map(str::to_owned),
            limit: by(11),
            after: None,
        };
        let is = |asked: Option<&str>, value: Option<&str>| asked.is_none() || asked == value;
        let expected: BTreeSet<&str> = entries
            .iter()
            .filter(|entry| is(source, Some(entry.source())))
            .filter(|entry| is(event_type, Some(entry.event_type())))
            .filter(|entry| is(subject, entry.subject()))
            .map(Entry::id)
            .collect();
        let got = followed(store, follow.clone()).await;
        let ids: BTreeSet<&str> = got.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!((got.len(), ids), (expected.len(), expected), "{follow:?}");
        // From one of them on, the rest.
        if let Some((_, cursor)) = got.get(3) {
            let after = Some(cursor.clone());
            let rest = followed(store, Follow { after, ..follow }).await;
            assert_eq!(rest, got[4..]);
        }
    }
}

pub(crate) async fn followers_get_large_documents_and_take_them_for_no_end(store: &dyn Store) {
    let make = |n: usize| {
        let text = "a€𝄞".repeat(n % 3 * 30_000);
        let entry = Entry::builder(n.to_string(), "/s", "t").detected(Data::Text(text));
        Append::from(entry.build().unwrap())
    };
    store.append(&(0..9).map(make).collect::<Vec<_>>()).await.unwrap();
    let arrivals = store.follow(&Follow::default()).await.unwrap();
    // A page is bounded by what it holds, too.
    assert!(arrivals.items.len() < 9 && arrivals.more);
    assert_eq!(followed(store, Follow::default()).await.len(), 9);
}

pub(crate) async fn a_cursor_of_something_else_is_refused(store: &dyn Store) {
    let batch: Vec<Append> = (0..3)
        .map(|n| changing(&n.to_string(), change(&format!("urn:{n}"), "s", "1")))
        .collect();
    store.append(&batch).await.unwrap();
    let page = store
        .entries(&EntryQuery {
            limit: by(1),
            ..EntryQuery::default()
        })
        .await
        .unwrap();
    for cursor in [Some(Cursor::new("zzz")), page.next] {
        let query = ResourceQuery {
            cursor: cursor.clone(),
            ..ResourceQuery::default()
        };
        assert!(store.resources(&query).await.unwrap_err().is_invalid_cursor());
        let follow = Follow {
            after: cursor,
            ..Follow::default()
        };
        assert!(store.follow(&follow).await.unwrap_err().is_invalid_cursor());
    }
    let arrivals = store.follow(&Follow::default()).await.unwrap();
    for cursor in [&arrivals.next, &arrivals.items[1].cursor] {
        let query = EntryQuery {
            cursor: Some(cursor.clone()),
            ..EntryQuery::default()
        };
        assert!(store.entries(&query).await.unwrap_err().is_invalid_cursor());
    }
}

pub(crate) async fn an_empty_batch_is_nothing(store: &dyn Store) {
    assert!(store.append(&[]).await.unwrap().is_empty());
}

/// An event as it may come: few names, so that they collide.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    id: u8,
    identity: u8,
    subject: Option<u8>,
    time: i64,
    state: Option<(u8, u8)>,
}

impl Arrival {
    fn append(&self) -> Append {
        // The identity has all of it: the same event is the same, whenever it comes.
        let identity = format!("{self:?}");
        let mut entry = Entry::builder(format!("{}", self.id), format!("/s{}", self.id % 2), "t")
            .time(at(self.time))
            .identity(Identity::new([identity.as_str()]));
        if let Some(subject) = self.subject {
            entry = entry.subject(subject.to_string());
        }
        let change = self.state.map(|(resource, number)| StateChange {
            order: Order::sequence_number(SequenceNumber::new(&number.to_string()).unwrap()).tie(&identity),
            ..change(&format!("urn:{resource}"), &format!("{}", self.identity), "0")
        });
        Append {
            change,
            ..Append::from(entry.build().unwrap())
        }
    }
}

/// Batches as they may come.
pub(crate) fn arrivals() -> impl Strategy<Value = Vec<Vec<Arrival>>> {
    let arrival = (
        0..4_u8,
        0..3_u8,
        proptest::option::of(0..3_u8),
        0..4_i64,
        proptest::option::of((0..3_u8, 0..9_u8)),
    );
    let arrival = arrival.prop_map(|(id, identity, subject, time, state)| Arrival {
        id,
        identity,
        subject,
        time,
        state,
    });
    proptest::collection::vec(proptest::collection::vec(arrival, 1..12), 1..6)
}

/// The identities of all entries with their times and the states of all resources, as the events alone decide them.
type Outcome = (BTreeSet<(String, i64)>, BTreeMap<String, String>);

/// Appends the batches and holds what is kept against what the events say.
pub(crate) async fn check(store: &dyn Store, batches: &[Vec<Arrival>]) {
    let (mut identities, mut states) = (BTreeSet::new(), BTreeMap::<String, (Order, String)>::new());
    for batch in batches {
        let appends: Vec<Append> = batch.iter().map(Arrival::append).collect();
        for append in &appends {
            identities.insert((
                append.entry.identity().into_owned(),
                append.entry.time().unwrap().timestamp(),
            ));
            let Some(change) = &append.change else { continue };
            let latest = states
                .get(&change.urn)
                .is_none_or(|(order, _)| change.order > *order);
            if latest {
                states.insert(change.urn.clone(), (change.order.clone(), change.state.clone()));
            }
        }
        let appended = store.append(&appends).await.unwrap();
        for (append, appended) in appends.iter().zip(appended) {
            let kept = store
                .entry(append.entry.source(), &appended.id)
                .await
                .unwrap()
                .unwrap();
            assert_eq!(kept.identity(), append.entry.identity());
        }
    }
    let kept = all(
        store,
        EntryQuery {
            limit: by(5),
            ..EntryQuery::default()
        },
    )
    .await;
    let times: Vec<_> = kept.iter().map(|entry| entry.time().unwrap()).collect();
    assert!(times.is_sorted());
    let resources = all_resources(
        store,
        ResourceQuery {
            limit: by(2),
            ..ResourceQuery::default()
        },
    )
    .await;
    let expected: Outcome = (
        identities,
        states.into_iter().map(|(urn, (_, state))| (urn, state)).collect(),
    );
    let identities: BTreeSet<_> = kept
        .iter()
        .map(|entry| (entry.identity().into_owned(), entry.time().unwrap().timestamp()))
        .collect();
    assert_eq!(identities.len(), kept.len());
    let kept: Outcome = (
        identities,
        resources
            .into_iter()
            .map(|resource| (resource.urn, resource.state))
            .collect(),
    );
    assert_eq!(kept, expected);
}
