//! The journal: all that was acknowledged is there once, in the order of arrival, too, and resources are in their last states.

use super::killing::{Killing, Plan, STUCK, WRITERS, deliver};
use super::place::Place;
use crate::support::{batch, builder, dynamodb, event, kinesis, s3};
use futures_util::future::join_all;
use lambda_sandbox::Function;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use switchboard_function::journal::{Cursor, EntryQuery, Follow, Limit, ResourceQuery, Store};
use tokio::time::sleep;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Source {
    Kinesis,
    Dynamodb,
    S3,
    CloudwatchEvents,
}

/// An event, of which the journal keeps an entry for each record: those numbered from the first on.
#[derive(Clone, Copy, Debug)]
struct Delivery {
    source: Source,
    first: usize,
    count: usize,
}

/// What happens to the items and objects: there are a few, so that each goes through many states, and so do events that come again
/// when later ones have been kept.
const ITEMS: usize = 50;
const OBJECTS: usize = 7;

const CHANGES: [(&str, &str); 3] = [
    ("INSERT", "inserted"),
    ("MODIFY", "modified"),
    ("REMOVE", "removed"),
];

const NOTICES: [(&str, &str); 2] = [
    ("ObjectCreated:Put", "created"),
    ("ObjectRemoved:Delete", "deleted"),
];

impl Delivery {
    /// Each source in turn, with few records, and with so many that a store writes them in several steps.
    fn nth(turn: usize, first: usize) -> Self {
        let round = turn / 4;
        let (source, count) = match turn % 4 {
            0 => (Source::Kinesis, [1, 6, 60][round % 3]),
            1 => (Source::Dynamodb, [1, 30, 6][round % 3]),
            2 => (Source::S3, [1, 3][round % 2]),
            _ => (Source::CloudwatchEvents, 1),
        };
        Self { source, first, count }
    }

    fn numbers(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.count
    }

    fn payload(&self) -> String {
        match self.source {
            Source::Kinesis => batch(
                self.numbers()
                    .map(|number| kinesis(number, format!("k{number}").as_bytes())),
            ),
            Source::Dynamodb => batch(self.numbers().map(change)),
            Source::S3 => batch(self.numbers().map(notice)),
            Source::CloudwatchEvents => {
                let mut event = event(&json!({"number": self.first}));
                event["id"] = self.id(self.first).into();
                event.to_string()
            }
        }
    }

    /// The id of the entry.
    fn id(&self, number: usize) -> String {
        match self.source {
            Source::Kinesis => kinesis(number, b"")["eventID"].as_str().unwrap().to_owned(),
            Source::Dynamodb => format!("e{number}"),
            Source::S3 => format!("R-{number}.a/b+c="),
            Source::CloudwatchEvents => format!("event-{number}"),
        }
    }

    /// Which of its source's resources the record is about, and the state that is in from there on.
    fn state(&self, number: usize) -> Option<(usize, &'static str)> {
        match self.source {
            Source::Dynamodb => Some((number % ITEMS, CHANGES[number % CHANGES.len()].1)),
            Source::S3 => Some((number % OBJECTS, NOTICES[number % NOTICES.len()].1)),
            Source::Kinesis | Source::CloudwatchEvents => None,
        }
    }
}

fn change(number: usize) -> Value {
    let mut record = dynamodb(number, json!({"a": {"S": "x"}}));
    record["eventName"] = CHANGES[number % CHANGES.len()].0.into();
    record["dynamodb"]["Keys"]["id"]["N"] = (number % ITEMS).to_string().into();
    record
}

fn notice(number: usize) -> Value {
    let mut record = s3(&format!("key/{}", number % OBJECTS));
    record["eventName"] = NOTICES[number % NOTICES.len()].0.into();
    record["responseElements"]["x-amz-request-id"] = format!("R-{number}").into();
    record["s3"]["object"]["sequencer"] = format!("{number:016X}").into();
    record
}

/// What the writers know.
#[derive(Default)]
struct Book {
    /// How many records there are.
    records: usize,
    turns: usize,
    /// Delivered, and not acknowledged.
    open: VecDeque<Delivery>,
    acknowledged: Vec<Delivery>,
}

