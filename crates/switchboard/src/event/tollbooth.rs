//! The event of a source that does not exist: see `made_up.rs`.

use super::{Delivery, Event};
use crate::source::Source;
use serde::Deserialize;

/// Vehicles that pass a barrier.
pub(crate) struct TollboothEvent;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Passage {
    pub(crate) passage_id: String,
    pub(crate) toll: u32,
}

/// One call per passage. Tollbooth User Guide, “Using Lambda with barriers”.
impl Event for TollboothEvent {
    const SOURCES: &'static [Source] = &[Source::Tollbooth];
    const DELIVERY: Delivery = Source::Tollbooth.delivery();
    const ID: &'static [&'static str] = Source::Tollbooth.identifier();
    type Item = Passage;
    type Reply = ();
}
