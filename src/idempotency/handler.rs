//! The layer around a handler.

use super::hash::hash_parts;
use super::once::{Ended, Subject};
use super::{Idempotency, Key, KeyOf, MissingKey, Store};
use crate::router::Options;
use crate::{Context, Failure, Handler};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::sync::Arc;

/// A handler that has its effect at most once per key; see
/// [`Handler::idempotent`](crate::Handler::idempotent).
#[derive(Debug)]
pub struct Idempotent<H, L> {
    handler: H,
    layer: L,
}

impl<H, L> Idempotent<H, L> {
    pub(crate) fn new(handler: H, layer: L) -> Self {
        Self { handler, layer }
    }
}

impl<H, I, S, St, K> Handler<I, S> for Idempotent<H, Idempotency<St, K>>
where
    H: Handler<I, S>,
    H::Reply: Serialize + DeserializeOwned + Send,
    I: Send,
    S: Send + Sync,
    St: Store + 'static,
    K: Key<I, S>,
{
    type Reply = H::Reply;

    fn call(&self, item: I, cx: Context<S>) -> impl Future<Output = Result<H::Reply, Failure>> + Send {
        let name = self.layer.name(&item, &cx);
        async move {
            match name {
                Some(name) => self.once(name, item, cx).await,
                None => self.without_key(item, cx).await,
            }
        }
    }

    fn options(&self) -> Options {
        self.handler.options()
    }
}

/// A record's id in the store, and the hash of what it says.
struct Name {
    id: Arc<str>,
    validation: Option<String>,
}

impl<St, K> Idempotency<St, K> {
    fn name<I, S>(&self, item: &I, cx: &Context<S>) -> Option<Name>
    where
        K: Key<I, S>,
    {
        let found = cx.found();
        let key = match self.key.key(item, cx) {
            KeyOf::Identity => in_aggregate(hash_parts(found.identity()?), cx.place()),
            KeyOf::Given(key) => key?,
        };
        let content = found.content();
        Some(Name {
            id: self.id(cx, &key),
            validation: (self.validation && !content.is_empty()).then(|| hash_parts(content)),
        })
    }

    pub(super) fn id<S>(&self, cx: &Context<S>, key: &str) -> Arc<str> {
        let function = &cx.lambda().env_config.function_name;
        match &self.prefix {
            Some(prefix) => [prefix, "#", key].concat(),
            None if function.is_empty() => [cx.source().as_str(), "#", key].concat(),
            None => [function, ".", cx.source().as_str(), "#", key].concat(),
        }
        .into()
    }
}

/// All records of an aggregate share their Kinesis record's identity.
fn in_aggregate(key: String, place: Option<usize>) -> String {
    match place {
        Some(place) => format!("{key}.{place}"),
        None => key,
    }
}

impl<H, St, K> Idempotent<H, Idempotency<St, K>> {
    async fn once<I, S>(&self, name: Name, item: I, cx: Context<S>) -> Result<H::Reply, Failure>
    where
        H: Handler<I, S>,
        H::Reply: Serialize + DeserializeOwned + Send,
        St: Store,
    {
        let _turn = self.layer.turns.take(&name.id).await;
        let subject = Subject {
            id: &name.id,
            validation: name.validation.as_deref(),
            deadline: cx.lambda().deadline(),
        };
        let effect = async {
            let reply = self.handler.call(item, cx).await?;
            let data = serde_json::to_string(&reply)?;
            Ok((reply, data))
        };
        match self.layer.once.run(subject, effect).await? {
            Ended::Fresh(reply) => Ok(reply),
            Ended::Failed(failure) => Err(failure),
            Ended::Replayed(data) => replay(&name.id, &data),
            Ended::InProgress(left) => {
                tracing::debug!(key = &*name.id, "idempotency key in progress elsewhere");
                Err(Failure::after(left))
            }
            Ended::Mismatch => Err(mismatch(&name.id)),
            Ended::Lost => Err(lost(&name.id)),
        }
    }

    async fn without_key<I, S>(&self, item: I, cx: Context<S>) -> Result<H::Reply, Failure>
    where
        H: Handler<I, S>,
    {
        let failure = || Failure::msg("no idempotency key: the record lacks what its key is made of");
        match self.layer.missing_key {
            MissingKey::Retry => Err(failure()),
            MissingKey::Reject => Err(failure().rejecting()),
            MissingKey::Handle => self.handler.call(item, cx).await,
        }
    }
}

/// The parser's own words might quote the result.
fn replay<T: DeserializeOwned>(id: &str, data: &str) -> Result<T, Failure> {
    tracing::debug!(key = id, "answered from the idempotency store");
    serde_json::from_str(data).map_err(|error| {
        Failure::msg(format!(
            "the result kept under idempotency key `{id}` is no answer of this handler (line {}, column {} of it)",
            error.line(),
            error.column()
        ))
    })
}

/// Trying again does not help, as long as the key lives.
fn mismatch(id: &str) -> Failure {
    Failure::reject(format!(
        "idempotency key `{id}` was used before with another payload"
    ))
}

fn lost(id: &str) -> Failure {
    Failure::msg(format!(
        "the lease of idempotency key `{id}` had passed and another owner took it: the result is not kept"
    ))
}
