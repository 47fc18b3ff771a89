//! Random schedules of owners, time and crashes on an idempotency store, against a model that is too simple to be
//! wrong.

use proptest::prelude::*;
use std::collections::HashMap;
use std::time::{Duration, SystemTime};
use switchboard::idempotency::{Claim, Claimed, Done, Lease, Store};

/// Owners and keys are numbers; there are few of them, so that they meet.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Claim {
        owner: usize,
        key: usize,
        payload: Option<u8>,
        lease_ms: u64,
        expires_after_s: u64,
    },
    Finish {
        owner: usize,
        data: u8,
        expires_after_s: u64,
    },
    Release {
        owner: usize,
    },
    /// The owner is gone and will never say a word again.
    Crash {
        owner: usize,
    },
    Wait {
        ms: u64,
    },
    Recall {
        key: usize,
    },
    Remember {
        key: usize,
        data: u8,
        expires_after_s: u64,
    },
}

const OWNERS: usize = 3;
const KEYS: usize = 2;

pub(crate) fn steps(length: usize) -> impl Strategy<Value = Vec<Step>> {
    let (owner, key) = (0..OWNERS, 0..KEYS);
    let expires = prop_oneof![3 => Just(60_u64), 1 => 0_u64..4];
    let payload = prop_oneof![1 => Just(None), 3 => Just(Some(1)), 1 => Just(Some(2))];
    let claim = (owner.clone(), key.clone(), payload, 0_u64..3_000, expires.clone()).prop_map(
        |(owner, key, payload, lease_ms, expires_after_s)| Step::Claim {
            owner,
            key,
            payload,
            lease_ms,
            expires_after_s,
        },
    );
    let finish = (owner.clone(), any::<u8>(), expires.clone()).prop_map(|(owner, data, expires_after_s)| {
        Step::Finish {
            owner,
            data,
            expires_after_s,
        }
    });
    let remember =
        (key.clone(), any::<u8>(), expires).prop_map(|(key, data, expires_after_s)| Step::Remember {
            key,
            data,
            expires_after_s,
        });
    let step = prop_oneof![
        6 => claim,
        3 => finish,
        2 => owner.clone().prop_map(|owner| Step::Release { owner }),
        1 => owner.prop_map(|owner| Step::Crash { owner }),
        3 => prop_oneof![0_u64..20, 900_u64..1_100, 0_u64..4_000].prop_map(|ms| Step::Wait { ms }),
        1 => key.prop_map(|key| Step::Recall { key }),
        1 => remember,
    ];
    proptest::collection::vec(step, 1..length)
}

/// What the model knows of a key.
#[derive(Clone)]
struct Known {
    owner: Option<usize>,
    lease_ms: u64,
    last_second: u64,
    data: Option<String>,
    payload: Option<u8>,
}

/// Runs a schedule on `store`, under keys that start with `prefix`, from `start` on; fails where the model differs.
pub(crate) async fn check(store: &dyn Store, prefix: &str, start: SystemTime, steps: &[Step]) {
    let mut run = Run {
        store,
        prefix,
        now: since_epoch(start),
        known: HashMap::new(),
        leases: HashMap::new(),
    };
    for step in steps {
        run.step(step).await;
    }
}

struct Run<'s> {
    store: &'s dyn Store,
    prefix: &'s str,
    /// In milliseconds since 1970.
    now: u64,
    known: HashMap<usize, Known>,
    leases: HashMap<usize, (usize, Lease)>,
}

