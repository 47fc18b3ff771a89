//! What an idempotency key is made from.

use crate::Context;

/// Gives records their idempotency key: [`SourceIdentity`], or a function
/// `Fn(&I, &Context<S>) -> Option<String>` (see [`Idempotency::key`](super::Idempotency::key)).
pub trait Key<I, S>: Send + Sync + 'static {
    /// The key of one record.
    fn key(&self, item: &I, cx: &Context<S>) -> KeyOf;
}

/// The key of one record.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyOf {
    /// The [`hash`](super::hash()) of the record's own identity.
    Identity,
    /// This text, unchanged; `None`: the record has no key.
    Given(Option<String>),
}

/// The source's own identity of the record, [`Context::identity`].
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceIdentity;

impl<I, S> Key<I, S> for SourceIdentity {
    fn key(&self, _item: &I, _cx: &Context<S>) -> KeyOf {
        KeyOf::Identity
    }
}

impl<I, S, F> Key<I, S> for F
where
    F: Fn(&I, &Context<S>) -> Option<String> + Send + Sync + 'static,
{
    fn key(&self, item: &I, cx: &Context<S>) -> KeyOf {
        KeyOf::Given(self(item, cx).filter(|key| !key.is_empty()))
    }
}
