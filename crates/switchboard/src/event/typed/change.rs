//! Changes of items in DynamoDB, with their images as a type of the application.

use super::attribute::{Attribute, ItemJson};
use super::plain::RecordBefore;
use super::record::{FromRecord, Record};
use crate::event::read::{Mended, Unreadable, locate, read_json, text_of};
use aws_lambda_events::dynamodb;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::marker::PhantomData;

/// One change of an item in a DynamoDB table, its images read into a type of yours.
///
/// An image is read as [`serde_dynamo`](https://docs.rs/serde_dynamo) reads items, but straight from the payload. Numbers are
/// exact: a field gets the digits as its type asks for them, so an `i64`, a `u128` or an `f64` is parsed from them, and a `String`
/// holds all 38 of them, as does a decimal type that reads itself from text.
///
/// Which images there are is up to the stream's view type: `new` and `old` are `None` with `KEYS_ONLY`.
///
/// # Example
///
/// ```
/// use serde::Deserialize;
/// use switchboard::{Change, ChangeKind, Context, Failure, Router};
///
/// #[derive(Deserialize)]
/// struct Order {
///     id: String,
///     total: String,
///     state: State,
/// }
///
/// #[derive(Deserialize, PartialEq)]
/// #[serde(rename_all = "lowercase")]
/// enum State {
///     Open,
///     Paid,
/// }
///
/// async fn on_change(change: Change<Order>, _cx: Context<()>) -> Result<(), Failure> {
///     match (change.kind, change.old, change.new) {
///         (ChangeKind::Modify, Some(old), Some(new)) if old.state != new.state => {
///             tracing::info!(new.id, new.total, paid = new.state == State::Paid, "the order's state has changed");
///         }
///         _ => {}
///     }
///     Ok(())
/// }
///
/// let router = Router::new(()).dynamodb(on_change);
/// # let _ = router;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change<T> {
    /// What happened to the item.
    pub kind: ChangeKind,
    /// The item's key.
    pub keys: Keys,
    /// The item before the change.
    pub old: Option<T>,
    /// The item after the change.
    pub new: Option<T>,
}

/// What happened to an item: the record's `eventName`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
pub enum ChangeKind {
    /// The item is new.
    Insert,
    /// The item has changed.
    Modify,
    /// The item is gone, by a call or because its time to live has passed.
    Remove,
}

/// An item's key. It is kept as it came, and read when asked for.
#[derive(Clone, Debug)]
pub struct Keys {
    written: Box<RawValue>,
}

impl Keys {
    /// The key as a type of yours.
    ///
    /// # Errors
    /// The key is not what the type takes.
    ///
    /// # Example
    ///
    /// ```
    /// use serde::Deserialize;
    /// use switchboard::{Change, Context, Failure};
    ///
    /// #[derive(Deserialize)]
    /// struct Line {
    ///     order: String,
    ///     line: u32,
    /// }
    ///
    /// async fn on_change(change: Change<serde_json::Value>, _cx: Context<()>) -> Result<(), Failure> {
    ///     let Line { order, line } = change.keys.read()?;
    ///     tracing::info!(order, line, "a line of an order");
    ///     Ok(())
    /// }
    /// # let _ = switchboard::Router::new(()).dynamodb(on_change);
    /// ```
    pub fn read<K: DeserializeOwned>(&self) -> Result<K, Unreadable> {
        let text = self.written.get();
        K::deserialize(ItemJson(&mut serde_json::Deserializer::from_str(text)))
            .map_err(|error| locate(text, &error).of_part("keys"))
    }

    /// One attribute of the key.
    ///
    /// # Errors
    /// It is not what the type takes, or there is none.
    pub fn get<K: DeserializeOwned>(&self, name: &str) -> Result<K, Unreadable> {
        let text = self.written.get();
        let mut entries = crate::source::Entries::of(text).into_iter().flatten();
        let Some((_, attribute)) = entries.find(|(key, _)| key == name) else {
            return Err(Unreadable::because(name, "there is none").of_part("keys"));
        };
        K::deserialize(Attribute(&mut serde_json::Deserializer::from_str(attribute)))
            .map_err(|error| Unreadable::at(name, &error).of_part("keys"))
    }