impl Book {
    /// What is to be delivered next: what was not acknowledged, now and then what was, and else what is new.
    fn upcoming(&mut self) -> (Delivery, bool) {
        self.turns += 1;
        if self.turns.is_multiple_of(9) && !self.acknowledged.is_empty() {
            return (
                self.acknowledged[self.turns * 7919 % self.acknowledged.len()],
                true,
            );
        }
        if self.open.len() > WRITERS as usize
            && let Some(delivery) = self.open.pop_front()
        {
            return (delivery, false);
        }
        let delivery = Delivery::nth(self.turns, self.records);
        self.records += delivery.count;
        (delivery, false)
    }
}

struct Writing {
    book: Mutex<Book>,
    killing: Killing,
    function: Function,
}

impl Writing {
    async fn write(&self) {
        while self.killing.goes_on() {
            let (delivery, again) = self.book.lock().unwrap().upcoming();
            let kept = self.deliver(delivery).await;
            let mut book = self.book.lock().unwrap();
            match (kept, again) {
                (true, false) => book.acknowledged.push(delivery),
                (false, false) => book.open.push_back(delivery),
                (_, true) => {}
            }
        }
    }

    /// Whether it is acknowledged, all of it.
    async fn deliver(&self, delivery: Delivery) -> bool {
        let failures = deliver(&self.function, delivery.payload()).await;
        let kept = failures.is_some_and(|failures| failures.is_empty());
        if kept {
            self.killing.acknowledged();
        }
        kept
    }

    /// What is open comes again until it is acknowledged.
    async fn deliver_rest(&self) {
        let start = Instant::now();
        loop {
            let Some(delivery) = self.book.lock().unwrap().open.pop_front() else {
                return;
            };
            while !self.deliver(delivery).await {
                assert!(start.elapsed() < STUCK, "not kept: {delivery:?}");
            }
            self.book.lock().unwrap().acknowledged.push(delivery);
        }
    }
}

/// How many pages a follower asks for at a time.
const PAGES: usize = 5;

/// Whoever follows the journal from the first kill on.
#[derive(Default)]
struct Follower {
    after: Option<Cursor>,
    arrived: Vec<String>,
}

impl Follower {
    /// Goes on to the end of what is there, or for some pages, as writers may be faster; false if the store cannot be followed.
    async fn catch_up(&mut self, journal: &dyn Store) -> bool {
        for _ in 0..PAGES {
            let follow = Follow {
                limit: Limit::MAX,
                after: self.after.clone(),
                ..Follow::default()
            };
            let arrivals = match journal.follow(&follow).await {
                Ok(arrivals) => arrivals,
                Err(error) if error.is_unsupported() => return false,
                Err(error) => panic!("{error}"),
            };
            assert!(arrivals.damaged.is_empty(), "{:?}", arrivals.damaged);
            let ids = arrivals.items.iter().map(|item| item.entry.id().to_owned());
            self.arrived.extend(ids);
            self.after = Some(arrivals.next);
            if !arrivals.more {
                break;
            }
        }
        true
    }

    /// Goes on until so many have arrived: a store may let what is new be followed a moment after it is kept.
    async fn catch_up_with(&mut self, journal: &dyn Store, count: usize) -> bool {
        let start = Instant::now();
        while self.catch_up(journal).await {
            if self.arrived.len() >= count {
                return true;
            }
            let arrived = self.arrived.len();
            assert!(start.elapsed() < STUCK, "{arrived} of {count} have arrived");
            sleep(Duration::from_millis(50)).await;
        }
        false
    }

    fn has_each_once(&self, expected: &BTreeSet<String>) {
        let distinct: BTreeSet<String> = self.arrived.iter().cloned().collect();
        assert_eq!(self.arrived.len(), distinct.len(), "what was followed came twice");
        assert_eq!(distinct, *expected);
    }
}

