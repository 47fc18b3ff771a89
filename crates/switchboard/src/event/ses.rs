//! Amazon SES, inbound mail.

use super::{Delivery, Event, Mend};
use crate::source::Source;
use aws_lambda_events::ses::{SimpleEmailEvent, SimpleEmailRecord};

/// One call per message. SES Developer Guide, “Invoke Lambda function action”.
impl Event for SimpleEmailEvent {
    const SOURCES: &'static [Source] = &[Source::Ses];
    const DELIVERY: Delivery = Source::Ses.delivery();
    const ID: &'static [&'static str] = Source::Ses.identifier();
    const CONTENT: &'static [&'static str] = &["ses.mail"];
    const MENDS: &'static [(&'static str, Mend)] = &[
        ("ses.mail.timestamp", Mend::Received),
        ("ses.mail.destination", Mend::Empty),
        ("ses.mail.headers", Mend::Empty),
        ("ses.mail.headers.*", Mend::NOT_NULL),
        ("ses.mail.headersTruncated", Mend::Empty),
        ("ses.mail.commonHeaders", Mend::Empty),
        ("ses.mail.commonHeaders.from", Mend::Empty),
        ("ses.mail.commonHeaders.to", Mend::Empty),
        ("ses.receipt", Mend::Empty),
        ("ses.receipt.timestamp", Mend::Received),
        ("ses.receipt.recipients", Mend::Empty),
        ("ses.receipt.processingTimeMillis", Mend::Empty),
        ("ses.receipt.spamVerdict", Mend::Empty),
        ("ses.receipt.virusVerdict", Mend::Empty),
        ("ses.receipt.spfVerdict", Mend::Empty),
        ("ses.receipt.dkimVerdict", Mend::Empty),
        ("ses.receipt.dmarcVerdict", Mend::Empty),
        ("ses.receipt.action", Mend::Empty),
    ];
    type Item = SimpleEmailRecord;
    type Reply = ();
}
