//! Calls with the same key in one process take turns.
//!
//! Otherwise equal records on two lanes of a batch would meet in the store, and the later one would fail as “in
//! progress elsewhere”, although it only has to wait for the earlier one's result.

use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The keys in use, each with the calls that wait for it. Dropping a sender wakes its receiver.
///
/// A key is represented by a hash. Two keys with the same hash wait for each other unnecessarily, which does no harm.
type Waiting = HashMap<u64, Vec<oneshot::Sender<()>>, RandomState>;

#[derive(Debug, Default)]
pub(super) struct Turns {
    hasher: RandomState,
    waiting: Mutex<Waiting>,
}

impl Turns {
    /// Waits until no other call has this key.
    pub(super) async fn take(&self, id: &str) -> KeyTurn<'_> {
        let key = self.hasher.hash_one(id);
        loop {
            let ended = match self.lock().entry(key) {
                Entry::Vacant(slot) => {
                    slot.insert(Vec::new());
                    return KeyTurn { turns: self, key };
                }
                Entry::Occupied(mut slot) => {
                    let (sender, receiver) = oneshot::channel();
                    slot.get_mut().push(sender);
                    receiver
                }
            };
            // Nothing is sent: the previous turn ends by dropping the sender.
            let _ = ended.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing panics while it holds the lock.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn, which ends when it is dropped, even with the future that has it.
pub(super) struct KeyTurn<'t> {
    turns: &'t Turns,
    key: u64,
}

impl Drop for KeyTurn<'_> {
    fn drop(&mut self) {
        self.turns.lock().remove(&self.key);
    }
}
