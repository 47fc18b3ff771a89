//! The answer to an invocation.

use super::{Ids, Offsets, ReplyStream};
use crate::error::Error;
#[cfg(feature = "http")]
use crate::event::api_gateway::{HttpReply, HttpStream};
use crate::event::pieces::Pieces;
use serde::ser::Error as _;
use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

pub(crate) use crate::source::MAX_REPLY;

/// The answer to an invocation, in the shape that its source expects.
#[derive(Debug)]
pub struct Reply {
    pub(crate) kind: ReplyKind,
}

#[derive(Debug)]
pub(crate) enum ReplyKind {
    Nothing,
    Empty,
    Failures(Ids),
    Offsets(Offsets),
    Window {
        state: Box<RawValue>,
        failures: Ids,
    },
    Json(Box<RawValue>),
    /// An answer to a durable execution, by its SDK.
    #[cfg(feature = "durable")]
    Enveloped(Box<RawValue>),
    /// What the target of a pipe receives: any JSON.
    Pipe(Box<RawValue>),
    #[cfg(feature = "http")]
    Http(Box<HttpReply>),
    Stream(ReplyStream),
}

impl Reply {
    /// `null`, which every asynchronous source accepts.
    pub(crate) fn nothing() -> Self {
        ReplyKind::Nothing.into()
    }

    /// The ids of the records to deliver again; for a stream, the id to resume from.
    pub(crate) fn failures(ids: Ids) -> Self {
        ReplyKind::Failures(ids).into()
    }

    /// The records of a Kafka topic to deliver again.
    pub(crate) fn offsets(offsets: Offsets) -> Self {
        ReplyKind::Offsets(offsets).into()
    }

    /// A tumbling window's state, and the record to resume from.
    pub(crate) fn window(state: Box<RawValue>, failures: Ids) -> Self {
        ReplyKind::Window { state, failures }.into()
    }

    /// What a pipe passes to its target.
    pub(crate) fn pipe(value: Box<RawValue>) -> Self {
        ReplyKind::Pipe(value).into()
    }

    /// `{}`: success, both for a pipe's target and for its enrichment.
    pub(crate) fn empty() -> Self {
        ReplyKind::Empty.into()
    }

    /// The answer to an HTTP request.
    #[cfg(feature = "http")]
    pub(crate) fn http(reply: HttpReply) -> Self {
        ReplyKind::Http(Box::new(reply)).into()
    }

    /// The answer to an HTTP request, sent while its body is produced.
    #[cfg(feature = "http")]
    pub(crate) fn http_stream(stream: HttpStream) -> Self {
        ReplyKind::Stream(ReplyStream::Http(Box::new(stream))).into()
    }

    /// The handler's reply, sent while it is produced.
    pub(crate) fn bytes(pieces: Pieces<Error>) -> Self {
        ReplyKind::Stream(ReplyStream::Bytes(pieces)).into()
    }

    /// The handler's reply.
    pub(crate) fn json(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(ReplyKind::Json(serde_json::value::to_raw_value(value)?).into())
    }

    /// A reply that is JSON text already.
    ///
    /// # Errors
    /// The text is not JSON.
    pub(crate) fn written(json: String) -> Result<Self, serde_json::Error> {
        Ok(ReplyKind::Json(RawValue::from_string(json)?).into())
    }

    /// What the SDK of a durable execution answers with.
    ///
    /// # Errors
    /// The text is not JSON.
    #[cfg(feature = "durable")]
    pub(crate) fn enveloped(json: String) -> Result<Self, serde_json::Error> {
        Ok(ReplyKind::Enveloped(RawValue::from_string(json)?).into())
    }

    /// Whether it is in the envelope of a durable execution.
    pub(crate) fn is_enveloped(&self) -> bool {
        #[cfg(feature = "durable")]
        return matches!(self.kind, ReplyKind::Enveloped(_));
        #[cfg(not(feature = "durable"))]
        false
    }

    /// The stream, if this is one.
    pub(crate) fn into_stream(self) -> Result<ReplyStream, Self> {
        match self.kind {
            ReplyKind::Stream(stream) => Ok(stream),
            kind => Err(Self { kind }),
        }
    }

    /// The answer's bytes. A reply that is text already is not copied.
    ///
    /// # Errors
    /// It cannot be serialized.
    pub(crate) fn into_bytes(self) -> Result<Vec<u8>, serde_json::Error> {
        match self.kind {
            ReplyKind::Json(json) | ReplyKind::Pipe(json) => {
                Ok(Box::<str>::from(json).into_string().into_bytes())
            }
            _ => serde_json::to_vec(&self),
        }
    }

    /// The number of bytes of a reply that is text already.
    pub(crate) fn text_len(&self) -> Option<usize> {
        match &self.kind {
            ReplyKind::Json(json) | ReplyKind::Pipe(json) => Some(json.get().len()),
            _ => None,
        }
    }

    /// The status of the answer to an HTTP request.
    pub(crate) fn status(&self) -> Option<u16> {
        match &self.kind {
            #[cfg(feature = "http")]
            ReplyKind::Http(reply) => Some(reply.response.status().as_u16()),
            #[cfg(feature = "http")]
            ReplyKind::Stream(ReplyStream::Http(stream)) => Some(stream.response.status().as_u16()),
            _ => None,
        }
    }

    /// Whether some of the records will be delivered again.
    pub(crate) fn is_partial(&self) -> bool {
        match &self.kind {
            ReplyKind::Failures(ids) | ReplyKind::Window { failures: ids, .. } => !ids.is_empty(),
            ReplyKind::Offsets(offsets) => !offsets.is_empty(),
            _ => false,
        }
    }
}

impl From<ReplyKind> for Reply {
    fn from(kind: ReplyKind) -> Self {
        Self { kind }
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            ReplyKind::Nothing => serializer.serialize_unit(),
            ReplyKind::Empty => serializer.serialize_map(Some(0))?.end(),
            ReplyKind::Json(json) | ReplyKind::Pipe(json) => json.serialize(serializer),
            #[cfg(feature = "durable")]
            ReplyKind::Enveloped(json) => json.serialize(serializer),
            #[cfg(feature = "http")]
            ReplyKind::Http(reply) => reply.serialize(serializer),
            ReplyKind::Stream(_) => Err(S::Error::custom(
                "a streamed reply has no text before it has been sent",
            )),
            ReplyKind::Failures(ids) => partial(serializer, None, ids),
            ReplyKind::Offsets(offsets) => partial(serializer, None, offsets),
            ReplyKind::Window { state, failures } => partial(serializer, Some(state), failures),
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
