//! Amazon SES, inbound mail.

use super::{Delivery, Event};
use crate::source::Source;
use aws_lambda_events::ses::{SimpleEmailEvent, SimpleEmailRecord};

/// One call per mail. SES Developer Guide, “Invoke Lambda function action”.
impl Event for SimpleEmailEvent {
    const SOURCES: &'static [Source] = &[Source::Ses];
    const DELIVERY: Delivery = Delivery::Notification;
    const ID: &'static [&'static str] = &["ses.mail.messageId"];
    const CONTENT: &'static [&'static str] = &["ses.mail"];
    type Item = SimpleEmailRecord;
    type Reply = ();
}
