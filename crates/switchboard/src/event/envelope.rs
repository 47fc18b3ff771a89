//! Records that contain events or other records.

#[cfg(any(feature = "sns", feature = "sqs"))]
use super::Object;
use super::gzip::{Gzip, decompress};
use super::kinesis_aggregate::Aggregate;
use crate::bounds::Bounds;
use aws_lambda_events::kinesis::KinesisEventRecord;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;

/// A record that may contain an event; [`Unwrap`](crate::Unwrap) opens it.
pub trait Envelope: Sized + Send + 'static {
    /// The records of an aggregate, with their positions in it; otherwise the record itself.
    ///
    /// # Errors
    ///
    /// The aggregate takes more memory than the function may use for it.
    fn parts(self) -> Result<Parts<Self>, String>;

    /// The text that may be an event.
    fn text(&self) -> Bytes;

    /// What is inside. `routed` returns whether an event has a handler.
    ///
    /// # Errors
    ///
    /// Its data is more than `most` bytes after decompression.
    fn inside(&self, most: usize, routed: &dyn Fn(&[u8]) -> bool) -> Result<Inside, String>;
}

/// The parts of a record.
pub type Parts<I> = Box<dyn Iterator<Item = (Option<usize>, I)> + Send>;

/// What is inside a record.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Inside {
    /// An event that has a handler.
    Event(Bytes),
    /// A message that needs no handling.
    Void,
    /// Nothing, or an event without a handler.
    Nothing,
}

/// The event in a text, possibly in an SNS notification.
#[cfg(any(feature = "sns", feature = "sqs"))]
fn event_in(text: &str, routed: &dyn Fn(&[u8]) -> bool) -> Inside {
    let Some(notification) = Notification::read(text) else {
        return match routed(text.as_bytes()) {
            true => Inside::Event(Bytes::copy_from_slice(text.as_bytes())),
            false => Inside::Nothing,
        };
    };
    // If notifications have a handler, it gets the notification; otherwise its content counts.
    if let Some(event) = notification.event().filter(|event| routed(event)) {
        return Inside::Event(event);
    }
    match notification.message() {
        Some(message) if routed(message.as_bytes()) => Inside::Event(message.into()),
        _ => Inside::Nothing,
    }
}

/// A notification as SNS sends it to queues and over HTTP. Amazon SNS Developer Guide, “Parsing Amazon SNS message
/// formats”.
#[cfg(any(feature = "sns", feature = "sqs"))]
struct Notification<'a>(Object<'a>);

#[cfg(any(feature = "sns", feature = "sqs"))]
impl<'a> Notification<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let object = Object::parse(text.as_bytes())?;
        let is = object.find("Type")?.get() == r#""Notification""#
            && object.find("Message")?.get().starts_with('"')
            && ["TopicArn", "MessageId"]
                .iter()
                .all(|key| object.find(key).is_some());
        is.then_some(Self(object))
    }

    /// The published message.
    fn message(&self) -> Option<String> {
        serde_json::from_str(self.0.find("Message")?.get()).ok()
    }

    /// The notification as SNS sends it to functions, except for the subscription's ARN, which is not known here.
    fn event(&self) -> Option<Bytes> {
        let mut sns = self.0.clone();
        sns.rename("SigningCertURL", "SigningCertUrl");
        sns.rename("UnsubscribeURL", "UnsubscribeUrl");
        let mut event = br#"{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","Sns":"#.to_vec();
        serde_json::to_writer(&mut event, &sns).ok()?;
        event.extend_from_slice(b"}]}");
        Some(event.into())
    }
}

#[cfg(feature = "sqs")]
impl Envelope for aws_lambda_events::sqs::SqsMessage {
    fn parts(self) -> Result<Parts<Self>, String> {
        Ok(Box::new(std::iter::once((None, self))))
    }

    fn text(&self) -> Bytes {
        self.body.clone().unwrap_or_default().into()
    }

    fn inside(&self, _most: usize, routed: &dyn Fn(&[u8]) -> bool) -> Result<Inside, String> {
        Ok(self
            .body
            .as_deref()
            .map_or(Inside::Nothing, |body| event_in(body, routed)))
    }
}

#[cfg(feature = "sns")]
impl Envelope for aws_lambda_events::sns::SnsRecord {
    fn parts(self) -> Result<Parts<Self>, String> {
        Ok(Box::new(std::iter::once((None, self))))
    }

    fn text(&self) -> Bytes {
        self.sns.message.clone().into()
    }

    fn inside(&self, _most: usize, routed: &dyn Fn(&[u8]) -> bool) -> Result<Inside, String> {
        Ok(event_in(&self.sns.message, routed))
    }
}

impl Envelope for KinesisEventRecord {
    fn parts(mut self) -> Result<Parts<Self>, String> {
        // Taken, not cloned: a record may have 10 MB.
        let data = std::mem::take(&mut self.kinesis.data.0);
        let mut aggregate = match Aggregate::of(data) {
            Ok(aggregate) => aggregate,
            Err(data) => {
                self.kinesis.data.0 = data;
                return Ok(Box::new(std::iter::once((None, self))));
            }
        };
        aggregate.check(Bounds::of_process())?;
        // One by one: a small aggregate may have very many records.
        let mut places = 0..;
        Ok(Box::new(std::iter::from_fn(move || {
            let user = aggregate.next_record()?;
            let mut part = self.clone();
            user.partition_key.clone_into(&mut part.kinesis.partition_key);
            part.kinesis.data.0 = user.data.to_vec();
            Some((places.next(), part))
        })))
    }

    fn text(&self) -> Bytes {
        Bytes::copy_from_slice(&self.kinesis.data)
    }

    fn inside(&self, most: usize, routed: &dyn Fn(&[u8]) -> bool) -> Result<Inside, String> {
        let data = &self.kinesis.data;
        if routed(data) {
            return Ok(Inside::Event(Bytes::copy_from_slice(data)));
        }
        // Nothing is decompressed unless there is a handler.
        if !routed(br#"{"awslogs":{"data":""}}"#) {
            return Ok(Inside::Nothing);
        }
        let text = match decompress(data, most) {
            Ok(text) => text,
            Err(Gzip::Not) => return Ok(Inside::Nothing),
            Err(problem @ Gzip::TooMuch { .. }) => return Err(format!("`kinesis.data`: {problem}")),
        };
        Ok(match LogsMessageType::of(&text) {
            Some(LogsMessageType::Data) => {
                let event = format!(r#"{{"awslogs":{{"data":"{}"}}}}"#, STANDARD.encode(&data[..]));
                Inside::Event(event.into())
            }
            Some(LogsMessageType::Control) => Inside::Void,
            None => Inside::Nothing,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogsMessage {
    message_type: LogsMessageType,
}

/// What CloudWatch Logs sends to a subscription.
#[derive(Deserialize)]
pub enum LogsMessageType {
    /// Log events.
    #[serde(rename = "DATA_MESSAGE")]
    Data,
    /// A test of whether the destination is reachable. It has no log event of an application.
    #[serde(rename = "CONTROL_MESSAGE")]
    Control,
}

impl LogsMessageType {
    /// Distinguishes a subscription's message from other gzipped JSON; only its type does.
    pub fn of(json: &[u8]) -> Option<Self> {
        let message: LogsMessage = serde_json::from_slice(json).ok()?;
        Some(message.message_type)
    }
}
