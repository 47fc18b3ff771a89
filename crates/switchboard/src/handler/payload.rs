//! The invocation's payload, byte for byte as it came.

use super::CallerContext;
use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;

/// What woke the function, as it came: not parsed, not even checked to be JSON.
///
/// Under [`switchboard::run`](crate::run) it shares the received bytes. Under `lambda_runtime::run` it is a copy
/// of the JSON text.
#[derive(Clone)]
pub struct Payload {
    bytes: Bytes,
    /// What its caller sent beside it.
    sent: Option<Arc<CallerContext>>,
}

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
        Self::received(bytes.into(), None)
    }

    pub(crate) fn received(mut bytes: Bytes, sent: Option<Arc<CallerContext>>) -> Self {
        if bytes.starts_with("\u{feff}".as_bytes()) {
            bytes = bytes.slice(3..);
        }
        Self { bytes, sent }
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn into_parts(self) -> (Bytes, Option<Arc<CallerContext>>) {
        (self.bytes, self.sent)
    }

    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

/// The length only: payloads do not belong into logs.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.bytes.len())
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self::new(Box::<str>::from(json).into_string()))
    }
}
