//! What a handler may ask for, and a record it is read from.

use super::body::WithBody;
use super::content::{self, Content};
use super::plain::RecordBefore;
use super::spans;
use crate::event::read::{Mended, Unreadable, caught_again, lane_of_valid, locate, text_of};
use crate::event::{Event, Object};
use crate::source::parts;
use chrono::{DateTime, Utc};
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// What a handler can ask for as its first argument: it is read from one record of the event `E`.
///
/// Implemented for what the records of AWS's events carry:
///
/// * [`Json<T>`](crate::Json): the body as a type of yours; `String`, `Vec<u8>` and [`bytes::Bytes`]: the body as it is; each
///   also as an `Option`, which is `None` if the record has no body (a tombstone of Kafka, say);
/// * [`Change<T>`](crate::Change): a change of an item in DynamoDB, with its images as a type of yours;
/// * [`RecordKey<T>`](crate::event::RecordKey): the key by which the record was put into its stream or topic;
/// * [`Attributes`](crate::event::Attributes): what was sent beside the body;
/// * the structs of `aws_lambda_events`: `SqsMessage`, `KinesisEventRecord`, …;
/// * tuples of two or three of these: `(Json<Order>, SqsMessage)`.
///
/// # Example
///
/// A type of your own, for every event that has a body:
///
/// ```
/// use switchboard::event::{FromRecord, Record, Unreadable, WithBody};
/// use switchboard::{Context, Failure, Router};
///
/// /// One line of comma-separated values.
/// struct Row(Vec<String>);
///
/// impl<E: WithBody> FromRecord<E> for Row {
///     fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable> {
///         let line = String::from_record(record)?;
///         match line.split(',').map(str::to_owned).collect::<Vec<_>>() {
///             row if row.len() == 3 => Ok(Row(row)),
///             row => Err(record.unreadable(format!("a row has 3 columns, this one has {}", row.len()))),
///         }
///     }
/// }
///
/// async fn on_row(Row(row): Row, _cx: Context<()>) -> Result<(), Failure> {
///     tracing::info!(columns = row.len(), "a row");
///     Ok(())
/// }
///
/// let router = Router::new(()).kinesis(on_row);
/// # let _ = router;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a record of `{E}`",
    label = "a handler of `{E}` cannot ask for this",
    note = "a handler gets one record, not the whole event: ask for `Json<T>` with a type of yours, `String`, `Vec<u8>`, the \
            struct that `aws_lambda_events` has for one record, or a tuple of these; `Change<T>` is for DynamoDB",
    note = "the item comes first, the `Context` second",
    note = "the structs of another version of `aws_lambda_events` are other types: use `switchboard::aws_lambda_events`"
)]
pub trait FromRecord<E: Event>: Sized + Send + 'static {
    /// Reads it.
    ///
    /// # Errors
    /// The record is not what the handler asks for: [`Record::unreadable`]. It is a failed record then, or a rejected one, as
    /// [`Handler::on_unreadable`](crate::Handler::on_unreadable) says. The error goes into logs: it says where and what, and
    /// does not quote the record.
    fn from_record(record: Record<'_, E>) -> Result<Self, Unreadable>;

    /// Reads it from the record at the start of `text`, and says how long that is. `None`: it is to be read by
    /// [`FromRecord::read`], which says what is wrong.
    #[doc(hidden)]
    fn read_first<'p>(
        text: &'p str,
        received: DateTime<Utc>,
        before: &mut RecordBefore<'p>,
    ) -> Option<(Mended<Box<Self>>, usize)> {
        let length = spans::length(text, before)?;
        let item = Self::from_record(Record::new(text.get(..length)?, received)).ok()?;
        Some((Mended::plain(item), length))
    }

    /// Reads it from a record by itself.
    ///
    /// # Errors
    /// As [`FromRecord::from_record`], or the record is no JSON.
    #[doc(hidden)]
    fn read(raw: &[u8], received: DateTime<Utc>) -> Result<Mended<Box<Self>>, Unreadable> {
        let text = text_of(raw)?;
        serde_json::from_str::<IgnoredAny>(text).map_err(|error| locate(text, &error))?;
        Self::from_record(Record::new(text, received)).map(Mended::plain)
    }

    /// The lane of the record that it was read from.
    #[doc(hidden)]
    fn lane(&self, raw: &[u8]) -> Option<String> {
        lane_of_valid::<E>(raw)
    }
}

