//! What an item may lack, or spell differently than its struct expects.

use serde::de::DeserializeOwned;
use std::fmt;

/// How to read a member that its struct refuses.
///
/// # Example
///
/// ```
/// use chrono::{DateTime, Utc};
/// use switchboard::event::{Delivery, Event, Mend};
/// use switchboard::source::Source;
///
/// /// Custom resources of CloudFormation.
/// struct CustomResources;
///
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "PascalCase")]
/// struct Request {
///     request_id: String,
///     resource_properties: std::collections::HashMap<String, String>,
/// }
///
/// impl Event for CustomResources {
///     const SOURCES: &'static [Source] = &[Source::Cloudformation];
///     const DELIVERY: Delivery = Delivery::Whole;
///     const ID: &'static [&'static str] = &["RequestId"];
///     const MENDS: &'static [(&'static str, Mend)] = &[("ResourceProperties", Mend::Empty)];
///     type Item = Request;
///     type Reply = ();
/// }
/// ```
#[derive(Clone, Copy)]
pub enum Mend {
    /// If it is missing or `null`, it has the empty value of its type: an empty text, zero, `false`, an empty list, an
    /// object without members.
    Empty,
    /// A [time](Self::Time). If it is missing, `null` or empty, it is the time of receipt.
    Received,
    /// A time: RFC 3339, or a number since 1970, in seconds or, from 1e11 on, in milliseconds.
    Time,
    /// Left out if the test refuses it, as if it were missing.
    Optional(fn(&str) -> bool),
    /// Bytes as a list of numbers; a text is read as its UTF-8 bytes.
    Bytes,
    /// Attributes in DynamoDB's format: bytes (`B`, `BS`), at any depth, may be base64 in another spelling.
    Attributes,
    /// Another name of this key.
    Alias(&'static str),
    /// A value of the sender or the application: its type alone decides, and nothing inside it is mended.
    Literal,
    /// A text that is [literal](Self::Literal). An object instead is read as the text of its JSON.
    Json,
}

impl Mend {
    /// A text that is left out unless it reads as this type, such as a name that an enumeration does not have, or
    /// invalid base64.
    #[must_use]
    pub const fn optional<T: DeserializeOwned>() -> Self {
        Self::Optional(|raw| !raw.starts_with('"') || serde_json::from_str::<T>(raw).is_ok())
    }

    /// Left out if it is `null`.
    pub const NOT_NULL: Self = Self::Optional(|raw| raw != "null");
}

impl fmt::Debug for Mend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "Empty",
            Self::Received => "Received",
            Self::Time => "Time",
            Self::Optional(_) => "Optional",
            Self::Bytes => "Bytes",
            Self::Attributes => "Attributes",
            Self::Alias(_) => "Alias",
            Self::Literal => "Literal",
            Self::Json => "Json",
        })
    }
}

/// The mends of an item: JSON paths, `*` for any key or element, and what to do there.
pub(crate) type Mends = &'static [(&'static str, Mend)];

/// A position in an item, as the set of mends whose paths begin with it: one bit for each.
#[derive(Clone, Copy, Debug)]
pub(super) struct MendPath {
    leading: u64,
    depth: usize,
    /// Whether it is inside [`Mend::Attributes`].
    pub(super) in_attributes: bool,
}

impl MendPath {
    pub(super) fn root(mends: Mends) -> Self {
        let count = u32::try_from(mends.len()).unwrap_or(u32::MAX);
        Self {
            leading: 1u64.checked_shl(count).unwrap_or_default().wrapping_sub(1),
            depth: 0,
            in_attributes: false,
        }
    }

    /// The position of a value inside: under `key` in an object, or any element of a list (`None`).
    pub(super) fn inside(self, mends: Mends, key: Option<&str>) -> Self {
        let fits = |path: &str| {
            let segment = path.split('.').nth(self.depth);
            segment.is_some_and(|segment| segment == "*" || Some(segment) == key)
        };
        let mut leading = 0;
        for (index, (path, _)) in self.leading(mends) {
            leading |= u64::from(fits(path)) << index;
        }
        let attributes = |(_, mend)| matches!(mend, Mend::Attributes);
        Self {
            leading,
            depth: self.depth + 1,
            in_attributes: self.in_attributes || self.mends(mends).any(attributes),
        }
    }

    /// The mends of exactly this position, with their indices.
    pub(super) fn mends(self, mends: Mends) -> impl Iterator<Item = (usize, Mend)> {
        let here = move |path: &str| path.split('.').nth(self.depth).is_none();
        let all = self.leading(mends);
        all.filter_map(move |(index, (path, mend))| here(path).then_some((index, *mend)))
    }

    /// The keys directly inside that have a mend, each with the mend's index.
    pub(super) fn keys(self, mends: Mends) -> impl Iterator<Item = (usize, &'static str, Mend)> {
        self.leading(mends).filter_map(move |(index, (path, mend))| {
            let mut segments = path.split('.').skip(self.depth);
            let key = segments.next().filter(|key| *key != "*")?;
            segments.next().is_none().then_some((index, key, *mend))
        })
    }

    fn leading(self, mends: Mends) -> impl Iterator<Item = (usize, &'static (&'static str, Mend))> {
        let mut left = self.leading;
        std::iter::from_fn(move || {
            let index = left.trailing_zeros() as usize;
            let mend = mends.get(index)?;
            left &= left - 1;
            Some((index, mend))
        })
    }
}
