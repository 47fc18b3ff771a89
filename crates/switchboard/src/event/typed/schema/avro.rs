//! A body that is an Avro datum.

use super::registered::{FromRegistered, Registered};
use crate::bounds::Bounds;
use crate::event::Unreadable;
use crate::event::redact::redacted;
use apache_avro::error::Details;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::schema::Name;
use apache_avro::{Error, Schema, from_value};
use serde::de::{DeserializeOwned, Deserializer};
use serde::{Deserialize, de};
use std::cell::Cell;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::{OnceLock, PoisonError, RwLock};

/// A type that is read from Avro, and the schemas that it is read with.
///
/// # Example
///
/// ```
/// use serde::Deserialize;
/// use switchboard::event::{Avro, AvroRecord};
/// use switchboard::{Context, Failure, Router};
///
/// #[derive(Deserialize)]
/// struct Order {
///     id: i64,
///     customer: String,
/// }
///
/// impl AvroRecord for Order {
///     // Or `include_str!("order.avsc")`.
///     const SCHEMA: &'static str = r#"{"type": "record", "name": "Order", "fields": [
///         {"name": "id", "type": "long"},
///         {"name": "customer", "type": "string", "default": ""}
///     ]}"#;
///
///     fn written_with(schema_id: &str) -> Option<&'static str> {
///         // The first version had no customers.
///         let first = r#"{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}]}"#;
///         (schema_id == "1001").then_some(first)
///     }
/// }
///
/// async fn on_order(Avro(order): Avro<Order>, _cx: Context<()>) -> Result<(), Failure> {
///     tracing::info!(order.id, order.customer, "an order");
///     Ok(())
/// }
///
/// let router = Router::new(()).kafka(on_order);
/// # let _ = router;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no Avro schema",
    label = "`Avro` cannot read this",
    note = "implement `switchboard::event::AvroRecord` for it: `const SCHEMA: &'static str = include_str!(\"….avsc\");`"
)]
pub trait AvroRecord: DeserializeOwned + Send + 'static {
    /// The schema of the type, as JSON. A schema that contains itself is not read: data could nest as deep as it is long.
    const SCHEMA: &'static str;

    /// Whether data that the event source mapping says nothing of begins with the header of a schema registry, Confluent's or Glue's.
    /// Avro itself does not tell: turn it off for producers without a registry.
    const HAS_HEADER: bool = true;

    /// The schema that data was written with, by its id in the registry: a number, or a UUID. `None`, the default, for
    /// [`AvroRecord::SCHEMA`]. If it is another one, the data is brought into the form of `SCHEMA`, as Avro resolves schemas.
    fn written_with(schema_id: &str) -> Option<&'static str> {
        let _ = schema_id;
        None
    }
}

/// A record's body, read as Avro into a type of yours: see [`AvroRecord`].
///
/// It has a header of a schema registry, or the event source mapping has taken it away. Data that does not fit is that record's failure
/// or rejection, as any body that does not fit; the error says where in the data, and does not quote it.
///
/// The first such body sets `apache_avro`'s limit of what data may take in memory to the one of [`bounds`](crate::bounds), unless the
/// application has set it before.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Avro<T>(pub T);

impl<T> Deref for Avro<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Avro<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: AvroRecord> FromRegistered for Avro<T> {
    const FORMAT: &'static str = "AVRO";
    const MAY_BE_BARE: bool = !T::HAS_HEADER;

    fn from_registered(registered: Registered<'_>) -> Result<Self, Unreadable> {
        let id = registered.schema.as_ref().map(|(_, id)| &**id);
        let written = id.and_then(T::written_with).unwrap_or(T::SCHEMA);
        let reader = reader(written, T::SCHEMA).map_err(|problem| Unreadable::because(".", problem))?;
        let data = &*registered.data;
        reader.read(data).map(Self).map_err(|error| {
            let path = reader.path_of::<T>(data).unwrap_or_else(|| ".".to_owned());
            Unreadable::because(&path, problem(&error))
        })
    }
}

