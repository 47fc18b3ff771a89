//! What an invocation answers.

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

    /// A handler's own answer.
    pub(crate) fn json(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self {
            kind: Kind::Json(serde_json::value::to_raw_value(value)?),
        })
    }

    /// How many bytes a handler's own answer has; 0 of any other.
    #[cfg(feature = "http")]
    pub(crate) fn json_len(&self) -> usize {
        match &self.kind {
            Kind::Json(json) => json.get().len(),
            Kind::Nothing | Kind::BatchItemFailures(_) => 0,
        }
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
