//! Writers that stop, freeze and go on at any call, and followers between them: whatever the order, everything that is kept is
//! followed once, and nothing is ever inserted before a cursor.

use super::Dynamodb;
use super::tests::{answer, cancelled, item, key};
use crate::journal::{Append, Cursor, Entry, Follow, Limit, Store as _};
use fastrand::Rng;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;
use switchboard_test_support::{Table, Turns};

/// The table, as it is and as it is seen.
struct World {
    table: BTreeMap<String, Value>,
    /// Written by a transaction that is done, but not yet to be seen: items of one become visible one before the other.
    unseen: BTreeSet<String>,
    rng: Rng,
    faulty: bool,
}

impl Table for World {
    fn call(&mut self, operation: &str, body: &Value) -> Option<(u16, Value)> {
        let fault = match self.faulty {
            true => self.rng.u8(..12),
            false => u8::MAX,
        };
        if fault == 0 {
            let name = "ProvisionedThroughputExceededException";
            return Some((400, json!({ "__type": name, "message": "slow down" })));
        }
        let answer = self.done(operation, body);
        (fault != 1).then_some(answer)
    }

    fn is_told(&mut self, _: &str, body: &Value) {
        // Once a transaction is reported as done, every reader sees all of it.
        for key in self.keys(body) {
            self.unseen.remove(&key);
        }
    }
}

impl World {
    /// The keys that a transaction writes.
    fn keys(&self, body: &Value) -> Vec<String> {
        let statements = body["TransactStatements"].as_array();
        let statements = statements.into_iter().flatten();
        statements.map(|statement| key(&item(statement))).collect()
    }

    fn done(&mut self, operation: &str, body: &Value) -> (u16, Value) {
        let conflict = json!({ "Code": "TransactionConflict", "Message": "ongoing" });
        match operation {
            "ExecuteTransaction" => {
                let keys = self.keys(body);
                if keys.iter().any(|key| self.unseen.contains(key)) {
                    return cancelled(vec![conflict; keys.len()]);
                }
                let answer = answer(&mut self.table, operation, body);
                if answer.0 == 200 {
                    let unseen: Vec<String> = keys.into_iter().filter(|_| self.rng.bool()).collect();
                    self.unseen.extend(unseen);
                }
                answer
            }
            "BatchExecuteStatement" => {
                let statements = body["Statements"].as_array().unwrap();
                let one = |statement: &Value| match self.unseen.contains(&key(&item(statement))) {
                    true => json!({ "Error": { "Code": "TransactionConflict", "Message": "ongoing" } }),
                    false => {
                        let one = json!({ "Statements": [statement] });
                        answer(&mut self.table, operation, &one).1["Responses"][0].clone()
                    }
                };
                let answers: Vec<Value> = statements.iter().map(one).collect();
                (200, json!({ "Responses": answers }))
            }
            "TransactGetItems" => {
                let gets = body["TransactItems"].as_array().unwrap();
                match gets
                    .iter()
                    .any(|get| self.unseen.contains(&key(&get["Get"]["Key"])))
                {
                    true => cancelled(vec![conflict; gets.len()]),
                    false => answer(&mut self.table, operation, body),
                }
            }
            "BatchGetItem" | "GetItem" => {
                let hidden = self.unseen.iter().filter_map(|key| self.table.remove_entry(key));
                let hidden: Vec<(String, Value)> = hidden.collect();
                let seen = answer(&mut self.table, operation, body);
                self.table.extend(hidden);
                seen
            }
            _ => answer(&mut self.table, operation, body),
        }
    }

    /// More time passes than anyone waits for a slot, or a transaction takes to be seen.
    fn age(&mut self) {
        self.unseen.clear();
        for item in self.table.values_mut() {
            if let Some(at) = item["at"]["N"].as_str() {
                let at = at.parse::<u64>().unwrap().saturating_sub(60_000);
                item["at"]["N"] = at.to_string().into();
            }
        }
    }

    fn entries(&self) -> BTreeSet<String> {
        let entries = self.table.keys().filter_map(|key| key.strip_prefix("entry#"));
        entries.map(str::to_owned).collect()
    }
}

