//! From raw JSON to a typed item: first plainly, then leniently if the struct refuses it, otherwise an error with its
//! position.

use super::mends::Mends;
use super::redact::{boundary, redacted};
use super::timestamp::Timed;
use super::{Delivery, Event, Object, lenient};
use crate::panics;
use crate::source::{parts, path_at};
use chrono::{DateTime, Utc};
use serde::de::{DeserializeOwned, IgnoredAny};
use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;

/// An item, and what was mended in it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Mended<T> {
    pub(crate) item: T,
    /// JSON paths of values that are defaults.
    pub(crate) filled: Vec<&'static str>,
}

impl<T> Mended<Box<T>> {
    /// An item without inserted values.
    pub(super) fn plain(item: T) -> Self {
        Self {
            item: Box::new(item),
            filled: Vec::new(),
        }
    }

    /// What is made of the item.
    #[cfg(feature = "validation")]
    pub(super) fn map<U>(self, make: impl FnOnce(T) -> U) -> Mended<Box<U>> {
        Mended {
            item: Box::new(make(*self.item)),
            filled: self.filled,
        }
    }
}

/// Reads one item plainly from the start of `text`, whatever follows it, and returns its length. `None` if the typed
/// struct refuses it.
pub(crate) fn read_first<E: Event>(
    text: &str,
    received: DateTime<Utc>,
) -> Option<(Mended<Box<E::Item>>, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Timed<E>>();
    let Timed(mut item) = values.next()?.ok()?;
    let filled = E::fill(&mut item, received).to_vec();
    Some((Mended { item, filled }, values.byte_offset()))
}

/// Reads one item of an event: plainly, or leniently if that fails.
pub(crate) fn read<E: Event>(
    raw: &[u8],
    received: DateTime<Utc>,
) -> Result<Mended<Box<E::Item>>, Unreadable> {
    let raw = E::unpack(raw).map_err(|problem| Unreadable::because(".", problem))?;
    let text = text_of(&raw)?;
    let read = match serde_json::from_str(text) {
        Ok(item) => Mended {
            item,
            filled: Vec::new(),
        },
        Err(refused) => mended::<E>(text, &refused, received)?,
    };
    let Mended {
        item: Timed(mut item),
        mut filled,
    } = read;
    for path in E::fill(&mut item, received) {
        if !filled.contains(path) {
            filled.push(path);
        }
    }
    Ok(Mended { item, filled })
}

/// Reads an item that the struct refused.
#[cold]
fn mended<E: Event>(
    text: &str,
    refused: &serde_json::Error,
    received: DateTime<Utc>,
) -> Result<Mended<Timed<E>>, Unreadable> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| locate(text, &error))?;
    // No other way of reading can go deeper either.
    const TOO_DEEP: &str = "recursion limit exceeded";
    if redacted(refused).starts_with(TOO_DEEP) {
        return Err(Unreadable::because(&locate(text, refused).path, TOO_DEEP));
    }
    if E::MENDS.is_empty() {
        return moved(text, refused, |object| E::mend(object, received));
    }
    let unreadable = match lenient::read(text, E::MENDS, received) {
        Ok(read) => return Ok(read),
        Err(unreadable) => unreadable,
    };
    // Its parts may be in other places.
    let Some(mut object) = Object::parse(text.as_bytes()) else {
        return Err(unreadable);
    };
    E::mend(&mut object, received);
    if !object.is_changed() {
        return Err(unreadable);
    }
    let Ok(text) = serde_json::to_string(&object) else {
        return Err(unreadable);
    };
    let mut filled = object.into_filled();
    let read = lenient::read::<Timed<E>>(&text, E::MENDS, received)?;
    filled.extend(read.filled);
    Ok(Mended {
        item: read.item,
        filled,
    })
}

/// Reads data that accompanies items: plainly, or leniently if that fails.
pub(crate) fn read_with<T: DeserializeOwned>(
    text: &str,
    mends: Mends,
    received: DateTime<Utc>,
) -> Result<Mended<T>, Unreadable> {
    match serde_json::from_str(text) {
        Ok(item) => Ok(Mended {
            item,
            filled: Vec::new(),
        }),
        Err(_) => {
            serde_json::from_str::<IgnoredAny>(text).map_err(|error| locate(text, &error))?;
            lenient::read(text, mends, received)
        }
    }
}

