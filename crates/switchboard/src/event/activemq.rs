//! Amazon MQ for ActiveMQ.

use super::{Delivery, Event, Mend};
use crate::source::Source;
use aws_lambda_events::activemq::{ActiveMqEvent, ActiveMqMessage};

/// One call per message; `data` is base64. MQ takes no partial answers: if a message fails, the whole batch comes again.
/// Lambda Developer Guide, “Using Lambda with Amazon MQ”.
impl Event for ActiveMqEvent {
    const SOURCES: &'static [Source] = &[Source::Activemq];
    const DELIVERY: Delivery = Source::Activemq.delivery();
    const ID: &'static [&'static str] = Source::Activemq.identifier();
    const CONTENT: &'static [&'static str] = &["data"];
    const MENDS: &'static [(&'static str, Mend)] = &[
        ("timestamp", Mend::Empty),
        ("deliveryMode", Mend::Empty),
        ("destination", Mend::Empty),
        ("redelivered", Mend::Empty),
        ("expiration", Mend::Empty),
        ("priority", Mend::Empty),
        ("brokerInTime", Mend::Empty),
        ("brokerOutTime", Mend::Empty),
        ("data", Mend::Literal),
        ("properties.*", Mend::NOT_NULL),
    ];
    type Item = ActiveMqMessage;
    type Reply = ();
}
