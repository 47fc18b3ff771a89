//! The journal's entry: a CloudEvent, valid by construction.

use super::attribute::{Attribute, InvalidEntry, check_name, check_text, check_uri, check_uri_reference};
use super::data::{Data, is_json};
use super::identity::{Identity, stable_hash};
use chrono::{DateTime, Datelike, Utc};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The names of the attributes in the specification, which extensions cannot use.
const DEFINED: [&str; 9] = [
    "specversion",
    "id",
    "source",
    "type",
    "subject",
    "time",
    "datacontenttype",
    "dataschema",
    "data",
];

/// A CloudEvents 1.0 event, and the source's own identity of it.
///
/// # Example
///
/// ```
/// use switchboard_function::journal::Entry;
///
/// let entry = Entry::builder("7", "/sensors/roof", "com.example.temperature").subject("degrees").build()?;
/// assert_eq!(entry.subject(), Some("degrees"));
///
/// let error = Entry::builder("", "/sensors/roof", "com.example.temperature").build().unwrap_err();
/// assert_eq!(error.to_string(), "attribute `id`: must not be empty");
/// # Ok::<(), switchboard_function::journal::InvalidEntry>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    identity: Option<String>,
    id: String,
    source: String,
    event_type: String,
    subject: Option<String>,
    time: Option<DateTime<Utc>>,
    datacontenttype: Option<String>,
    dataschema: Option<String>,
    extensions: BTreeMap<String, Attribute>,
    data: Option<Data>,
}

/// The extension attribute that says who wrote an entry. The stock function sets it for all entries, whoever sent them,
/// and accepts none from clients. `client` means that a client posted the entry; other values are the handlers of AWS's
/// events (`s3`, `dynamodb`, `kinesis`, `cloudwatch_events`).
pub const WRITTEN_BY: &str = "writtenby";

impl Entry {
    /// Starts an entry with the attributes that every CloudEvent has.
    pub fn builder(
        id: impl Into<String>,
        source: impl Into<String>,
        event_type: impl Into<String>,
    ) -> EntryBuilder {
        EntryBuilder {
            entry: Self {
                identity: None,
                id: id.into(),
                source: source.into(),
                event_type: event_type.into(),
                subject: None,
                time: None,
                datacontenttype: None,
                dataschema: None,
                extensions: BTreeMap::new(),
                data: None,
            },
        }
    }

    /// Distinguishes this event from every other, and is the same at every delivery. If the source gives nothing
    /// better, it is `source` and `id`, as in CloudEvents.
    #[must_use]
    pub fn identity(&self) -> Cow<'_, str> {
        match &self.identity {
            Some(identity) => Cow::Borrowed(identity),
            None => Cow::Owned(Identity::new(["cloudevents", &self.source, &self.id]).into_string()),
        }
    }

    /// The attribute `id`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The attribute `source`, a URI-reference.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The attribute `type`.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// The attribute `subject`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The attribute `time`: when it happened, if the source says so.
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        self.time
    }

    /// The attribute `datacontenttype`, a media type.
    #[must_use]
    pub fn datacontenttype(&self) -> Option<&str> {
        self.datacontenttype.as_deref()
    }

    /// The attribute `dataschema`, a URI.
    #[must_use]
    pub fn dataschema(&self) -> Option<&str> {
        self.dataschema.as_deref()
    }

    /// The extension attributes, by name.
    #[must_use]
    pub fn extensions(&self) -> &BTreeMap<String, Attribute> {
        &self.extensions
    }

    /// The data.
    #[must_use]
    pub fn data(&self) -> Option<&Data> {
        self.data.as_ref()
    }

    /// The entry with [`WRITTEN_BY`], which replaces an existing value.
    #[must_use]
    pub(crate) fn written_by(mut self, writer: &'static str) -> Self {
        self.extensions.insert(WRITTEN_BY.to_owned(), writer.into());
        self
    }

    /// The entry with its original identity, for a store that reads it back.
    #[must_use]
    pub fn identified_by(mut self, identity: String) -> Self {
        if self.identity() != identity {
            self.identity = Some(identity);
        }
        self
    }

    /// The entry under its `id` and a hash of its identity, joined by a dot, for a store in which another event has the
    /// `id`. Its identity does not change.
    #[must_use]
    pub fn beside(mut self) -> Self {
        // Taken first, because it may depend on the id that changes below.
        let identity = self.identity().into_owned();
        self.id = format!("{}.{:016x}", self.id, stable_hash(&identity));
        self.identity = Some(identity);
        self
    }
}