    /// The key in DynamoDB's JSON, as it came.
    #[must_use]
    pub fn raw(&self) -> &str {
        self.written.get()
    }
}

/// A record as it is written. Of a duplicate key, the last value counts.
struct WrittenChange<T> {
    event_name: ChangeKind,
    dynamodb: Images<T>,
}

struct Images<T> {
    keys: Box<RawValue>,
    new_image: Image<T>,
    old_image: Image<T>,
}

/// Reads an object member by member: those that are named, and passes over the others.
macro_rules! members {
    ($object:ident<T>, $key:ident, {$($name:literal: $member:ident $(or $default:expr)?;)*}) => {
        #[derive(Deserialize)]
        #[expect(non_camel_case_types, reason = "they are named as the members")]
        enum $key {
            $(#[serde(rename = $name)] $member,)*
            #[serde(other)]
            _other,
        }

        impl<'de, T: DeserializeOwned> Deserialize<'de> for $object<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members<T>(PhantomData<T>);

                impl<'de, T: DeserializeOwned> Visitor<'de> for Members<T> {
                    type Value = $object<T>;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<$object<T>, A::Error> {
                        $(let mut $member = None;)*
                        while let Some(key) = map.next_key()? {
                            match key {
                                $($key::$member => $member = Some(map.next_value()?),)*
                                $key::_other => drop(map.next_value::<IgnoredAny>()?),
                            }
                        }
                        Ok($object {
                            $($member: match $member {
                                Some(member) => member,
                                None => members!(@missing A, $name, $($default)?),
                            },)*
                        })
                    }
                }

                deserializer.deserialize_map(Members(PhantomData))
            }
        }
    };
    (@missing $map:ident, $name:literal,) => { return Err($map::Error::missing_field($name)) };
    (@missing $map:ident, $name:literal, $default:expr) => { $default };
}

members!(WrittenChange<T>, ChangeMember, {
    "eventName": event_name;
    "dynamodb": dynamodb;
});

members!(Images<T>, ImageMember, {
    "Keys": keys;
    "NewImage": new_image or Image(None);
    "OldImage": old_image or Image(None);
});

/// An image, if there is one.
struct Image<T>(Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Image<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Maybe<T>(PhantomData<T>);

        impl<'de, T: DeserializeOwned> Visitor<'de> for Maybe<T> {
            type Value = Option<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an item")
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
                T::deserialize(ItemJson(deserializer)).map(Some)
            }

            fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
                Ok(None)
            }

            fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
                Ok(None)
            }
        }

        deserializer.deserialize_option(Maybe(PhantomData)).map(Self)
    }
}

impl<T> From<WrittenChange<T>> for Change<T> {
    fn from(written: WrittenChange<T>) -> Self {
        let Images {
            keys,
            new_image,
            old_image,
        } = written.dynamodb;
        Self {
            kind: written.event_name,
            keys: Keys { written: keys },
            old: old_image.0,
            new: new_image.0,
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> FromRecord<dynamodb::Event> for Change<T> {
    fn from_record(record: Record<'_, dynamodb::Event>) -> Result<Self, Unreadable> {
        read_json::<WrittenChange<T>>(record.raw().as_bytes()).map(Self::from)
    }

    /// Images are read in the pass that checks the record.
    fn read_first<'p>(
        text: &'p str,
        _: DateTime<Utc>,
        _: &mut RecordBefore<'p>,
    ) -> Option<(Mended<Box<Self>>, usize)> {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<WrittenChange<T>>();
        let change = values.next()?.ok()?;
        Some((Mended::plain(change.into()), values.byte_offset()))
    }

    fn read(raw: &[u8], _: DateTime<Utc>) -> Result<Mended<Box<Self>>, Unreadable> {
        let text = text_of(raw)?;
        read_json::<WrittenChange<T>>(text.as_bytes()).map(|written| Mended::plain(written.into()))
    }
}

#[cfg(test)]
mod tests;