/// Something that goes on when it is polled, and not otherwise.
type Actor = Pin<Box<dyn Future<Output = ()>>>;

fn poll(actor: &mut Actor) -> bool {
    actor
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
        .is_ready()
}

/// What a follower has got: each entry with the cursor behind it, and where it goes on.
#[derive(Clone, Default)]
struct FollowerState {
    got: Vec<(String, Cursor)>,
    next: Option<Cursor>,
    /// How much had been got where a page ended.
    pages: Vec<(usize, Cursor)>,
    idle: bool,
}

struct Scene {
    world: Arc<Mutex<World>>,
    store: Arc<Dynamodb>,
    acknowledged: Arc<Mutex<BTreeSet<String>>>,
}

impl Scene {
    fn new(seed: u64) -> Self {
        fastrand::seed(seed);
        let world = Arc::new(Mutex::new(World {
            table: BTreeMap::new(),
            unseen: BTreeSet::new(),
            rng: Rng::with_seed(seed),
            faulty: true,
        }));
        Self {
            store: Arc::new(Dynamodb::new(Turns::of(&world).client(), "journal")),
            world,
            acknowledged: Arc::default(),
        }
    }

    /// Appends a batch until it is acknowledged, as an event source does.
    fn writer(&self, ids: &[u8]) -> Actor {
        let (store, acknowledged) = (Arc::clone(&self.store), Arc::clone(&self.acknowledged));
        let entry = |id: &u8| Entry::builder(id.to_string(), "/s", "t").build().unwrap();
        let batch: Vec<Append> = ids.iter().map(entry).map(Append::from).collect();
        Box::pin(async move {
            while store.append(&batch).await.is_err() {}
            let names = batch.iter().map(|append| format!("/s {}", append.entry.id()));
            acknowledged.lock().unwrap().extend(names);
        })
    }

    /// Follows on and on.
    fn follower(&self, limit: u16, followed: &Arc<Mutex<FollowerState>>) -> Actor {
        let (store, followed) = (Arc::clone(&self.store), Arc::clone(followed));
        Box::pin(async move {
            loop {
                let follow = Follow {
                    limit: Limit::new(limit).unwrap(),
                    after: followed.lock().unwrap().next.clone(),
                    ..Follow::default()
                };
                let Ok(arrivals) = store.follow(&follow).await else {
                    continue;
                };
                assert!(arrivals.items.len() <= usize::from(limit) && arrivals.damaged.is_empty());
                let mut followed = followed.lock().unwrap();
                followed.idle = !arrivals.more && arrivals.items.is_empty();
                let named =
                    |arrived: crate::journal::Arrived| (format!("/s {}", arrived.entry.id()), arrived.cursor);
                followed.got.extend(arrivals.items.into_iter().map(named));
                let page = (followed.got.len(), arrivals.next.clone());
                followed.pages.push(page);
                followed.next = Some(arrivals.next);
            }
        })
    }

    async fn time_passes(&self) {
        self.world.lock().unwrap().age();
        tokio::time::advance(Duration::from_secs(2)).await;
    }

    /// All that a follower gets from here on, of what has been written.
    async fn rest(&self, from: &FollowerState) -> Vec<String> {
        let followed = Arc::new(Mutex::new(from.clone()));
        let mut follower = self.follower(50, &followed);
        for _ in 0..4 {
            self.time_passes().await;
            followed.lock().unwrap().idle = false;
            while !followed.lock().unwrap().idle {
                assert!(!poll(&mut follower));
                tokio::time::advance(Duration::from_millis(100)).await;
            }
        }
        let got = followed.lock().unwrap().got.clone();
        got.into_iter().map(|(id, _)| id).collect()
    }

