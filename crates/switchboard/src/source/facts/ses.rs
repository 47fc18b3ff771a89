//! Amazon SES.

use super::super::clue::Clue;
use super::super::test::Test::{Has, Is, Object};
use super::common::{IN_RECORDS, UNSAID};
use super::row::{Delivery, Embedded, Facts, Invoker, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const SES: Facts = Facts {
    name: "ses",
    alias: None,
    rules: &[
        // SES Developer Guide, "Invoke Lambda function action".
        rule(
            Stage::Settled,
            50,
            &[IN_RECORDS, Is(Clue::RecordSource, &["aws:ses"])],
        ),
        // Without an `eventSource`, a record is identified by members that only this source has.
        rule(Stage::Records, 100, &[IN_RECORDS, UNSAID, Has(Clue::SesMail)]),
        // Records under the one key that the documented record has to itself.
        rule(Stage::Partial, 30, &[IN_RECORDS, UNSAID, Object(Clue::RecordSes)]),
    ],
    delivery: Delivery::Notification,
    identifier: &["ses.mail.messageId"],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: false,
    names: &[],
    invoker: Invoker::asynchronous("ses.amazonaws.com"),
};
