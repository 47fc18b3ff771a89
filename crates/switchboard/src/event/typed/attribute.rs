//! Reads DynamoDB's JSON (`{"S":"…"}`, `{"N":"…"}`) into any type, straight from the text: no value of DynamoDB's own is made.

use super::number::{self, NumberText};
use crate::event::base64::decode;
use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use std::fmt;
use std::marker::PhantomData;

/// An item: an object of attributes. `D` reads the JSON.
pub(super) struct ItemJson<D>(pub(super) D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ItemJson<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(MemberVisitor(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Variants(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_ignored_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}

/// Tells a visitor an object's members, each an attribute.
struct MemberVisitor<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for MemberVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(AttributeMembers(map))
    }
}

/// Tells a visitor the one member of an object, which is a variant's.
struct Variants<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Variants<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0
            .visit_enum(MapAccessDeserializer::new(AttributeMembers(map)))
    }
}

struct AttributeMembers<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for AttributeMembers<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Seed(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

/// Reads an attribute as something.
struct Seed<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Attribute(deserializer))
    }
}

/// An attribute: an object whose one key is the type of its value.
pub(super) struct Attribute<D>(pub(super) D);

/// What a type asks an attribute's value to be.
trait AskValue {
    fn ask<'de, D, V>(value: Value<D>, visitor: V) -> Result<V::Value, D::Error>
    where
        D: Deserializer<'de>,
        V: Visitor<'de>;
}

/// Opens an attribute, then asks its value.
macro_rules! attribute {
    ($($ask:ident: $method:ident($($argument:ident: $type:ty),*);)*) => {
        $(
            struct $ask;

            impl AskValue for $ask {
                fn ask<'de, D, V>(value: Value<D>, visitor: V) -> Result<V::Value, D::Error>
                where
                    D: Deserializer<'de>,
                    V: Visitor<'de>,
                {
                    // Neither names nor lengths make a difference to a value.
                    $(let $argument: $type = Default::default();)*
                    value.$method($($argument,)* visitor)
                }
            }
        )*

        impl<'de, D: Deserializer<'de>> Deserializer<'de> for Attribute<D> {
            type Error = D::Error;

            $(
                fn $method<V: Visitor<'de>>(self, $(_: $type,)* visitor: V) -> Result<V::Value, D::Error> {
                    self.0.deserialize_map(OpenAttribute(visitor, PhantomData::<$ask>))
                }
            )*

            fn deserialize_newtype_struct<V: Visitor<'de>>(
                self,
                _: &'static str,
                visitor: V,
            ) -> Result<V::Value, D::Error> {
                visitor.visit_newtype_struct(self)
            }

            fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
                self.0.deserialize_ignored_any(visitor)
            }
        }
    };
}

attribute! {
    Any: deserialize_any();
    Bool: deserialize_bool();
    I8: deserialize_i8();
    I16: deserialize_i16();
    I32: deserialize_i32();
    I64: deserialize_i64();
    I128: deserialize_i128();
    U8: deserialize_u8();
    U16: deserialize_u16();
    U32: deserialize_u32();
    U64: deserialize_u64();
    U128: deserialize_u128();
    F32: deserialize_f32();
    F64: deserialize_f64();
    Char: deserialize_char();
    Str: deserialize_str();
    Text: deserialize_string();
    Bytes: deserialize_bytes();
    ByteBuf: deserialize_byte_buf();
    Maybe: deserialize_option();
    Unit: deserialize_unit();
    UnitStruct: deserialize_unit_struct(name: &'static str);
    Seq: deserialize_seq();
    Tuple: deserialize_tuple(length: usize);
    TupleStruct: deserialize_tuple_struct(name: &'static str, length: usize);
    Map: deserialize_map();
    Struct: deserialize_struct(name: &'static str, fields: &'static [&'static str]);
    Enum: deserialize_enum(name: &'static str, variants: &'static [&'static str]);
    Identifier: deserialize_identifier();
}

struct OpenAttribute<V, A>(V, PhantomData<A>);

impl<'de, V: Visitor<'de>, A: AskValue> Visitor<'de> for OpenAttribute<V, A> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute of DynamoDB")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<V::Value, M::Error> {
        let Some(tag) = map.next_key()? else {
            return Err(M::Error::custom("an attribute of DynamoDB has a type"));
        };
        let value = map.next_value_seed(TypedValue::<V, A>(tag, self.0, PhantomData))?;
        match map.next_key::<IgnoredAny>()? {
            None => Ok(value),
            Some(_) => Err(M::Error::custom("an attribute of DynamoDB has one type")),
        }
    }
}

/// Reads a value whose type is already known.
struct TypedValue<V, A>(Tag, V, PhantomData<A>);

impl<'de, V: Visitor<'de>, A: AskValue> DeserializeSeed<'de> for TypedValue<V, A> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<V::Value, D::Error> {
        A::ask(Value { tag: self.0, json }, self.1)
    }
}

/// The types of DynamoDB.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tag {
    S,
    N,
    B,
    Bool,
    Null,
    M,
    L,
    Ss,
    Ns,
    Bs,
}

impl Tag {
    /// What an error calls a value of it.
    fn name(self) -> &'static str {
        match self {
            Self::S => "string",
            Self::N => "number",
            Self::B => "binary",
            Self::Bool => "boolean",
            Self::Null => "null",
            Self::M => "map",
            Self::L => "list",
            Self::Ss => "string set",
            Self::Ns => "number set",
            Self::Bs => "binary set",
        }
    }
}

