//! Reads the times of an item as they are written. `aws_lambda_events` 1.2 drops trailing zeros of a fraction and takes
//! the rest as milliseconds (half a second reads as 5 ms), is a millisecond short if the fraction is not exact in
//! binary, and panics on fractions of a millisecond.

use super::Event;
use super::respell::{MILLISECONDS, timestamp};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::Number;
use std::cell::Cell;
use std::fmt;

/// How many times an item may have.
const MAX_TIMES: usize = 2;

/// An item with its [`Event::TIMESTAMPS`] as they are written. It is boxed when it is read: a record is large, and
/// moves many times before a handler has it.
pub(super) struct Timed<E: Event>(pub(super) Box<E::Item>);

impl<'de, E: Event> Deserialize<'de> for Timed<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const {
            assert!(
                E::TIMESTAMPS.len() <= MAX_TIMES,
                "an item has at most 2 timestamps"
            )
        };
        // A constant, so that the code for the other case is not made: it is all that reads the item, once more.
        if const { E::TIMESTAMPS.is_empty() } {
            return Box::deserialize(deserializer).map(Self);
        }
        let written = Cell::new(Times::default());
        let aside = TimestampReader {
            inner: deserializer,
            written: &written,
        };
        let mut item = Box::<E::Item>::deserialize(aside)?;
        let times = written.get();
        for place in E::TIMESTAMPS {
            if let Some(time) = place(&mut item) {
                times.put(time);
            }
        }
        Ok(Self(item))
    }
}

/// The times found so far. In the item, each is replaced by its index, as that many seconds since 1970.
#[derive(Clone, Copy, Default)]
struct Times {
    written: [DateTime<Utc>; MAX_TIMES],
    count: usize,
}

impl Times {
    /// Puts the time in its place.
    fn put(&self, place: &mut DateTime<Utc>) {
        let number = usize::try_from(place.timestamp()).ok();
        if let Some(time) = number.and_then(|number| self.written[..self.count].get(number)) {
            *place = *time;
        }
    }
}

/// A deserializer that sets timestamps aside, and passes on their indices.
struct TimestampReader<'t, T> {
    inner: T,
    written: &'t Cell<Times>,
}

impl<'t, T> TimestampReader<'t, T> {
    fn around<U>(&self, inner: U) -> TimestampReader<'t, U> {
        TimestampReader {
            inner,
            written: self.written,
        }
    }
}