impl Run<'_> {
    async fn step(&mut self, step: &Step) {
        match *step {
            Step::Claim {
                owner,
                key,
                payload,
                lease_ms,
                expires_after_s,
            } => self.claim(owner, key, payload, lease_ms, expires_after_s).await,
            Step::Finish {
                owner,
                data,
                expires_after_s,
            } => self.finish(owner, data, expires_after_s).await,
            Step::Release { owner } => self.release(owner).await,
            Step::Crash { owner } => drop(self.leases.remove(&owner)),
            Step::Wait { ms } => self.now += ms,
            Step::Recall { key } => {
                let kept = self.store.recall(&self.id(key), at(self.now)).await.unwrap();
                let known = self.live(key).and_then(|known| known.data.clone());
                assert_eq!(kept, known);
            }
            Step::Remember {
                key,
                data,
                expires_after_s,
            } => {
                let done = self.done(data, expires_after_s);
                self.store.remember(&self.id(key), &done).await.unwrap();
                let last_second = self.now / 1_000 + expires_after_s;
                self.known.insert(
                    key,
                    Known {
                        owner: None,
                        lease_ms: 0,
                        last_second,
                        data: Some(done.data),
                        payload: None,
                    },
                );
            }
        }
    }

    async fn claim(&mut self, owner: usize, key: usize, payload: Option<u8>, lease_ms: u64, expires: u64) {
        let lease_ms = self.now + lease_ms;
        let validation = payload.map(|payload| payload.to_string());
        let id = self.id(key);
        let claim = Claim {
            id: &id,
            validation: validation.as_deref(),
            now: at(self.now),
            lease_until: at(lease_ms),
            expiration: at(self.now + expires * 1_000),
        };
        let claimed = self.store.claim(&claim).await.unwrap();
        let Some(known) = self.live(key) else {
            let Claimed::Owned(lease) = claimed else {
                panic!("the key is free, but the store says {claimed:?}");
            };
            assert_eq!((lease.id(), lease.until()), (&*id, at(lease_ms)));
            let known = Known {
                owner: Some(owner),
                lease_ms,
                last_second: (self.now / 1_000 + expires).max(lease_ms / 1_000),
                data: None,
                payload,
            };
            self.known.insert(key, known);
            // One that still has a lease gives it up without a word.
            self.leases.insert(owner, (key, lease));
            return;
        };
        let differs = matches!((known.payload, payload), (Some(left), Some(right)) if left != right);
        let expected = match &known.data {
            _ if differs => Claimed::Mismatch,
            Some(data) => Claimed::Done(data.clone()),
            None => Claimed::InProgress(at(known.lease_ms)),
        };
        assert_eq!(claimed, expected);
    }

    async fn finish(&mut self, owner: usize, data: u8, expires: u64) {
        let Some((key, lease)) = self.leases.remove(&owner) else {
            return;
        };
        let done = self.done(data, expires);
        let finished = self.store.finish(&lease, &done).await.unwrap();
        let now = self.now;
        if self.may_be_swept(owner, key, &lease, finished) {
            return;
        }
        let held = self.held(owner, key, &lease);
        assert_eq!(finished, held.is_some());
        if let Some(known) = held {
            known.owner = None;
            known.data = Some(done.data);
            known.last_second = now / 1_000 + expires;
        }
    }

    async fn release(&mut self, owner: usize) {
        let Some((key, lease)) = self.leases.remove(&owner) else {
            return;
        };
        let released = self.store.release(&lease).await.unwrap();
        if self.may_be_swept(owner, key, &lease, released) {
            return;
        }
        let held = self.held(owner, key, &lease).is_some();
        assert_eq!(released, held);
        if held {
            self.known.remove(&key);
        }
    }

    /// What is known of a key that is not free.
    fn live(&self, key: usize) -> Option<&Known> {
        let known = self.known.get(&key)?;
        let forgotten = self.now / 1_000 > known.last_second;
        let abandoned = known.data.is_none() && self.now > known.lease_ms;
        (!forgotten && !abandoned).then_some(known)
    }

    /// A store may drop what is forgotten whenever it likes; then its owner finds nothing.
    fn may_be_swept(&mut self, owner: usize, key: usize, lease: &Lease, found: bool) -> bool {
        let second = self.now / 1_000;
        let held = self.held(owner, key, lease);
        let swept = held.is_some_and(|known| second > known.last_second) && !found;
        if swept {
            self.known.remove(&key);
        }
        swept
    }

    /// The record, if it is in progress under this owner's lease.
    fn held(&mut self, owner: usize, key: usize, lease: &Lease) -> Option<&mut Known> {
        let known = self.known.get_mut(&key)?;
        let held = known.owner == Some(owner) && at(known.lease_ms) == lease.until();
        held.then_some(known)
    }

    fn id(&self, key: usize) -> String {
        format!("{}#{key}", self.prefix)
    }

    fn done(&self, data: u8, expires: u64) -> Done {
        Done {
            data: data.to_string(),
            expiration: at(self.now + expires * 1_000),
        }
    }
}

fn at(ms: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(ms)
}

fn since_epoch(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}
