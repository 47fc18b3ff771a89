//! Raw JSON to a typed item: plainly first; mended if the struct refuses it; else an error that says where.

use super::mends::Mends;
use super::timestamp::Timed;
use super::{Delivery, Event, Object, lenient};
use crate::source::path_at;
use crate::telemetry;
use chrono::{DateTime, Utc};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;

/// An item as read.
pub(crate) struct Mended<T> {
    pub(crate) item: T,
    /// JSON paths that hold a stand-in.
    pub(crate) filled: Vec<&'static str>,
}

/// Reads one item plainly from the start of `text`, whatever comes after it, and says how long it is. `None` if the
/// typed struct refuses it.
pub(crate) fn read_first<E: Event>(
    text: &str,
    received: DateTime<Utc>,
) -> Option<(Mended<Box<E::Item>>, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Timed<E>>();
    let Timed(mut item) = values.next()?.ok()?;
    let filled = E::fill(&mut item, received).to_vec();
    Some((Mended { item, filled }, values.byte_offset()))
}

/// Reads one item of an event: plainly, or as its struct means it.
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

/// Reads what the struct has refused.
#[cold]
fn mended<E: Event>(
    text: &str,
    refused: &serde_json::Error,
    received: DateTime<Utc>,
) -> Result<Mended<Timed<E>>, Unreadable> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| locate(text, &error))?;
    if E::MENDS.is_empty() {
        return moved(text, refused, |object| E::mend(object, received));
    }
    let unreadable = match lenient::read(text, E::MENDS, received) {
        Ok(read) => return Ok(read),
        Err(unreadable) => unreadable,
    };
    // Its parts may stand elsewhere.
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

/// Reads what is no item but comes with items: plainly, or as its struct means it.
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

/// Reads a value, by way of `mend` if the plain way is refused.
///
/// Everything is read from text: it is checked as a whole, which is cheaper than string by string, and the code for
/// each struct is there once.
pub(crate) fn read_as<T: DeserializeOwned>(
    raw: &[u8],
    mend: impl FnOnce(&mut Object),
) -> Result<Mended<T>, Unreadable> {
    let text = text_of(raw)?;
    match serde_json::from_str(text) {
        Ok(item) => Ok(Mended {
            item,
            filled: Vec::new(),
        }),
        Err(refused) => moved(text, &refused, mend),
    }
}