/// Reads JSON inside an event as leniently as records are read: of a duplicate member the last value counts.
///
/// # Errors
/// The text is not UTF-8, not JSON, or does not fit `T`. The error names the path and does not quote the JSON.
///
/// # Example
///
/// ```
/// use switchboard::event::read_json;
///
/// let numbers: Vec<u8> = read_json(b"[1, 2]").unwrap();
/// assert_eq!(numbers, [1, 2]);
/// let error = read_json::<Vec<u8>>(b"[1, {}]").unwrap_err();
/// assert!(error.to_string().starts_with("unreadable at `[1]`: invalid type: map"), "{error}");
/// ```
pub fn read_json<T: DeserializeOwned>(raw: &[u8]) -> Result<T, Unreadable> {
    // From text, not from bytes: it is checked as a whole, which is cheaper than string by string, and the code for
    // each struct exists only once.
    let text = text_of(raw)?;
    match serde_json::from_str(text) {
        Ok(item) => Ok(item),
        Err(refused) => read_text(text, &refused),
    }
}

/// The same for a text that was refused as it is.
#[cold]
pub(super) fn read_text<T: DeserializeOwned>(
    text: &str,
    refused: &serde_json::Error,
) -> Result<T, Unreadable> {
    match redacted(refused).starts_with("duplicate field") {
        true => moved(text, refused, |object| object.unique()).map(|mended| mended.item),
        false => Err(locate(text, refused)),
    }
}

