//! What an invocation answers.

use super::{Ids, Offsets};
#[cfg(feature = "http")]
use crate::event::api_gateway::HttpReply;
use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// How large a reply Lambda returns, in bytes of JSON.
pub(crate) const MAX_REPLY: usize = 6 * 1024 * 1024;

/// The answer to an invocation, in the shape its source expects.
#[derive(Debug)]
pub struct Reply {
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Nothing,
    Empty,
    Failures(Ids),
    Offsets(Offsets),
    Window {
        state: Box<RawValue>,
        failures: Ids,
    },
    Json(Box<RawValue>),
    /// What the target of a pipe gets: it may be anything.
    Pipe(Box<RawValue>),
    #[cfg(feature = "http")]
    Http(Box<HttpReply>),
}

impl Reply {
    /// `null`, which every asynchronous source takes.
    pub(crate) fn nothing() -> Self {
        Kind::Nothing.into()
    }

    /// The ids of the records that are to be delivered again; of a stream, the one to deliver again from.
    pub(crate) fn failures(ids: Ids) -> Self {
        Kind::Failures(ids).into()
    }

    /// The records of a Kafka topic that are to be delivered again.
    pub(crate) fn offsets(offsets: Offsets) -> Self {
        Kind::Offsets(offsets).into()
    }

    /// A tumbling window's state, and the record to deliver again from.
    pub(crate) fn window(state: Box<RawValue>, failures: Ids) -> Self {
        Kind::Window { state, failures }.into()
    }

    /// What a pipe is to hand to its target.
    pub(crate) fn pipe(value: Box<RawValue>) -> Self {
        Kind::Pipe(value).into()
    }

    /// `{}`: to a pipe all is done, whether it wants to know what failed or what its target is to get.
    pub(crate) fn empty() -> Self {
        Kind::Empty.into()
    }

    /// The answer to an HTTP request.
    #[cfg(feature = "http")]
    pub(crate) fn http(reply: HttpReply) -> Self {
        Kind::Http(Box::new(reply)).into()
    }

    /// A handler's own answer.
    pub(crate) fn json(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Kind::Json(serde_json::value::to_raw_value(value)?).into())
    }

    /// The same, written already.
    ///
    /// # Errors
    /// It is not JSON.
    pub(crate) fn written(json: String) -> Result<Self, serde_json::Error> {
        Ok(Kind::Json(RawValue::from_string(json)?).into())
    }

    /// The answer's bytes. What is written already is not copied.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn into_bytes(self) -> Result<Vec<u8>, serde_json::Error> {
        match self.kind {
            Kind::Json(json) | Kind::Pipe(json) => Ok(Box::<str>::from(json).into_string().into_bytes()),
            _ => serde_json::to_vec(&self),
        }
    }

    /// The status of the answer to an HTTP request.
    pub(crate) fn status(&self) -> Option<u16> {
        match &self.kind {
            #[cfg(feature = "http")]
            Kind::Http(reply) => Some(reply.response.status().as_u16()),
            _ => None,
        }
    }

    /// Whether some of the records are to be delivered again.
    pub(crate) fn is_partial(&self) -> bool {
        match &self.kind {
            Kind::Failures(ids) | Kind::Window { failures: ids, .. } => !ids.is_empty(),
            Kind::Offsets(offsets) => !offsets.is_empty(),
            _ => false,
        }
    }
}

impl From<Kind> for Reply {
    fn from(kind: Kind) -> Self {
        Self { kind }
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            Kind::Nothing => serializer.serialize_unit(),
            Kind::Empty => serializer.serialize_map(Some(0))?.end(),
            Kind::Json(json) | Kind::Pipe(json) => json.serialize(serializer),
            #[cfg(feature = "http")]
            Kind::Http(reply) => reply.serialize(serializer),
            Kind::Failures(ids) => partial(serializer, None, ids),
            Kind::Offsets(offsets) => partial(serializer, None, offsets),
            Kind::Window { state, failures } => partial(serializer, Some(state), failures),
        }
    }
}

fn partial<S: Serializer>(
    serializer: S,
    state: Option<&RawValue>,
    failures: &impl Serialize,
) -> Result<S::Ok, S::Error> {
    let mut reply = serializer.serialize_struct("Reply", 2)?;
    match state {
        Some(state) => reply.serialize_field("state", state)?,
        None => reply.skip_field("state")?,
    }
    reply.serialize_field("batchItemFailures", failures)?;
    reply.end()
}