/// Reads a value as `mend` leaves it.
fn moved<T: DeserializeOwned>(
    text: &str,
    refused: &serde_json::Error,
    mend: impl FnOnce(&mut Object),
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

fn text_of(raw: &[u8]) -> Result<&str, Unreadable> {
    std::str::from_utf8(raw).map_err(|error| {
        let problem = format!("not UTF-8 at byte {}", error.valid_up_to());
        Unreadable::because(".", problem)
    })
}

/// Calls what may panic, in a library or in code of the application, where nothing hangs on its outcome.
pub(crate) fn caught<R>(call: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}

/// The same of what has been called before: if it panicked then, that has been told.
pub(super) fn caught_again<R>(call: impl FnOnce() -> R) -> Option<R> {
    telemetry::catch(call).ok()
}

/// Says where reading failed, by the place that the error names. (Following the path while reading would cost time,
/// and twice the code.)
fn locate(text: &str, error: &serde_json::Error) -> Unreadable {
    let lines: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    Unreadable::because(
        &path_at(text.as_bytes(), lines + error.column()),
        redact(&error.to_string()),
    )
}

/// What Serde calls the values that it quotes.
const QUOTED: [&str; 6] = [
    "string ",
    "character ",
    "unknown variant ",
    "integer ",
    "floating point ",
    "boolean ",
];

/// Serde quotes the value it met; a payload's values do not belong into logs.
pub(super) fn redact(message: &str) -> String {
    if let Some((problem, _)) = message.split_once("not a legal timestamp: ") {
        return format!("{problem}not a legal timestamp");
    }
    for kind in QUOTED {
        for quote in ['"', '`'] {
            let opening = format!("{kind}{quote}");
            if let Some(start) = message.find(&opening) {
                let end = [", expected", ", there are no"].into_iter().find_map(|what| {
                    let at = message.rfind(&format!("{quote}{what}"))?;
                    Some(at + 1)
                });
                let end = end.unwrap_or(message.len());
                let end = end.max(start + opening.len());
                return format!("{}{}", &message[..start + kind.len() - 1], &message[end..]);
            }
        }
    }
    message.to_owned()
}

/// The item is no such thing as its source documents.
#[derive(Debug)]
pub(crate) struct Unreadable {
    path: String,
    problem: String,
}

impl Unreadable {
    /// Reading the value at a path failed.
    #[cfg(feature = "http")]
    pub(crate) fn at(path: &str, error: &serde_json::Error) -> Self {
        Self {
            path: path.to_owned(),
            problem: redact(&error.to_string()),
        }
    }

    /// The value at a path is not what it should be.
    pub(crate) fn because(path: &str, problem: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }

    /// Reading failed somewhere in `text`.
    #[cfg(feature = "http")]
    pub(crate) fn inside(text: &str, error: &serde_json::Error) -> Self {
        locate(text, error)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unreadable at `{}`: {}", self.path, self.problem)
    }
}

impl std::error::Error for Unreadable {}

/// The item's name in its source's terms, from its raw text; `None` if any part of it is missing or empty.
pub(crate) fn identify<E: Event>(raw: &[u8], received: DateTime<Utc>) -> Option<String> {
    caught_again(|| name::<E>(raw, received)).flatten()
}

fn name<E: Event>(raw: &[u8], received: DateTime<Utc>) -> Option<String> {
    let mut object = open(&E::unpack(raw).ok()?)?;
    if object.get(E::ID.first()?).is_none() {
        E::mend(&mut object, received);
    }
    // Only a Kafka record is named by numbers; a sequence number that is no text is none that its source would take.
    let numbers = E::DELIVERY == Delivery::Partitions;
    let part = |path: &&str| text(&object.get(path)?, numbers);
    let parts: Option<Vec<String>> = E::ID.iter().map(part).collect();
    parts.map(|parts| parts.join("/"))
}

/// The lane of an item.
pub(crate) fn lane<E: Event>(item: &E::Item) -> Option<String> {
    caught(|| E::lane(item)).flatten()
}

/// The lane of an item that cannot be read.
pub(crate) fn lane_of<E: Event>(raw: &[u8]) -> Option<String> {
    let object = open(raw)?;
    caught(|| E::lane_of(&object)).flatten()
}

/// The text at a path.
pub(crate) fn text_at(raw: &[u8], path: &str) -> Option<String> {
    serde_json::from_str(open(raw)?.get(path)?.get()).ok()
}

/// A number at a path, be it in quotes.
pub(crate) fn number<T: FromStr>(raw: &[u8], path: &str) -> Option<T> {
    open(raw)?.get(path)?.get().trim_matches('"').parse().ok()
}

/// A byte that is no UTF-8 does not change what stands elsewhere.
fn open(raw: &[u8]) -> Option<Object> {
    Object::parse(String::from_utf8_lossy(raw).as_bytes())
}

fn text(value: &RawValue, numbers: bool) -> Option<String> {
    match value.get().as_bytes().first()? {
        b'0'..=b'9' if numbers => Some(value.get().to_owned()),
        _ => serde_json::from_str::<String>(value.get()).ok(),
    }
    .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_do_not_reach_messages() {
        let message = "invalid type: string \"se\\\"cret\", expected u64 at line 1 column 9";
        assert_eq!(
            redact(message),
            "invalid type: string, expected u64 at line 1 column 9"
        );
        for (message, told) in [
            (
                "invalid type: integer `4111111111111111`, expected a string",
                "invalid type: integer, expected a string",
            ),
            (
                "invalid type: floating point `1.5`, expected i64",
                "invalid type: floating point, expected i64",
            ),
            (
                "invalid type: boolean `true`, expected i64",
                "invalid type: boolean, expected i64",
            ),
            (
                "value is not a legal timestamp: 17",
                "value is not a legal timestamp",
            ),
            (
                "missing field `kinesis` at line 1 column 2",
                "missing field `kinesis` at line 1 column 2",
            ),
        ] {
            assert_eq!(redact(message), told);
        }
    }
}