/// Builds an [`Entry`]. Everything is checked at the end, by [`EntryBuilder::build`].
#[derive(Clone, Debug)]
#[must_use]
pub struct EntryBuilder {
    entry: Entry,
}

impl EntryBuilder {
    /// Sets the source's own identity of the event.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.entry.identity = Some(identity.into_string());
        self
    }

    /// Sets `subject`.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.entry.subject = Some(subject.into());
        self
    }

    /// Sets `time`; `None` leaves it out.
    pub fn time(mut self, time: impl Into<Option<DateTime<Utc>>>) -> Self {
        self.entry.time = time.into();
        self
    }

    /// Sets `datacontenttype`.
    pub fn datacontenttype(mut self, media_type: impl Into<String>) -> Self {
        self.entry.datacontenttype = Some(media_type.into());
        self
    }

    /// Sets `dataschema`.
    pub fn dataschema(mut self, schema: impl Into<String>) -> Self {
        self.entry.dataschema = Some(schema.into());
        self
    }

    /// Sets an extension attribute.
    pub fn extension(mut self, name: impl Into<String>, value: impl Into<Attribute>) -> Self {
        self.entry.extensions.insert(name.into(), value.into());
        self
    }

    /// Sets the data, which has the media type `datacontenttype`.
    pub fn data(mut self, data: Data) -> Self {
        self.entry.data = Some(data);
        self
    }

    /// Sets JSON data, and `datacontenttype` to `application/json`.
    pub fn json(self, json: Box<RawValue>) -> Self {
        self.detected(Data::Json(json))
    }

    /// Sets the data, and `datacontenttype` to its detected type: JSON, plain text or bytes.
    pub fn detected(self, data: Data) -> Self {
        let media_type = data.media_type();
        self.datacontenttype(media_type).data(data)
    }

    /// Checks the entry.
    ///
    /// # Errors
    /// [`InvalidEntry`] has the first attribute that CloudEvents 1.0 does not allow.
    pub fn build(self) -> Result<Entry, InvalidEntry> {
        let mut entry = self.entry;
        check_text("id", &entry.id)?;
        check_uri_reference("source", &entry.source)?;
        check_text("type", &entry.event_type)?;
        if let Some(subject) = &entry.subject {
            check_text("subject", subject)?;
        }
        if let Some(schema) = &entry.dataschema {
            check_uri("dataschema", schema)?;
        }
        if let Some(media_type) = &entry.datacontenttype {
            check_media_type(media_type)?;
        }
        // chrono writes other years with a sign, which readers of RFC 3339 refuse.
        if entry.time.is_some_and(|time| !(0..=9999).contains(&time.year())) {
            return Err(InvalidEntry::attribute(
                "time",
                "RFC 3339 knows the years 0 to 9999 only",
            ));
        }
        for (name, value) in &entry.extensions {
            check_extension(name, value)?;
        }
        entry.data = entry
            .data
            .map(|data| coherent(data, entry.datacontenttype.as_deref()))
            .transpose()?;
        Ok(entry)
    }
}

fn check_extension(name: &str, value: &Attribute) -> Result<(), InvalidEntry> {
    check_name(name)?;
    if DEFINED.contains(&name) {
        return Err(InvalidEntry::attribute(
            name,
            "defined by CloudEvents, so no extension may take the name",
        ));
    }
    match value {
        // Only attributes of the specification must not be empty.
        Attribute::String(text) if !text.is_empty() => check_text(name, text),
        _ => Ok(()),
    }
}

fn check_media_type(media_type: &str) -> Result<(), InvalidEntry> {
    check_text("datacontenttype", media_type)?;
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let token = |part: &str| {
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+*'`|~%".contains(&byte);
        !part.is_empty() && part.bytes().all(valid)
    };
    match essence.split_once('/') {
        Some((left, right)) if token(left) && token(right) => Ok(()),
        _ => Err(InvalidEntry::attribute(
            "datacontenttype",
            "not a media type of the form `type/subtype`",
        )),
    }
}

/// Data and media type must agree, otherwise reading back would give something else.
fn coherent(data: Data, media_type: Option<&str>) -> Result<Data, InvalidEntry> {
    match data {
        Data::Text(_) if is_json(media_type) => Err(InvalidEntry::attribute(
            "data",
            "text needs a `datacontenttype` that is not JSON",
        )),
        // In the JSON format, a JSON string with another media type is text of that type.
        Data::Json(json) if !is_json(media_type) => {
            Ok(serde_json::from_str(json.get()).map_or(Data::Json(json), Data::Text))
        }
        data => Ok(data),
    }
}
