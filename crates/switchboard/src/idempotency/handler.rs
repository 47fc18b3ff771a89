//! The layer around a handler.

use super::hash::{Hashes, HexDigits, SharedHashes, Validation};
use super::once::{EffectKey, EffectOutcome};
use super::{Idempotency, Key, KeyOf, MissingKey, Store};
use crate::handler::{Options, Wrap};
use crate::source::Source;
use crate::telemetry;
use crate::{Context, Failure, Handler};
use serde::Serialize;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use std::borrow::Cow;
use std::future::Future;
use std::pin::pin;
use std::time::SystemTime;

/// A handler that has its effect at most once per key; see [`Handler::idempotent`](crate::Handler::idempotent).
#[derive(Debug)]
pub struct Idempotent<H, L> {
    handler: H,
    layer: L,
}

impl<H, St, K> Wrap<H> for Idempotency<St, K> {
    type Handler = Idempotent<H, Self>;

    fn wrap(self, handler: H) -> Self::Handler {
        Idempotent { handler, layer: self }
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
            // In an async block, so that the handler does not run before the key is claimed; and pinned here, because
            // items are large and would be copied from one future into the next.
            let handling = pin!(async move { self.handler.call(item, cx).await });
            match name {
                Some(name) => self.layer.once(&name, handling).await,
                None => self.layer.without_key(handling).await,
            }
        }
    }

    fn name(&self) -> Cow<'static, str> {
        self.handler.name()
    }

    fn options(&self) -> Options {
        Options {
            #[cfg(feature = "durable")]
            idempotent: true,
            ..self.handler.options()
        }
    }
}

/// A record's key in the store, and what to check and record with it.
struct LayerKey {
    id: String,
    validation: Option<HexDigits>,
    deadline: SystemTime,
    source: Source,
}

impl<St, K> Idempotency<St, K> {
    fn name<I, S>(&self, item: &I, cx: &Context<S>) -> Option<LayerKey>
    where
        St: Store,
        K: Key<I, S>,
    {
        let store = &self.once.store;
        let layout = store.layout();
        let key = self.key.key(item, cx);
        let hashes = match cx.outer().and_then(|outer| outer.keep::<SharedHashes>()) {
            Some(shared) => shared.of(layout, || cx.found()),
            None => {
                let content = match (self.validation, store.is_private()) {
                    (false, _) => Validation::Nothing,
                    (true, true) => Validation::Quick,
                    (true, false) => Validation::Md5,
                };
                Hashes::of(layout, &cx.found(), key == KeyOf::Identity, content)
            }
        };
        let id = match key {
            KeyOf::Identity => {
                let id = self.id(cx, hashes.identity?.as_str());
                in_aggregate(id, cx.place())
            }
            KeyOf::Given(key) => self.id(cx, &key?),
        };
        Some(LayerKey {
            id,
            validation: hashes.content.filter(|_| self.validation),
            deadline: cx.lambda().deadline(),
            source: cx.source(),
        })
    }

    pub(super) fn id<S>(&self, cx: &Context<S>, key: &str) -> String {
        let lambda = cx.lambda();
        let function = &lambda.env_config.function_name;
        let of = of_tenant(lambda.tenant_id.as_deref());
        match &self.prefix {
            Some(prefix) => [prefix, &*of, "#", key].concat(),
            None if function.is_empty() => [cx.source().as_str(), &*of, "#", key].concat(),
            None => [function, ".", cx.source().as_str(), &*of, "#", key].concat(),
        }
    }
}

/// What keeps a tenant's keys apart from those of others, before the `#`. Lambda's tenant ids have none; one that came from
/// elsewhere must not pass for the end of it.
fn of_tenant(tenant: Option<&str>) -> Cow<'static, str> {
    match tenant {
        Some(tenant) => Cow::Owned(format!("@{}", tenant.replace('%', "%25").replace('#', "%23"))),
        None => Cow::Borrowed(""),
    }
}

/// All records of an aggregate have their Kinesis record's identity, so their position distinguishes them.
fn in_aggregate(id: String, place: Option<usize>) -> String {
    match place {
        Some(place) => format!("{id}.{place}"),
        None => id,
    }
}

impl<St: Store, K> Idempotency<St, K> {
    async fn once<R>(
        &self,
        name: &LayerKey,
        handling: impl Future<Output = Result<R, Failure>>,
    ) -> Result<R, Failure>
    where
        R: Serialize + DeserializeOwned,
    {
        let id = name.id.as_str();
        let _turn = self.turns.take(id).await;
        let subject = EffectKey {
            id,
            validation: name.validation.as_ref().map(HexDigits::as_str),
            deadline: name.deadline,
        };
        let effect = async {
            let reply = handling.await?;
            let data = serde_json::to_string(&reply)?;
            Ok((reply, data))
        };
        match self.once.run(subject, effect).await? {
            EffectOutcome::Fresh(reply) => Ok(reply),
            EffectOutcome::Failed(failure) => Err(failure),
            EffectOutcome::Replayed(data) => {
                telemetry::skipped(Some(name.source));
                replay(id, &data)
            }
            EffectOutcome::InProgress(left) => {
                tracing::debug!(key = id, "idempotency key in progress elsewhere");
                Err(Failure::after(left))
            }
            EffectOutcome::Mismatch => Err(mismatch(id)),
            EffectOutcome::Lost => Err(lost(id)),
        }
    }

    async fn without_key<R>(&self, handling: impl Future<Output = Result<R, Failure>>) -> Result<R, Failure> {
        let failure =
            || Failure::msg("no idempotency key: a part of the record that the key is made of is missing");
        match self.missing_key {
            MissingKey::Retry => Err(failure()),
            MissingKey::Reject => Err(failure().rejecting()),
            MissingKey::Handle => handling.await,
        }
    }
}

/// The parser's own message might quote the result.
pub(super) fn replay<T: DeserializeOwned>(id: &str, data: &str) -> Result<T, Failure> {
    tracing::debug!(key = id, "answered from the idempotency store");
    serde_json::from_str(data).or_else(|error| {
        // The result may come from another function. A handler without a reply only needs to know that the record is
        // done.
        T::deserialize(UnitValue).map_err(|_| {
            Failure::msg(format!(
                "the result kept under idempotency key `{id}` is no answer of this handler (line {}, column {} of it): \
                 another function or release has kept it; give this handler another prefix, or delete the record",
                error.line(),
                error.column()
            ))
        })
    })
}

/// Deserializes types without content, above all `()`, and no others.
struct UnitValue;

impl<'de> Deserializer<'de> for UnitValue {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom("the type has content"))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option newtype_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

/// A retry does not help as long as the key lives.
fn mismatch(id: &str) -> Failure {
    Failure::reject(format!(
        "idempotency key `{id}` was used before with another payload: if the sender gives one id to different events, make \
         the key of more than that (`Idempotency::key`)"
    ))
}

fn lost(id: &str) -> Failure {
    Failure::msg(format!(
        "the lease of idempotency key `{id}` expired and another owner took it: the result is not stored"
    ))
}