macro_rules! forward {
    ($($method:ident($($name:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($name,)* visitor)
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for TimestampReader<'_, D> {
    type Error = D::Error;

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        // A number that the library reads as that many seconds.
        let (micros, numbers) = match name {
            "SecondTimestamp" => (1_000_000.0, ["0", "1"]),
            "MillisecondTimestamp" => (1_000.0, ["0", "1000"]),
            _ => return self.inner.deserialize_newtype_struct(name, visitor),
        };
        let mut times = self.written.get();
        let Some((place, number)) = times.written.get_mut(times.count).zip(numbers.get(times.count)) else {
            return self.inner.deserialize_newtype_struct(name, visitor);
        };
        *place = self.inner.deserialize_any(TimeVisitor { micros })?;
        times.count += 1;
        self.written.set(times);
        visitor.visit_newtype_struct(BorrowedStrDeserializer::new(number))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.around(visitor);
        self.inner.deserialize_option(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.around(visitor);
        self.inner.deserialize_struct(name, fields, visitor)
    }

    /// Called for structs with `flatten`.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self.around(visitor);
        self.inner.deserialize_map(visitor)
    }

    forward! {
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str() deserialize_string()
        deserialize_bytes() deserialize_byte_buf() deserialize_unit()
        deserialize_unit_struct(name: &'static str) deserialize_seq() deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier() deserialize_ignored_any()
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for TimestampReader<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let inner = self.around(inner);
        self.inner.visit_some(inner)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        let map = self.around(map);
        self.inner.visit_map(map)
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for TimestampReader<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.inner.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let seed = self.around(seed);
        self.inner.next_value_seed(seed)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for TimestampReader<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let deserializer = self.around(deserializer);
        self.inner.deserialize(deserializer)
    }
}

/// A time written as a number, as a number in quotes, or as text.
struct TimeVisitor {
    /// How many microseconds its unit has.
    micros: f64,
}

impl TimeVisitor {
    fn at<E: Error>(self, number: f64) -> Result<DateTime<Utc>, E> {
        // If seconds are expected, a number that would be too far in the future is milliseconds.
        let micros = match number.abs() < MILLISECONDS {
            true => self.micros,
            false => 1_000.0,
        };
        // Out of range becomes the largest number, which is not a valid time either.
        let time = DateTime::from_timestamp_micros((number * micros).round() as i64);
        time.filter(|_| number.is_finite())
            .ok_or_else(|| E::custom("not a Unix timestamp"))
    }
}

impl<'de> Visitor<'de> for TimeVisitor {
    type Value = DateTime<Utc>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Unix timestamp")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<DateTime<Utc>, E> {
        self.at(number as f64)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<DateTime<Utc>, E> {
        self.at(number as f64)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<DateTime<Utc>, E> {
        self.at(number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<DateTime<Utc>, E> {
        timestamp(text).map_or_else(|| self.at(text.parse().unwrap_or(f64::NAN)), Ok)
    }

    /// How a `serde_json` with the feature `arbitrary_precision` represents a number.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DateTime<Utc>, A::Error> {
        let number = Number::deserialize(MapAccessDeserializer::new(map))?;
        self.at(number.as_f64().unwrap_or(f64::NAN))
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use aws_lambda_events::kinesis::KinesisEvent;
    use proptest::prelude::*;

    /// The time of an item as it is read.
    fn time<E: Event>(raw: &str) -> Result<DateTime<Utc>, String> {
        let mut read = read::<E>(raw.as_bytes(), Utc::now()).map_err(|error| error.to_string())?;
        Ok(*E::TIMESTAMPS[0](&mut read.item).unwrap())
    }

    fn kinesis(written: &str) -> Result<DateTime<Utc>, String> {
        time::<KinesisEvent>(&format!(
            r#"{{"eventID":"shardId-0:1","kinesis":{{"data":"eA==","partitionKey":"k","sequenceNumber":"1",
            "approximateArrivalTimestamp":{written}}}}}"#
        ))
    }

    #[cfg(all(feature = "firehose", feature = "kafka"))]
    fn firehose(written: &str) -> Result<DateTime<Utc>, String> {
        time::<aws_lambda_events::firehose::KinesisFirehoseEvent>(&format!(
            r#"{{"recordId":"1","data":"eA==","approximateArrivalTimestamp":{written}}}"#
        ))
    }

    #[cfg(all(feature = "firehose", feature = "kafka"))]
    fn kafka(written: &str) -> Result<DateTime<Utc>, String> {
        time::<aws_lambda_events::kafka::KafkaEvent>(&format!(
            r#"{{"topic":"t","partition":0,"offset":1,"timestamp":{written},"timestampType":"CREATE_TIME","headers":[]}}"#
        ))
    }

    fn millis(time: Result<DateTime<Utc>, String>) -> f64 {
        time.unwrap().timestamp_micros() as f64 / 1000.0
    }

    #[test]
    fn zeros_at_the_end_of_a_fraction_count() {
        for (written, read) in [
            ("1545084650.987", 1_545_084_650_987.0),
            ("1545084650.98", 1_545_084_650_980.0),
            ("1545084650.5", 1_545_084_650_500.0),
            ("1545084650.05", 1_545_084_650_050.0),
            ("1545084650.0", 1_545_084_650_000.0),
            ("1545084650", 1_545_084_650_000.0),
            ("1.54508465098E9", 1_545_084_650_980.0),
            ("1545084650.987654", 1_545_084_650_987.654),
            ("\"1545084650.98\"", 1_545_084_650_980.0),
            ("1545084650987", 1_545_084_650_987.0),
            ("\"2018-12-17T22:10:50.987\"", 1_545_084_650_987.0),
            ("\"2018-12-17T22:10:50.987+0000\"", 1_545_084_650_987.0),
        ] {
            assert_eq!(millis(kinesis(written)), read, "{written}");
        }
    }

    #[test]
    fn an_invalid_time_is_named_by_its_path_and_not_quoted() {
        for (written, problem) in [
            ("\"secret\"", "not a Unix timestamp"),
            ("\"NaN\"", "not a Unix timestamp"),
            ("1e300", "not a Unix timestamp"),
            ("-1e300", "not a Unix timestamp"),
            ("true", "invalid type: boolean, expected a Unix timestamp"),
            ("[]", "invalid type: sequence, expected a Unix timestamp"),
            ("{}", "invalid type: map, expected a JSON number"),
        ] {
            let error = kinesis(written).unwrap_err();
            let expected = format!("unreadable at `kinesis.approximateArrivalTimestamp`: {problem}");
            assert_eq!(error, expected, "{written}");
        }
    }

    proptest! {
        #[test]
        fn a_time_in_seconds_is_read_to_the_millisecond(time in 0i64..4_000_000_000_000) {
            let written = format!("{}.{:03}", time / 1000, time % 1000);
            prop_assert_eq!(kinesis(&written).unwrap().timestamp_micros(), time * 1000);
            let shortest = (time as f64 / 1000.0).to_string();
            prop_assert_eq!(kinesis(&shortest).unwrap().timestamp_micros(), time * 1000);
        }

        #[cfg(all(feature = "firehose", feature = "kafka"))]
        #[test]
        fn a_time_in_milliseconds_is_read_to_the_millisecond(time in 0i64..4_000_000_000_000) {
            let written = time.to_string();
            prop_assert_eq!(firehose(&written).unwrap().timestamp_micros(), time * 1000);
            prop_assert_eq!(kafka(&written).unwrap().timestamp_micros(), time * 1000);
        }
    }

    #[cfg(all(feature = "firehose", feature = "kafka"))]
    #[test]
    fn a_fraction_of_a_millisecond_is_read() {
        assert_eq!(millis(firehose("1545084650987.5")), 1_545_084_650_987.5);
        assert_eq!(millis(kafka("1545084650987.5")), 1_545_084_650_987.5);
    }
}