    /// From wherever a follower goes on, it gets everything once, and what it had got before is all that was before.
    async fn is_followed(&self, followed: &FollowerState) {
        let all = self.world.lock().unwrap().entries();
        assert!(self.acknowledged.lock().unwrap().is_subset(&all));
        let entries = (1..=followed.got.len()).map(|count| (count, followed.got[count - 1].1.clone()));
        // Some of the cursors, and the current one.
        let cursors: Vec<(usize, Cursor)> = entries.chain(followed.pages.iter().cloned()).collect();
        let apart = cursors.len().div_ceil(3).max(1);
        let cursors = cursors.into_iter().step_by(apart);
        let last = followed.next.clone().map(|next| (followed.got.len(), next));
        for (count, cursor) in cursors.chain(last) {
            let from = FollowerState {
                got: followed.got[..count].to_vec(),
                next: Some(cursor),
                ..FollowerState::default()
            };
            let got = self.rest(&from).await;
            let distinct: BTreeSet<String> = got.iter().cloned().collect();
            assert_eq!((got.len(), &distinct), (all.len(), &all), "from {count}");
        }
    }
}

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum SimulatedEvent {
    /// The writer or follower goes on for this many turns. Others are frozen meanwhile.
    GoesOn(usize, u8),
    /// The writer is killed, and its batch delivered again.
    Dies(usize),
    /// The batch of a writer is delivered again, though it may go on later.
    Again(usize),
    TimePasses,
}

fn events() -> impl Strategy<Value = Vec<SimulatedEvent>> {
    let event = prop_oneof![
        12 => (any::<usize>(), 1..12_u8).prop_map(|(actor, turns)| SimulatedEvent::GoesOn(actor, turns)),
        1 => any::<usize>().prop_map(SimulatedEvent::Dies),
        1 => any::<usize>().prop_map(SimulatedEvent::Again),
        2 => Just(SimulatedEvent::TimePasses),
    ];
    proptest::collection::vec(event, 10..80)
}

async fn play(seed: u64, batches: Vec<Vec<u8>>, events: Vec<SimulatedEvent>) {
    let scene = Scene::new(seed);
    let mut writers: Vec<(usize, Option<Actor>)> = (0..batches.len())
        .map(|batch| (batch, Some(scene.writer(&batches[batch]))))
        .collect();
    let followers = [Arc::new(Mutex::new(FollowerState::default())), Arc::default()];
    let mut following = [scene.follower(1, &followers[0]), scene.follower(5, &followers[1])];
    for event in events {
        match event {
            SimulatedEvent::GoesOn(actor, turns) => {
                let actor = actor % (writers.len() + following.len());
                for _ in 0..turns {
                    tokio::time::advance(Duration::from_millis(10)).await;
                    match actor.checked_sub(writers.len()) {
                        Some(follower) => assert!(!poll(&mut following[follower])),
                        None => {
                            let (_, writer) = &mut writers[actor];
                            if writer.as_mut().is_some_and(poll) {
                                *writer = None;
                            }
                        }
                    }
                }
            }
            SimulatedEvent::Dies(writer) => {
                let at = writer % writers.len();
                let batch = writers[at].0;
                writers[at].1 = Some(scene.writer(&batches[batch]));
            }
            SimulatedEvent::Again(writer) => {
                let batch = writers[writer % writers.len()].0;
                writers.push((batch, Some(scene.writer(&batches[batch]))));
            }
            SimulatedEvent::TimePasses => scene.time_passes().await,
        }
    }
    scene.world.lock().unwrap().faulty = false;
    // Some are frozen for long: all that was written meanwhile is followed without them.
    let looked = followers
        .each_ref()
        .map(|followed| followed.lock().unwrap().clone());
    for followed in &looked {
        scene.is_followed(followed).await;
    }
    for (_, writer) in &mut writers {
        while writer.as_mut().is_some_and(|writer| !poll(writer)) {
            tokio::time::advance(Duration::from_millis(100)).await;
        }
    }
    // Then they go on, and what they write comes behind all that was handed out.
    for followed in &looked {
        scene.is_followed(followed).await;
    }
    let ids: BTreeSet<String> = batches.iter().flatten().map(|id| format!("/s {id}")).collect();
    assert_eq!(*scene.acknowledged.lock().unwrap(), ids);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stops_or_goes_on_everything_is_followed_once(
        seed: u64,
        batches in proptest::collection::vec(proptest::collection::vec(0..40_u8, 1..9), 1..8),
        events in events(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(play(seed, batches, events));
    }
}