/// What a handler behind [`Unwrap::or`](crate::Unwrap::or) can ask for, beside the structs of `aws_lambda_events`: everything that the
/// library reads from a record. Implement it for a type of your own that implements [`FromRecord`]; there is nothing to write.
#[diagnostic::on_unimplemented(
    message = "a handler behind `Unwrap.or` cannot ask for `{Self}`",
    label = "neither the struct of a record that may be an envelope, nor a `TypedItem`",
    note = "for a type of yours that implements `FromRecord`, implement `switchboard::event::TypedItem`, too: it has no methods"
)]
pub trait TypedItem: Send + 'static {}

/// One record of an event: valid JSON, of which nothing has been read yet.
pub struct Record<'r, E> {
    text: &'r str,
    received: DateTime<Utc>,
    event: PhantomData<fn() -> E>,
}

impl<E> Copy for Record<'_, E> {}

impl<E> Clone for Record<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'r, E: Event> Record<'r, E> {
    pub(super) fn new(text: &'r str, received: DateTime<Utc>) -> Self {
        Self {
            text,
            received,
            event: PhantomData,
        }
    }

    /// The record's JSON as it came.
    #[must_use]
    pub fn raw(&self) -> &'r str {
        self.text
    }

    /// When the invocation's payload was received.
    #[must_use]
    pub fn received(&self) -> DateTime<Utc> {
        self.received
    }

    /// The text at a JSON path (keys with dots between them), or a number or flag there as it is written.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<Cow<'r, str>> {
        content::scalar(self.value(path)?)
    }

    /// Why the record cannot be read as what the handler asks for. `problem` goes into logs.
    #[must_use]
    pub fn unreadable(&self, problem: impl Into<String>) -> Unreadable {
        Unreadable::because(".", problem)
    }

    /// The JSON at a path.
    pub(super) fn value(&self, path: &str) -> Option<&'r str> {
        let [value] = parts(self.text.as_bytes(), [Some(path)]);
        value.and_then(|value| std::str::from_utf8(value).ok())
    }

    /// The value at the first of the paths that exists, also in a record with another layout.
    pub(super) fn find(&self, paths: &[&str]) -> Option<Cow<'r, str>> {
        let plainly = paths.iter().find_map(|path| self.value(path));
        plainly.map(Cow::Borrowed).or_else(|| self.find_mended(paths))
    }

    #[cold]
    fn find_mended(&self, paths: &[&str]) -> Option<Cow<'r, str>> {
        let mut object = Object::parse(self.text.as_bytes())?;
        caught_again(|| E::mend(&mut object, self.received))?;
        let value = paths.iter().find_map(|path| object.get(path))?;
        Some(Cow::Owned(value.get().to_owned()))
    }
}

impl<'r, E: WithBody> Record<'r, E> {
    /// The record's body, decoded; `None` if it has none.
    ///
    /// # Errors
    /// It is not encoded as the source encodes bodies.
    pub fn body(&self) -> Result<Option<Cow<'r, [u8]>>, Unreadable> {
        match self.find(E::BODY) {
            Some(Cow::Borrowed(written)) => content::whole(written, E::ENCODING),
            Some(Cow::Owned(written)) => {
                let body = content::whole(&written, E::ENCODING)?;
                Ok(body.map(|body| Cow::Owned(body.into_owned())))
            }
            None => Ok(None),
        }
    }

    /// Hands the body on without a copy of its own.
    pub(super) fn with_body<R>(
        &self,
        read: impl FnOnce(Option<Content<'_>>) -> Result<R, Unreadable>,
    ) -> Result<R, Unreadable> {
        match self.find(E::BODY) {
            Some(written) => content::with(&written, E::ENCODING, read),
            None => read(None),
        }
    }
}

/// Not the record's JSON, which does not belong into logs.
impl<E> fmt::Debug for Record<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("length", &self.text.len())
            .finish_non_exhaustive()
    }
}
