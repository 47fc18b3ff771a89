//! The invocation's payload, byte for byte as it came.

use bytes::Bytes;
use lambda_runtime::tower::Layer;
use lambda_runtime::{LambdaInvocation, Service};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::cell::Cell;
use std::fmt;
use std::task::{Context, Poll};

thread_local! {
    /// The body of the invocation whose payload is being deserialised, until that is done.
    static BODY: Cell<Option<Bytes>> = const { Cell::new(None) };
}

/// What woke the function, as it came: not parsed, not even checked to be JSON.
///
/// Under [`switchboard::run`](crate::run) it shares the received bytes. Under `lambda_runtime::run` it is a copy
/// of the JSON text.
#[derive(Clone)]
pub struct Payload(Bytes);

impl Payload {
    /// A payload of these bytes; a UTF-8 byte order mark is dropped.
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard::Payload;
    ///
    /// assert_eq!(Payload::new("\u{feff}{}".as_bytes().to_vec()).into_bytes(), "{}");
    /// ```
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self(if bytes.starts_with("\u{feff}".as_bytes()) {
            bytes.slice(3..)
        } else {
            bytes
        })
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

/// The length only: payloads do not belong into logs.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.0.len())
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match BODY.take() {
            Some(body) => IgnoredAny::deserialize(deserializer).map(|_| Self::new(body)),
            None => Box::<RawValue>::deserialize(deserializer)
                .map(|json| Self::new(Box::<str>::from(json).into_string())),
        }
    }
}

/// Hands the body past `lambda_runtime`'s own parsing.
///
/// `lambda_runtime` gives handlers a deserialised value only, and reads it through path tracking, which costs as
/// much as reading the records themselves. So the body goes aside, `null` is parsed in its place, and [`Payload`]
/// picks the body up. Deserialising happens inside `call`, on its thread.
pub(super) struct Verbatim;

impl<S> Layer<S> for Verbatim {
    type Service = VerbatimService<S>;

    fn layer(&self, inner: S) -> VerbatimService<S> {
        VerbatimService { inner }
    }
}

#[derive(Clone)]
pub(super) struct VerbatimService<S> {
    inner: S,
}

impl<S> Service<LambdaInvocation> for VerbatimService<S>
where
    S: Service<LambdaInvocation>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut invocation: LambdaInvocation) -> S::Future {
        let body = std::mem::replace(&mut invocation.body, Bytes::from_static(b"null"));
        BODY.set(Some(body));
        self.inner.call(invocation)
    }
}