/// A reader of data that was written with one schema and is read with the same or another.
struct AvroReader(GenericDatumReader<'static>);

/// The reader for two schemas. It lives as long as the process, as the schemas' texts do.
fn reader(written: &'static str, read: &'static str) -> Result<&'static AvroReader, String> {
    type Readers = HashMap<[usize; 4], Result<&'static AvroReader, String>>;
    static READERS: OnceLock<RwLock<Readers>> = OnceLock::new();
    let readers = READERS.get_or_init(RwLock::default);
    // By their places: the texts need not be read again.
    let key = [
        written.as_ptr().addr(),
        written.len(),
        read.as_ptr().addr(),
        read.len(),
    ];
    if let Some(reader) = readers.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return reader.clone();
    }
    let mut readers = readers.write().unwrap_or_else(PoisonError::into_inner);
    readers
        .entry(key)
        .or_insert_with(|| AvroReader::new(written, read))
        .clone()
}

impl AvroReader {
    fn new(written: &'static str, read: &'static str) -> Result<&'static Self, String> {
        apache_avro::util::max_allocation_bytes(Bounds::of_process().unpacked());
        let same = written == read;
        let written = parsed(written)?;
        let reader = match same {
            true => GenericDatumReader::builder(written).build(),
            false => GenericDatumReader::builder(written)
                .reader_schema(parsed(read)?)
                .build(),
        };
        let reader = reader.map_err(|error| format!("the schema cannot be used: {error}"))?;
        Ok(Box::leak(Box::new(Self(reader))))
    }

    /// By way of Avro's own values: what reads types at once refuses a struct whose name is not that of the schema's record.
    fn read<T: DeserializeOwned>(&self, mut data: &[u8]) -> Result<T, Error> {
        let value = from_value(&self.0.read_value(&mut data)?)?;
        match data.len() {
            0 => Ok(value),
            more => Err(de::Error::custom(format!("{more}{LEFT}"))),
        }
    }

    /// Where reading fails. Only then the path is followed, which takes time.
    #[cold]
    fn path_of<T: DeserializeOwned>(&self, data: &[u8]) -> Option<String> {
        let _ = PATH.take();
        let _ = self.read::<Followed<T>>(data);
        PATH.take()
    }
}

thread_local! {
    /// Where the last reading failed: an error of Avro has no place for it.
    static PATH: Cell<Option<String>> = const { Cell::new(None) };
}

struct Followed<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Followed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_path_to_error::deserialize(deserializer)
            .map(|_: T| Self(PhantomData))
            .map_err(|error| {
                PATH.set(Some(error.path().to_string()));
                error.into_inner()
            })
    }
}

fn parsed(text: &str) -> Result<&'static Schema, String> {
    let schema =
        Schema::parse_str(text).map_err(|error| format!("its schema is not one of Avro: {error}"))?;
    match contains_itself(&schema) {
        true => Err("its schema contains itself: data could nest as deep as it is long".to_owned()),
        false => Ok(Box::leak(Box::new(schema))),
    }
}

/// Whether a record is part of itself.
fn contains_itself(schema: &Schema) -> bool {
    fn within(schema: &Schema, outer: &mut Vec<Name>) -> bool {
        match schema {
            Schema::Ref { name } => outer.contains(name),
            Schema::Array(array) => within(&array.items, outer),
            Schema::Map(map) => within(&map.types, outer),
            Schema::Union(union) => union.variants().iter().any(|schema| within(schema, outer)),
            Schema::Record(record) => {
                outer.push(record.name.clone());
                let found = record.fields.iter().any(|field| within(&field.schema, outer));
                outer.pop();
                found
            }
            _ => false,
        }
    }
    within(schema, &mut Vec::new())
}

/// How serde's own messages begin, whose quotations are known.
const SERDE: [&str; 7] = [
    "missing field ",
    "unknown field ",
    "duplicate field ",
    "unknown variant ",
    "invalid type: ",
    "invalid value: ",
    "invalid length ",
];

const LEFT: &str = " bytes are left: it was written with another schema";

/// What is wrong, without the values that the errors of Avro quote.
fn problem(error: &Error) -> String {
    match error.details() {
        Details::DeserializeValue(text) if text.ends_with(LEFT) => text.clone(),
        Details::DeserializeValue(text) if SERDE.iter().any(|start| text.starts_with(start)) => {
            redacted(text)
        }
        Details::DeserializeValue(_) => "the schema has another type there than the handler's".to_owned(),
        Details::MemoryAllocation { .. } => {
            "it says that it is longer than the function's memory allows".to_owned()
        }
        _ => "it is not what its schema says".to_owned(),
    }
}
