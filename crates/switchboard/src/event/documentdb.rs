//! Amazon DocumentDB change streams.

use super::{Delivery, Event};
use crate::source::Source;
use aws_lambda_events::documentdb::{DocumentDbEvent, DocumentDbInnerEvent};

/// One call per change, in order. DocumentDB takes no partial answers: nothing is started behind a change that fails, and the
/// whole batch comes again. Lambda Developer Guide, “Using Lambda with Amazon DocumentDB”.
impl Event for DocumentDbEvent {
    const SOURCES: &'static [Source] = &[Source::Documentdb];
    const DELIVERY: Delivery = Source::Documentdb.delivery();
    const ID: &'static [&'static str] = Source::Documentdb.identifier();
    const CONTENT: &'static [&'static str] = &["event"];
    type Item = DocumentDbInnerEvent;
    type Reply = ();
}
