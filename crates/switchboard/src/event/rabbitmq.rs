//! Amazon MQ for RabbitMQ.

use super::{Delivery, Event, Mend};
use crate::source::Source;
use aws_lambda_events::rabbitmq::{RabbitMqEvent, RabbitMqMessage};

/// One call per message; `data` is base64. A message has an id only if its sender gave it one. MQ takes no partial answers: if
/// a message fails, the whole batch comes again. Lambda Developer Guide, “Using Lambda with Amazon MQ”.
impl Event for RabbitMqEvent {
    const SOURCES: &'static [Source] = &[Source::Rabbitmq];
    const DELIVERY: Delivery = Source::Rabbitmq.delivery();
    const ID: &'static [&'static str] = Source::Rabbitmq.identifier();
    const CONTENT: &'static [&'static str] = &["data"];
    const MENDS: &'static [(&'static str, Mend)] = &[
        ("redelivered", Mend::Empty),
        ("data", Mend::Literal),
        ("basicProperties", Mend::Empty),
        ("basicProperties.deliveryMode", Mend::Empty),
        ("basicProperties.priority", Mend::Empty),
        ("basicProperties.bodySize", Mend::Empty),
        ("basicProperties.headers.*", Mend::Literal),
    ];
    type Item = RabbitMqMessage;
    type Reply = ();
}
