//! A model check of the in-memory store: owners compete for a key while the clock passes the ends of their leases, and loom tries
//! every order of their steps.
//!
//! The code under test is the layer's own. Only threads, locks and atomics are loom's instead of the standard library's.

use super::clock::WallClock;
use super::once::{EffectKey, EffectOutcome, Once};
use super::store::{KeyTable, Lock, MemoryStore};
use super::{Claim, Claimed, Done, Lease, Store, StoreFuture};
use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use loom::thread;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

impl Lock for loom::sync::Mutex<KeyTable> {
    fn new(table: KeyTable) -> Self {
        Self::new(table)
    }

    fn with<T>(&self, work: impl FnOnce(&mut KeyTable) -> T) -> T {
        work(&mut self.lock().unwrap())
    }
}

type ModelTable = MemoryStore<loom::sync::Mutex<KeyTable>>;

const ID: &str = "p#k";

/// What an owner's effect does after the owner has claimed the key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Attempt {
    Succeeds,
    Fails,
}

fn at(ms: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(ms)
}

/// Runs these owners and the clock concurrently, and checks the outcome of every order of their steps.
///
/// An owner is what its effect does and when its invocation ends. The clock moves to each of the `ticks` in turn. `preemptions`
/// limits how often a thread may be interrupted; `None` tries every order.
fn explore<St: Store + 'static>(
    preemptions: Option<usize>,
    store: fn() -> St,
    owners: &'static [(Attempt, u64)],
    ticks: &'static [u64],
) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = preemptions;
    model.check(move || {
        let now = Arc::new(AtomicU64::new(1_000));
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let once = Arc::new(Once {
            clock: {
                let now = Arc::clone(&now);
                WallClock::Of(Arc::new(move || at(now.load(Ordering::SeqCst))))
            },
            ..Once::new(store())
        });
        let threads: Vec<_> = owners
            .iter()
            .enumerate()
            .map(|(owner, (does, deadline))| {
                let (once, acknowledged) = (Arc::clone(&once), Arc::clone(&acknowledged));
                thread::spawn(move || own(&once, &acknowledged, owner, *does, *deadline))
            })
            .collect();
        for tick in ticks {
            now.store(*tick, Ordering::SeqCst);
        }
        let ended: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        judge(&once.store, &ended);
    });
}

/// Runs one owner. Returns its number if its effect was acknowledged, and the answer that it got from the store, if it got one.
fn own<St: Store>(
    once: &Once<St>,
    acknowledged: &AtomicUsize,
    owner: usize,
    does: Attempt,
    deadline: u64,
) -> (Option<usize>, Option<String>) {
    let subject = EffectKey {
        id: ID,
        validation: Some("v"),
        deadline: at(deadline),
    };
    let effect = async {
        // Yields, so that loom also tries the orders in which the other threads run during the effect.
        thread::yield_now();
        match does {
            Attempt::Succeeds => Ok((owner, owner.to_string())),
            Attempt::Fails => Err(()),
        }
    };
    match loom::future::block_on(once.run(subject, effect)).unwrap() {
        EffectOutcome::Fresh(owner) => {
            // For each key, at most one effect may be acknowledged.
            assert_eq!(
                acknowledged.fetch_add(1, Ordering::SeqCst),
                0,
                "two effects are acknowledged"
            );
            (Some(owner), None)
        }
        EffectOutcome::Replayed(data) => (None, Some(data)),
        EffectOutcome::Failed(()) | EffectOutcome::InProgress(_) | EffectOutcome::Lost => (None, None),
        EffectOutcome::Mismatch => panic!("all have the same payload"),
    }
}

/// Checks that the store keeps the acknowledged answer, and that no owner got any other answer from it.
fn judge(store: &impl Store, ended: &[(Option<usize>, Option<String>)]) {
    let kept = loom::future::block_on(store.recall(ID, at(2_000))).unwrap();
    let acknowledged = ended
        .iter()
        .find_map(|(owner, _)| owner.map(|owner| owner.to_string()));
    assert_eq!(
        kept, acknowledged,
        "the store keeps what was not acknowledged, or lost what was"
    );
    for answer in ended.iter().filter_map(|(_, answer)| answer.as_ref()) {
        assert_eq!(
            Some(answer),
            acknowledged.as_ref(),
            "an answer that was never given"
        );
    }
}

fn memory() -> ModelTable {
    MemoryStore::with_capacity(8)
}

#[test]
fn two_owners_and_leases_that_pass() {
    use Attempt::{Fails, Succeeds};
    explore(None, memory, &[(Succeeds, 1_500), (Succeeds, 1_700)], &[1_501]);
    explore(None, memory, &[(Fails, 1_500), (Succeeds, 1_700)], &[1_501]);
}

/// Three owners have too many orders to try them all. Two interruptions are enough to find faults of this kind.
const BOUND: Option<usize> = Some(2);

#[test]
fn three_owners_and_a_lease_that_passes() {
    use Attempt::{Fails, Succeeds};
    explore(
        BOUND,
        memory,
        &[(Succeeds, 1_500), (Succeeds, 1_600), (Succeeds, 1_700)],
        &[1_601],
    );
    explore(
        BOUND,
        memory,
        &[(Fails, 1_500), (Succeeds, 1_500), (Succeeds, 1_700)],
        &[1_501],
    );
}

/// A store without fencing: it accepts any finish or release as if the current owner had called it.
#[derive(Debug)]
struct Unfenced(ModelTable);

impl Unfenced {
    /// The current owner's lease, if there is one. A claim that fails tells when that lease ends.
    async fn present(&self) -> Option<Lease> {
        let claim = Claim {
            id: ID,
            validation: None,
            now: at(0),
            lease_until: at(0),
            expiration: at(0),
        };
        match self.0.claim(&claim).await {
            Ok(Claimed::InProgress(until)) => Some(Lease::new(ID, until)),
            _ => None,
        }
    }
}

impl Store for Unfenced {
    fn claim<'a>(&'a self, claim: &'a Claim<'a>) -> StoreFuture<'a, Claimed> {
        self.0.claim(claim)
    }

    fn finish<'a>(&'a self, lease: &'a Lease, done: &'a Done) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let present = self.present().await;
            self.0
                .finish(present.as_ref().unwrap_or(lease), done)
                .await
                .map(|_| true)
        })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let present = self.present().await;
            self.0.release(present.as_ref().unwrap_or(lease)).await
        })
    }

    fn recall<'a>(&'a self, id: &'a str, now: SystemTime) -> StoreFuture<'a, Option<String>> {
        self.0.recall(id, now)
    }

    fn remember<'a>(&'a self, id: &'a str, done: &'a Done) -> StoreFuture<'a, ()> {
        self.0.remember(id, done)
    }
}

/// Proves that the check finds this fault.
#[test]
#[should_panic(expected = "two effects are acknowledged")]
fn without_the_fence_two_effects_are_acknowledged() {
    let owners = &[(Attempt::Succeeds, 1_500), (Attempt::Succeeds, 1_700)];
    explore(None, || Unfenced(memory()), owners, &[1_501]);
}

#[test]
#[should_panic(expected = "the store keeps what was not acknowledged, or lost what was")]
fn without_the_fence_a_late_owner_deletes_its_successors_key() {
    let owners = &[(Attempt::Fails, 1_500), (Attempt::Succeeds, 1_700)];
    explore(None, || Unfenced(memory()), owners, &[1_501]);
}
