//! Bodies that were too large for their messages are fetched from S3 before the handler is called.

use super::{Context, Failure, Handler, Options};
use crate::bounds::{Bounds, RaiseMemory};
use crate::event::{BodyOrPointer, MaybeClaimed, S3Pointer, Unreadable};
use bytes::Bytes;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::future::Future;

/// Where claimed bodies are fetched from: S3, by the client of the application. The library has none.
///
/// Async functions and closures `Fn(S3Pointer) -> Result<Option<Bytes>, _>` implement it.
pub trait ClaimStore: Send + Sync + 'static {
    /// Why an object cannot be fetched.
    type Error: Into<Box<dyn StdError + Send + Sync>>;

    /// Fetches an object; `None` if there is none. It need not read more than [`S3Pointer::most`] bytes.
    fn get(&self, pointer: S3Pointer) -> impl Future<Output = Result<Option<Bytes>, Self::Error>> + Send;
}

impl<F, Fut, E> ClaimStore for F
where
    F: Fn(S3Pointer) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<Bytes>, E>> + Send,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    type Error = E;

    fn get(&self, pointer: S3Pointer) -> impl Future<Output = Result<Option<Bytes>, E>> + Send {
        self(pointer)
    }
}

/// A handler whose bodies may be in S3; created by [`Handler::claim_check`].
#[derive(Clone, Debug)]
pub struct ClaimCheck<H, C> {
    handler: H,
    store: C,
    most: u64,
}

impl<H, C: ClaimStore> ClaimCheck<H, C> {
    pub(super) fn new(handler: H, store: C) -> Self {
        Self {
            handler,
            store,
            most: Bounds::of_process().unpacked().try_into().unwrap_or(u64::MAX),
        }
    }

    /// Accepts bodies of up to this many bytes. The default is an eighth of the function's memory, as for all that is
    /// [unpacked](crate::bounds).
    #[must_use]
    pub fn most(mut self, bytes: u64) -> Self {
        self.most = bytes;
        self
    }

    /// Fetches a body.
    async fn fetch(&self, pointer: S3Pointer) -> Result<Bytes, Failure> {
        let S3Pointer { bucket, key, .. } = pointer.clone();
        let object = || format!("the claimed object {key:?} of the bucket {bucket:?}");
        let too_large = |size: u64| {
            let most = self.most;
            let object = object();
            Failure::msg(format!(
                "{object} has {size} bytes, which are more than {most}; {RaiseMemory}"
            ))
        };
        if let Some(size) = pointer.size.filter(|size| *size > self.most) {
            return Err(too_large(size));
        }
        let pointer = S3Pointer {
            most: self.most,
            ..pointer
        };
        let body = match self.store.get(pointer).await {
            Ok(Some(body)) => body,
            Ok(None) => return Err(Failure::msg(format!("{} does not exist", object()))),
            Err(error) => {
                return Err(Failure::new(error).within(format!("{} could not be fetched", object())));
            }
        };
        match u64::try_from(body.len()) {
            Ok(size) if size <= self.most => Ok(body),
            size => Err(too_large(size.unwrap_or(u64::MAX))),
        }
    }
}

impl<H, C, I, S> Handler<MaybeClaimed<I>, S> for ClaimCheck<H, C>
where
    H: Handler<I, S>,
    C: ClaimStore,
    I: Send,
    S: Send + Sync + 'static,
{
    type Reply = H::Reply;

    fn name(&self) -> Cow<'static, str> {
        self.handler.name()
    }

    async fn call(&self, claimed: MaybeClaimed<I>, cx: Context<S>) -> Result<H::Reply, Failure> {
        let item = match claimed.0 {
            BodyOrPointer::Here(item) => item,
            BodyOrPointer::Elsewhere(pointer, read) => {
                let body = self.fetch(pointer).await?;
                let text = std::str::from_utf8(&body);
                let text = text.map_err(|error| not_text(error.valid_up_to()))?;
                read(cx.raw(), text, cx.received()).map_err(Failure::unreadable)?
            }
        };
        self.handler.call(item, cx).await
    }

    fn options(&self) -> Options {
        self.handler.options()
    }
}

fn not_text(at: usize) -> Failure {
    Failure::unreadable(Unreadable::of_body(format!("not UTF-8 at byte {at}")))
}
