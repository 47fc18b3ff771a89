//! What an invocation answers.

#[cfg(feature = "http")]
use crate::event::api_gateway::HttpReply;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The answer to an invocation, in the shape its source expects.
#[derive(Debug)]
pub struct Reply {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Nothing,
    BatchItemFailures(Vec<String>),
    Json(Box<RawValue>),
    #[cfg(feature = "http")]
    Http(Box<HttpReply>),
}

impl Reply {
    /// `null`, which every asynchronous source takes.
    pub(crate) fn nothing() -> Self {
        Self { kind: Kind::Nothing }
    }

    /// The ids of the records that are to be delivered again; of a stream, the one to deliver again from.
    pub(crate) fn failures(ids: Vec<String>) -> Self {
        Self {
            kind: Kind::BatchItemFailures(ids),
        }
    }

    /// The answer to an HTTP request.
    #[cfg(feature = "http")]
    pub(crate) fn http(reply: HttpReply) -> Self {
        Self {
            kind: Kind::Http(Box::new(reply)),
        }
    }

    /// A handler's own answer.
    pub(crate) fn json(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self {
            kind: Kind::Json(serde_json::value::to_raw_value(value)?),
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchItemFailure<'a> {
    item_identifier: &'a str,
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            Kind::Nothing => serializer.serialize_unit(),
            Kind::Json(json) => json.serialize(serializer),
            #[cfg(feature = "http")]
            Kind::Http(reply) => reply.serialize(serializer),
            Kind::BatchItemFailures(ids) => {
                let failures: Vec<_> = ids
                    .iter()
                    .map(|id| BatchItemFailure { item_identifier: id })
                    .collect();
                let mut reply = serializer.serialize_struct("Reply", 1)?;
                reply.serialize_field("batchItemFailures", &failures)?;
                reply.end()
            }
        }
    }
}