/// How often each id is there.
async fn ids(journal: &dyn Store) -> HashMap<String, usize> {
    let mut ids = HashMap::new();
    let mut query = EntryQuery {
        limit: Limit::MAX,
        ..EntryQuery::default()
    };
    loop {
        let page = journal.entries(&query).await.unwrap();
        assert!(page.damaged.is_empty(), "{:?}", page.damaged);
        for entry in page.items {
            *ids.entry(entry.id().to_owned()).or_default() += 1;
        }
        query.cursor = page.next;
        if query.cursor.is_none() {
            return ids;
        }
    }
}

/// The state of each resource, by the id of the entry that says so.
async fn states(journal: &dyn Store) -> BTreeMap<String, String> {
    let mut states = BTreeMap::new();
    let mut query = ResourceQuery {
        limit: Limit::MAX,
        ..ResourceQuery::default()
    };
    loop {
        let page = journal.resources(&query).await.unwrap();
        assert!(page.damaged.is_empty(), "{:?}", page.damaged);
        states.extend(
            page.items
                .into_iter()
                .map(|resource| (resource.id, resource.state)),
        );
        query.cursor = page.next;
        if query.cursor.is_none() {
            return states;
        }
    }
}

/// What the states have to be: those of the last records of each resource.
fn last_states(deliveries: &[Delivery]) -> BTreeMap<String, String> {
    let mut last = BTreeMap::new();
    for delivery in deliveries {
        for number in delivery.numbers() {
            if let Some((resource, state)) = delivery.state(number) {
                let said = (number, delivery.id(number), state);
                let known = last
                    .entry((delivery.source, resource))
                    .or_insert_with(|| said.clone());
                if said.0 > known.0 {
                    *known = said;
                }
            }
        }
    }
    last.into_values()
        .map(|(_, id, state)| (id, state.to_owned()))
        .collect()
}

/// The journal holds what was acknowledged, whole, once, and followed it gives the same.
async fn holds(journal: &dyn Store, book: &Book, follower: &mut Follower, plan: &Plan, place: &Place) {
    let there = ids(journal).await;
    let numbers = |delivery: &Delivery| {
        delivery
            .numbers()
            .map(|number| delivery.id(number))
            .collect::<Vec<_>>()
    };
    let expected: BTreeSet<String> = book.acknowledged.iter().flat_map(numbers).collect();
    let lost: Vec<&String> = expected.iter().filter(|id| !there.contains_key(*id)).collect();
    let twice = there.values().filter(|count| **count > 1).count();
    assert!(lost.is_empty() && twice == 0, "lost: {lost:?}; {twice} twice");
    let mut from_the_beginning = Follower::default();
    let is_followed = follower.catch_up_with(journal, expected.len()).await
        && from_the_beginning.catch_up_with(journal, expected.len()).await;
    let followed = if is_followed {
        "followed"
    } else {
        "not to be followed"
    };
    let figures = format!(
        "{:>6} deliveries, {:>6} entries acknowledged, 0 lost, 0 twice, {followed}",
        book.turns,
        expected.len(),
    );
    plan.tell(&format!("journal, {}", place.name()), &figures);
    assert_eq!((there.len(), book.records), (expected.len(), expected.len()));
    if is_followed {
        follower.has_each_once(&expected);
        from_the_beginning.has_each_once(&expected);
        if place.has_one_order() {
            assert_eq!(follower.arrived, from_the_beginning.arrived);
        }
    }
    assert_eq!(states(journal).await, last_states(&book.acknowledged));
}

pub(crate) async fn survives(place: &Place) {
    let mut plan = Plan::from_env();
    let builder = builder()
        .env("SWITCHBOARD_STORE", place.of_the_journal())
        .max_concurrency(WRITERS);
    let writing = Writing {
        book: Mutex::default(),
        killing: Killing::default(),
        function: builder.start().await.unwrap(),
    };
    let mut follower = Follower::default();
    let look = async || {
        place.is_whole();
        follower.catch_up(&*place.journal()).await;
    };
    tokio::join!(
        join_all((0..WRITERS).map(|_| writing.write())),
        writing.killing.kill(&mut plan, &writing.function, look)
    );
    writing.deliver_rest().await;
    writing.function.shutdown().await;
    place.is_whole();
    let book = writing.book.into_inner().unwrap();
    holds(&*place.journal(), &book, &mut follower, &plan, place).await;
}