/// Reads a value after `mend` has changed it.
fn moved<T: DeserializeOwned>(
    text: &str,
    refused: &serde_json::Error,
    mend: impl FnOnce(&mut Object<'_>),
) -> Result<Mended<T>, Unreadable> {
    let Some(mut object) = Object::parse(text.as_bytes()) else {
        return Err(locate(text, refused));
    };
    mend(&mut object);
    let Ok(mended) = serde_json::to_string(&object) else {
        return Err(locate(text, refused));
    };
    match serde_json::from_str(&mended) {
        Ok(item) => Ok(Mended {
            item,
            filled: object.into_filled(),
        }),
        Err(error) => Err(locate(&mended, &error)),
    }
}

pub(super) fn text_of(raw: &[u8]) -> Result<&str, Unreadable> {
    std::str::from_utf8(raw).map_err(|error| {
        let problem = format!("not UTF-8 at byte {}", error.valid_up_to());
        Unreadable::because(".", problem)
    })
}

/// Calls code that may panic, in a library or in the application, if nothing depends on its result.
pub(crate) fn caught<R>(call: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}

/// The same for a call that was made before: if it panicked then, that has been logged.
pub(super) fn caught_again<R>(call: impl FnOnce() -> R) -> Option<R> {
    panics::catch(call).ok()
}

/// Finds the path of a failure by the position in the error. (Tracking the path while reading would take time, and
/// twice the code.)
pub(super) fn locate(text: &str, error: &serde_json::Error) -> Unreadable {
    let lines: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    Unreadable::because(&path_at(text.as_bytes(), lines + error.column()), redacted(error))
}

/// The item does not have its source's documented form.
#[derive(Debug)]
pub struct Unreadable {
    /// Whether the item could be read, and breaks a rule.
    invalid: bool,
    /// What the path leads into, if that is not the item itself.
    within: Option<&'static str>,
    path: String,
    problem: String,
}

impl Unreadable {
    /// Reading the value at a path failed.
    pub(crate) fn at(path: &str, error: &serde_json::Error) -> Self {
        Self {
            invalid: false,
            within: None,
            path: brief(path),
            problem: redacted(error),
        }
    }

    /// The value at a path is wrong.
    pub(crate) fn because(path: &str, problem: impl Into<String>) -> Self {
        Self {
            invalid: false,
            within: None,
            path: brief(path),
            problem: problem.into(),
        }
    }

    /// The value at a path breaks a rule.
    #[cfg(feature = "validation")]
    pub(super) fn invalid(within: Option<&'static str>, path: &str, problem: impl Into<String>) -> Self {
        Self {
            invalid: true,
            within,
            ..Self::because(path, problem)
        }
    }

    /// The body is wrong as a whole.
    #[cfg(feature = "claim_check")]
    pub(crate) fn of_body(problem: impl Into<String>) -> Self {
        Self::because(".", problem).of_part("body")
    }

    /// The path leads into a part of the item: its body, say.
    pub(super) fn of_part(mut self, part: &'static str) -> Self {
        self.within = Some(part);
        self
    }

    /// Reading failed somewhere in `text`.
    #[cfg(feature = "http")]
    pub(crate) fn inside(text: &str, error: &serde_json::Error) -> Self {
        locate(text, error)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.invalid {
            true => "invalid",
            false => "unreadable",
        };
        match self.within {
            None => write!(f, "{what} at `{}`: {}", self.path, self.problem),
            Some(part) if self.path == "." => write!(f, "{what} at {part}: {}", self.problem),
            Some(part) => write!(f, "{what} at {part} `{}`: {}", self.path, self.problem),
        }
    }
}

impl std::error::Error for Unreadable {}

/// The longest part of an item's name, in bytes of JSON. The longest are keys of S3 objects: 1,024 bytes, each of which
/// may be written as three. Anything longer is not a name.
pub(super) const LONGEST_ID: usize = 4096;

/// The item's name in its source's terms, from its raw text; `None` if a part of it is missing or empty.
pub(crate) fn identify<E: Event>(raw: &[u8], received: DateTime<Utc>) -> Option<String> {
    caught_again(|| name::<E>(raw, received)).flatten()
}

fn name<E: Event>(raw: &[u8], received: DateTime<Utc>) -> Option<String> {
    let raw = E::unpack(raw).ok()?;
    // Only Kafka records are named by numbers. A source would not accept a sequence number that is not text.
    let numbers = E::DELIVERY == Delivery::Partitions;
    let first = E::ID.first()?;
    let value = |path: &str| parts(&raw, [Some(path)])[0];
    if is_json(&raw) && value(first).is_some() {
        let part = |path: &&str| text(value(path)?, numbers);
        return Some(E::ID.iter().map(part).collect::<Option<Vec<String>>>()?.join("/"));
    }
    let readable = readable(&raw);
    let mut object = Object::parse(readable.as_bytes())?;
    E::mend(&mut object, received);
    let part = |path: &&str| text(object.find(path)?.get().as_bytes(), numbers);
    Some(E::ID.iter().map(part).collect::<Option<Vec<String>>>()?.join("/"))
}

/// The lane of an item.
pub(crate) fn lane<E: Event>(item: &E::Item) -> Option<String> {
    caught(|| E::lane(item)).flatten()
}

/// The lane of an unreadable item.
pub(crate) fn lane_of<E: Event>(raw: &[u8]) -> Option<String> {
    let readable = readable(raw);
    let object = Object::parse(readable.as_bytes())?;
    caught(|| E::lane_of(&object)).flatten()
}

/// The lane of an item that is known to be valid JSON, for a handler that reads something else from it.
pub(crate) fn lane_of_valid<E: Event>(raw: &[u8]) -> Option<String> {
    if !E::may_have_lane(raw) {
        return None;
    }
    let object = Object::of_valid(std::str::from_utf8(raw).ok()?)?;
    let lane = caught(|| E::lane_of(&object)).flatten();
    lane.or_else(|| lane_of_mended::<E>(raw))
}

/// The lane of an item whose lane is not where its source documents it: the item is read as its struct means it.
#[cold]
fn lane_of_mended<E: Event>(raw: &[u8]) -> Option<String> {
    let read = caught_again(|| read::<E>(raw, Utc::now())).and_then(Result::ok)?;
    lane::<E>(&read.item)
}

/// The text at a path.
pub(crate) fn text_at(raw: &[u8], path: &str) -> Option<String> {
    string(value_at(raw, path)?)
}

/// A number at a path, possibly in quotes.
pub(crate) fn number<T: FromStr>(raw: &[u8], path: &str) -> Option<T> {
    let value = std::str::from_utf8(value_at(raw, path)?).ok()?;
    value.trim_matches('"').parse().ok()
}

/// The value at a path of an object that is valid JSON. Invalid UTF-8 does not change what is elsewhere.
fn value_at<'r>(raw: &'r [u8], path: &str) -> Option<&'r [u8]> {
    let [value] = parts(raw, [Some(path)]);
    value.filter(|_| is_json(raw))
}

fn is_json(raw: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(raw).is_ok()
}

/// The text with invalid UTF-8 replaced, never longer than the bytes.
pub(super) fn readable(raw: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(raw) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(raw.len());
    for chunk in raw.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend((!chunk.invalid().is_empty()).then_some('?'));
    }
    Cow::Owned(text)
}

fn text(value: &[u8], numbers: bool) -> Option<String> {
    match value.first()? {
        _ if value.len() > LONGEST_ID => None,
        b'0'..=b'9' if numbers => Some(String::from_utf8_lossy(value).into_owned()),
        _ => string(value).filter(|text| !text.is_empty()),
    }
}

fn string(value: &[u8]) -> Option<String> {
    serde_json::from_str(&String::from_utf8_lossy(value)).ok()
}

/// How many bytes of a path are shown: one of its keys may be as long as the payload.
const SHOWN: usize = 256;

fn brief(path: &str) -> String {
    match path.len() <= SHOWN {
        true => path.to_owned(),
        false => format!("{}…", &path[..boundary(path, SHOWN)]),
    }
}
