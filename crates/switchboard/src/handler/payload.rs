//! The invocation's payload, byte for byte.

use super::CallerContext;
use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;

/// The payload that the function was invoked with. It is not parsed, nor checked to be JSON.
///
/// Under [`switchboard::run`](crate::run) it shares the received bytes. Under `lambda_runtime::run` it is a copy of the
/// JSON text.
#[derive(Clone)]
pub struct Payload {
    bytes: Bytes,
    /// What its caller sent with it.
    sent: Option<Arc<CallerContext>>,
}

impl Payload {
    /// A payload of these bytes, without a leading UTF-8 byte order mark.
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

/// Shows the length only, because payloads do not belong in logs.
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
