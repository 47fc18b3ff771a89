//! Stub.
use serde_json::value::RawValue;

/// The payload ends before its records do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    /// Offset in the payload, in bytes.
    pub(crate) at: usize,
}

#[derive(serde::Deserialize)]
struct Envelope<'p> {
    #[serde(borrow, rename = "Records")]
    records: Vec<&'p RawValue>,
}

/// The raw JSON of each record of a payload.
pub(crate) fn records(payload: &[u8]) -> impl Iterator<Item = Result<&[u8], Cut>> {
    let envelope: Result<Envelope<'_>, _> = serde_json::from_slice(payload);
    let list = envelope.map(|e| e.records).unwrap_or_default();
    list.into_iter().map(|raw| Ok(raw.get().as_bytes()))
}
