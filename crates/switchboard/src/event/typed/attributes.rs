//! What was sent beside a body.

use super::content;
use super::record::{FromRecord, Record, TypedItem};
use crate::event::{Event, Unreadable};
use crate::source::parts;
use std::borrow::Cow;

/// An event whose records carry attributes beside their body: SQS and SNS.
#[diagnostic::on_unimplemented(
    message = "the records of `{Self}` have no attributes",
    label = "a handler of it cannot ask for `Attributes`"
)]
pub trait WithAttributes: Event {
    /// The JSON path of the attributes.
    const ATTRIBUTES: &'static str;

    /// The key of an attribute's value.
    const VALUE: &'static str;
}

#[cfg(feature = "sqs")]
impl WithAttributes for aws_lambda_events::sqs::SqsEvent {
    const ATTRIBUTES: &'static str = "messageAttributes";
    const VALUE: &'static str = "stringValue";
}

#[cfg(feature = "sns")]
impl WithAttributes for aws_lambda_events::sns::SnsEvent {
    const ATTRIBUTES: &'static str = "Sns.MessageAttributes";
    const VALUE: &'static str = "Value";
}

/// The attributes that were sent beside a body: of an SQS message, of an SNS notification. They are kept as they came, and read
/// when asked for.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "sqs")] {
/// use serde::Deserialize;
/// use switchboard::event::Attributes;
/// use switchboard::{Context, Failure, Json, Router};
///
/// #[derive(Deserialize)]
/// struct Order {
///     id: u64,
/// }
///
/// async fn on_order((Json(order), attributes): (Json<Order>, Attributes), _cx: Context<()>) -> Result<(), Failure> {
///     tracing::info!(order.id, tenant = attributes.get("tenant").as_deref(), "an order");
///     Ok(())
/// }
///
/// let router = Router::new(()).sqs(on_order);
/// # let _ = router;
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    /// The object of all of them.
    written: Box<str>,
    value: &'static str,
}

impl Attributes {
    /// The attribute of this name, if it is a text or a number.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        // One after another: a name may hold dots.
        let mut entries = crate::source::Entries::of(&self.written)?;
        let (_, attribute) = entries.find(|(key, _)| key == name)?;
        let [value] = parts(attribute.as_bytes(), [Some(self.value)]);
        let value = std::str::from_utf8(value?).ok()?;
        value
            .starts_with('"')
            .then(|| content::text(value).ok())
            .flatten()
    }
}

impl TypedItem for Attributes {}

impl<E: WithAttributes> FromRecord<E> for Attributes {
    fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
        Ok(Self {
            written: record.value(E::ATTRIBUTES).unwrap_or_default().into(),
            value: E::VALUE,
        })
    }
}
