//! Mail that Amazon SES receives. SES Developer Guide, “Invoke Lambda function action”.

use super::event::{Compose, event};
use super::origin::{Number, arn};
use serde_json::{Value, json};

/// A mail. The function gets its headers, not its content.
///
/// # Example
///
/// ```
/// use switchboard::testing::Ses;
///
/// let event = Ses::mail("jane@example.com", "returns@example.org").subject("Return of order 1001");
/// # assert!(event.to_json().contains("Return of order 1001"));
/// ```
#[derive(Clone, Debug)]
pub struct Ses {
    record: Value,
}

impl Ses {
    /// A mail from one address to another.
    #[must_use]
    pub fn mail(from: &str, to: &str) -> Self {
        let number = Number::next();
        let date = number.date().to_rfc2822();
        let id = format!("<{}@example.com>", number.hex(16));
        let pass = json!({"status": "PASS"});
        let record = json!({
            "eventSource": "aws:ses",
            "eventVersion": "1.0",
            "ses": {
                "mail": {
                    "timestamp": number.time(),
                    "source": from,
                    "messageId": number.hex(40),
                    "destination": [to],
                    "headersTruncated": false,
                    "headers": [],
                    "commonHeaders": {
                        "returnPath": from,
                        "from": [from],
                        "date": date,
                        "to": [to],
                        "messageId": id,
                    },
                },
                "receipt": {
                    "timestamp": number.time(),
                    "processingTimeMillis": 574,
                    "recipients": [to],
                    "spamVerdict": pass,
                    "virusVerdict": pass,
                    "spfVerdict": pass,
                    "dkimVerdict": pass,
                    "dmarcVerdict": pass,
                    "action": {
                        "type": "Lambda",
                        "functionArn": arn("lambda", "function:function"),
                        "invocationType": "Event",
                    },
                },
            },
        });
        let mail = Self { record };
        let mail = mail
            .header("Return-Path", &format!("<{from}>"))
            .header("From", from);
        mail.header("To", to)
            .header("Date", &date)
            .header("Message-ID", &id)
    }

    /// The subject.
    #[must_use]
    pub fn subject(self, subject: &str) -> Self {
        self.set("/ses/mail/commonHeaders/subject", subject)
            .header("Subject", subject)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Some(headers) = self.record["ses"]["mail"]["headers"].as_array_mut() {
            headers.push(json!({"name": name, "value": value}));
        }
        self
    }

    /// SES takes the mail for spam.
    #[must_use]
    pub fn spam(self) -> Self {
        self.set("/ses/receipt/spamVerdict/status", "FAIL")
    }

    /// SES has found a virus in the mail.
    #[must_use]
    pub fn virus(self) -> Self {
        self.set("/ses/receipt/virusVerdict/status", "FAIL")
    }

    /// The id that SES gave the mail.
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        self.set("/ses/mail/messageId", id)
    }
}

impl Compose for Ses {
    fn compose(&self) -> Value {
        json!({"Records": [self.record]})
    }

    fn parts(&mut self) -> &mut [Value] {
        std::slice::from_mut(&mut self.record)
    }
}

event!(Ses);
