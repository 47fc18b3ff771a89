//! A number of DynamoDB: up to 38 digits, which are handed to a type as the type asks for them.

use serde::de::{Error, Unexpected, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// What a type asks a number to be.
pub(super) trait AskNumber {
    fn tell<'de, V: Visitor<'de>, E: Error>(digits: &str, visitor: V) -> Result<V::Value, E>;
}

/// Reads a number's text, and passes `visitor` what `A` makes of it.
pub(super) struct NumberText<V, A>(V, PhantomData<A>);

impl<V, A> NumberText<V, A> {
    pub(super) fn new(visitor: V) -> Self {
        Self(visitor, PhantomData)
    }
}

impl<'de, V: Visitor<'de>, A: AskNumber> Visitor<'de> for NumberText<V, A> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text of a number")
    }

    fn visit_str<E: Error>(self, digits: &str) -> Result<V::Value, E> {
        A::tell(digits, self.0)
    }
}

macro_rules! asks {
    ($($(#[$doc:meta])* $ask:ident: $type:ty, $visit:ident;)*) => {$(
        $(#[$doc])*
        pub(super) struct $ask;

        impl AskNumber for $ask {
            fn tell<'de, V: Visitor<'de>, E: Error>(digits: &str, visitor: V) -> Result<V::Value, E> {
                match parse::<$type>(digits) {
                    Some(number) => visitor.$visit(number),
                    None => Err(E::invalid_value(Unexpected::Other("number"), &visitor)),
                }
            }
        }
    )*};
}

asks! {
    Signed: i64, visit_i64;
    Unsigned: u64, visit_u64;
    WideSigned: i128, visit_i128;
    WideUnsigned: u128, visit_u128;
    Float: f64, visit_f64;
}

/// A whole number may be written with a fraction of zeros.
fn parse<N: FromStr>(digits: &str) -> Option<N> {
    let whole = || {
        let (whole, fraction) = digits.split_once('.')?;
        let zeros = !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0');
        zeros.then(|| whole.parse().ok()).flatten()
    };
    digits.parse().ok().or_else(whole)
}

/// The digits themselves: for decimals of any size.
pub(super) struct AllDigits;

impl AskNumber for AllDigits {
    fn tell<'de, V: Visitor<'de>, E: Error>(digits: &str, visitor: V) -> Result<V::Value, E> {
        visitor.visit_str(digits)
    }
}

/// Whatever holds all of the digits: a type that asks for anything takes what it is told.
pub(super) struct Any;

impl AskNumber for Any {
    fn tell<'de, V: Visitor<'de>, E: Error>(digits: &str, visitor: V) -> Result<V::Value, E> {
        if let Ok(number) = digits.parse::<u64>() {
            return visitor.visit_u64(number);
        }
        if let Ok(number) = digits.parse::<i64>() {
            return visitor.visit_i64(number);
        }
        match digits.parse::<f64>() {
            Ok(number) if is_all_of(number, digits) => visitor.visit_f64(number),
            _ => visitor.visit_str(digits),
        }
    }
}

/// Whether a float says as much as the digits do: up to 15 of them it always does.
fn is_all_of(number: f64, digits: &str) -> bool {
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    number.is_finite() && (count <= 15 || number.to_string() == digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde::de::value::{Error, StrDeserializer};
    use serde::de::{Deserializer, IntoDeserializer};
    use serde_json::{Value, json};

    fn any(digits: &str) -> Value {
        struct Read;
        impl<'de> Deserializer<'de> for Read2<'de> {
            type Error = Error;
            fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
                let text: StrDeserializer<'de, Error> = self.0.into_deserializer();
                text.deserialize_str(NumberText::<V, Any>::new(visitor))
            }
            serde::forward_to_deserialize_any! {
                bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
                newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
            }
        }
        struct Read2<'a>(&'a str);
        let _ = Read;
        Value::deserialize(Read2(digits)).unwrap()
    }

    #[test]
    fn a_type_that_takes_anything_gets_every_digit() {
        for (digits, expected) in [
            ("0", json!(0)),
            ("-1", json!(-1)),
            ("18446744073709551615", json!(u64::MAX)),
            ("129.95", json!(129.95)),
            ("0.30000000000000004", json!(0.30000000000000004)),
            ("18446744073709551616", json!("18446744073709551616")),
            (
                "0.1234567890123456789012345678901234567",
                json!("0.1234567890123456789012345678901234567"),
            ),
        ] {
            assert_eq!(any(digits), expected, "{digits}");
        }
    }

    #[test]
    fn a_whole_number_may_have_a_fraction_of_zeros() {
        assert_eq!(parse::<i64>("-5.00"), Some(-5));
        assert_eq!(parse::<i64>("5.01"), None);
        assert_eq!(parse::<u8>("5."), None);
        assert_eq!(parse::<f64>("5.01"), Some(5.01));
    }
}
