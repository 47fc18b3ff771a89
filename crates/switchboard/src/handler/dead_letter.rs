//! Where rejected records go.

use crate::source::Source;
use bytes::Bytes;
use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

/// A record that must not be retried.
#[derive(Clone)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The source that delivered it.
    pub source: Source,
    /// Its id in the source's terms, if it has one.
    pub id: Option<String>,
    /// Why it was rejected.
    pub reason: String,
    /// Its JSON, unchanged.
    pub record: Bytes,
    /// The request id of the invocation that rejected it.
    pub request_id: String,
}

/// Shows only what names the record, because payloads do not belong in logs.
impl std::fmt::Debug for DeadLetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeadLetter")
            .field("source", &self.source)
            .field("id", &self.id)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

pub(crate) type SinkError = Box<dyn StdError + Send + Sync>;

type Sending = Pin<Box<dyn Future<Output = Result<(), SinkError>> + Send>>;

/// The sink with its types erased.
#[derive(Clone)]
pub(crate) struct Sink(Arc<dyn Fn(DeadLetter) -> Sending + Send + Sync>);

impl Sink {
    pub(crate) fn new<F, Fut, E>(send: F) -> Self
    where
        F: Fn(DeadLetter) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<SinkError>,
    {
        Self(Arc::new(move |letter| {
            let sending = send(letter);
            Box::pin(async move { sending.await.map_err(Into::into) })
        }))
    }

    pub(crate) async fn send(&self, letter: DeadLetter) -> Result<(), SinkError> {
        (self.0)(letter).await
    }
}

/// The sources of which it has been said that their rejected records have no sink to go to: it is said once of each.
#[derive(Default)]
pub(crate) struct SinklessSources(Mutex<BTreeSet<Source>>);

impl SinklessSources {
    /// Whether it has not been said yet. From now on it has.
    pub(crate) fn note(&self, source: Source) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(source)
    }
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sink")
    }
}
