//! Stores of idempotency also keep the memos of streams.

use super::{Done, Store};
use crate::handler::{Memo, Remember, Remembered};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The retention of DynamoDB Streams, and the default retention of Kinesis.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

struct MemoStore<St>(St);

impl<St: Store> Remember for MemoStore<St> {
    fn recall<'a>(&'a self, key: &'a str) -> Remembered<'a, Option<String>> {
        Box::pin(async move { Ok(self.0.recall(key, SystemTime::now()).await?) })
    }

    fn remember<'a>(&'a self, key: &'a str, text: &'a str, until: SystemTime) -> Remembered<'a, ()> {
        Box::pin(async move {
            let done = Done {
                data: text.to_owned(),
                expiration: until,
            };
            Ok(self.0.remember(key, &done).await?)
        })
    }
}

impl Memo {
    /// Remembers in this store for 24 hours.
    #[must_use]
    pub fn new(store: impl Store + 'static) -> Self {
        Self {
            store: Arc::new(MemoStore(store)),
            kept: KEPT,
        }
    }
}

impl<St: Store + 'static> From<St> for Memo {
    fn from(store: St) -> Self {
        Self::new(store)
    }
}