impl<'de> serde::Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Tag;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a type of DynamoDB")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Tag, E> {
                Ok(match name {
                    "S" => Tag::S,
                    "N" => Tag::N,
                    "B" => Tag::B,
                    "BOOL" => Tag::Bool,
                    "NULL" => Tag::Null,
                    "M" => Tag::M,
                    "L" => Tag::L,
                    "SS" => Tag::Ss,
                    "NS" => Tag::Ns,
                    "BS" => Tag::Bs,
                    _ => return Err(E::custom("not a type of DynamoDB")),
                })
            }
        }

        deserializer.deserialize_str(Name)
    }
}

/// A value whose type is known.
struct Value<D> {
    tag: Tag,
    json: D,
}

impl<'de, D: Deserializer<'de>> Value<D> {
    fn unexpected<V: Visitor<'de>>(&self, visitor: &V) -> D::Error {
        D::Error::invalid_type(Unexpected::Other(self.tag.name()), visitor)
    }

    fn number<A: number::AskNumber, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match self.tag {
            Tag::N => self.json.deserialize_str(NumberText::<V, A>::new(visitor)),
            _ => Err(self.unexpected(&visitor)),
        }
    }
}

macro_rules! numbers {
    ($($ask:ident: $($method:ident)*;)*) => {$($(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.number::<number::$ask, V>(visitor)
        }
    )*)*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Value<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match self.tag {
            Tag::S => self.json.deserialize_str(visitor),
            Tag::N => self.number::<number::Any, V>(visitor),
            Tag::B => self.deserialize_byte_buf(visitor),
            Tag::Bool => self.json.deserialize_bool(visitor),
            Tag::Null => self.deserialize_unit(visitor),
            Tag::M => self.json.deserialize_map(MemberVisitor(visitor)),
            Tag::L | Tag::Ss | Tag::Ns | Tag::Bs => self.deserialize_seq(visitor),
        }
    }

    numbers! {
        Signed: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64;
        Unsigned: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64;
        WideSigned: deserialize_i128;
        WideUnsigned: deserialize_u128;
        Float: deserialize_f32 deserialize_f64;
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match self.tag {
            Tag::Bool => self.json.deserialize_bool(visitor),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    /// A number's digits are a text as well: that is how a decimal keeps all 38 of them.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match self.tag {
            Tag::S => self.json.deserialize_str(visitor),
            Tag::N => self.number::<number::AllDigits, V>(visitor),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match self.tag {
            Tag::B => self.json.deserialize_str(Base64(visitor)),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match self.tag {
            Tag::Null => {
                self.json.deserialize_ignored_any(IgnoredAny)?;
                visitor.visit_none()
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match self.tag {
            Tag::Null => {
                self.json.deserialize_ignored_any(IgnoredAny)?;
                visitor.visit_unit()
            }
            _ => Err(self.unexpected(&visitor)),
        }
    }

    /// Also the bytes of a binary: a `Vec<u8>` asks for a list.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let element = match self.tag {
            Tag::L => None,
            Tag::Ss => Some(Tag::S),
            Tag::Ns => Some(Tag::N),
            Tag::Bs => Some(Tag::B),
            Tag::B => return self.json.deserialize_str(Base64Bytes(visitor)),
            _ => return Err(self.unexpected(&visitor)),
        };
        self.json.deserialize_seq(ListVisitor { visitor, element })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match self.tag {
            Tag::M => self.json.deserialize_map(MemberVisitor(visitor)),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        match self.tag {
            Tag::L => self.deserialize_seq(visitor),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        match self.tag {
            Tag::S => visitor.visit_enum(UnitVariant(self.json)),
            Tag::M => self.json.deserialize_map(Variants(visitor)),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.json.deserialize_ignored_any(visitor)
    }
}

/// Tells a visitor a list's elements: attributes, or values of one type.
struct ListVisitor<V> {
    visitor: V,
    element: Option<Tag>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for ListVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        let element = self.element;
        self.visitor.visit_seq(AttributeElements { list, element })
    }
}

struct AttributeElements<A> {
    list: A,
    element: Option<Tag>,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for AttributeElements<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        match self.element {
            Some(tag) => self.list.next_element_seed(OfType(tag, seed)),
            None => self.list.next_element_seed(Seed(seed)),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        self.list.size_hint()
    }
}

/// Reads an element of a set as something.
struct OfType<S>(Tag, S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for OfType<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<S::Value, D::Error> {
        self.1.deserialize(Value { tag: self.0, json })
    }
}

/// Passes a visitor the bytes that a text encodes.
struct Base64<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Base64<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("base64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        match decode(text) {
            Some(bytes) => self.0.visit_byte_buf(bytes),
            None => Err(E::custom("a binary that is not base64")),
        }
    }
}

/// The same, as a list.
struct Base64Bytes<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Base64Bytes<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("base64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        let bytes = decode(text).ok_or_else(|| E::custom("a binary that is not base64"))?;
        let list = serde::de::value::SeqDeserializer::new(bytes.into_iter());
        self.0.visit_seq(list)
    }
}

/// A variant that holds nothing, named by a text.
struct UnitVariant<D>(D);

impl<'de, D: Deserializer<'de>> EnumAccess<'de> for UnitVariant<D> {
    type Error = D::Error;
    type Variant = NoContent<D::Error>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), D::Error> {
        Ok((seed.deserialize(self.0)?, NoContent(PhantomData)))
    }
}

struct NoContent<E>(PhantomData<E>);

impl<'de, E: Error> VariantAccess<'de> for NoContent<E> {
    type Error = E;

    fn unit_variant(self) -> Result<(), E> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, E> {
        Err(E::invalid_type(Unexpected::UnitVariant, &"newtype variant"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, E> {
        Err(E::invalid_type(Unexpected::UnitVariant, &"tuple variant"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, E> {
        Err(E::invalid_type(Unexpected::UnitVariant, &"struct variant"))
    }
}
