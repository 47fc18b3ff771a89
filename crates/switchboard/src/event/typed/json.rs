//! A body that is JSON.

use super::body::FromBody;
use super::content::Content;
use crate::event::Unreadable;
use crate::event::read::read_text;
use serde::de::DeserializeOwned;
use std::ops::{Deref, DerefMut};

/// A record's body, read as JSON into a type of yours.
///
/// | event | its body |
/// |---|---|
/// | `SqsEvent` | `body` |
/// | `SnsEvent` | `Sns.Message` |
/// | `KinesisEvent` | `kinesis.data` |
/// | `KafkaEvent` | `value` |
/// | `KinesisFirehoseEvent` | `data`, of records from Kafka `kafkaRecordValue` |
/// | `CloudWatchEvent` | `detail` |
/// | `ActiveMqEvent`, `RabbitMqEvent` | `data` |
/// | `DocumentDbEvent` | `event` |
///
/// It is read straight from the payload, without a struct for the record in between. A body that does not fit is that record's
/// failure, or its rejection ([`Handler::on_unreadable`](crate::Handler::on_unreadable)); the error says where in the body.
///
/// # Example
///
/// ```
/// use serde::Deserialize;
/// use switchboard::{Context, Failure, Json, Router};
///
/// #[derive(Deserialize)]
/// struct Click {
///     page: String,
/// }
///
/// async fn on_click(Json(click): Json<Click>, _cx: Context<()>) -> Result<(), Failure> {
///     tracing::info!(click.page, "a click");
///     Ok(())
/// }
///
/// let router = Router::new(()).kinesis(on_click);
/// # let _ = router;
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: DeserializeOwned + Send + 'static> FromBody for Json<T> {
    fn from_body(body: Content<'_>) -> Result<Self, Unreadable> {
        match read(body) {
            #[cfg(feature = "kafka_schemas")]
            Err(refused) => behind_header(body, refused),
            read => read,
        }
    }
}

fn read<T: DeserializeOwned>(body: Content<'_>) -> Result<Json<T>, Unreadable> {
    let text = body.text()?;
    match serde_json::from_str(text) {
        Ok(value) => Ok(Json(value)),
        Err(refused) => read_text(text, &refused)
            .map(Json)
            .map_err(|unreadable| unreadable.of_part("body")),
    }
}

/// JSON behind the header of a schema registry, as producers write it for a JSON Schema.
#[cfg(feature = "kafka_schemas")]
#[cold]
fn behind_header<T: DeserializeOwned>(body: Content<'_>, refused: Unreadable) -> Result<Json<T>, Unreadable> {
    match super::schema::without_header(body.bytes()) {
        None => Err(refused),
        Some(Ok(json)) => read(Content::Bytes(&json)),
        Some(Err(problem)) => Err(Unreadable::because(".", problem).of_part("body")),
    }
}
