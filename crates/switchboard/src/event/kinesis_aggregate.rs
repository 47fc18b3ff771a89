//! Aggregates of the Kinesis Producer Library: a magic number, a protobuf message, its MD5.
//! The records are never in memory at once: a small aggregate may name one key thousands of times. Only the positions
//! of the keys are kept; the rest is read on demand.

use crate::bounds::{Bounds, RaiseMemory};
use md5::{Digest, Md5};
use std::ops::Range;

const MAGIC: [u8; 4] = [0xF3, 0x89, 0x9A, 0xC2];
const CHECKSUM_LENGTH: usize = 16;

/// How long a partition key may be, in characters. Kinesis Data Streams API Reference, “PutRecord”.
const LONGEST_KEY: usize = 256;

/// One record as its producer sent it.
#[derive(Debug, Eq, PartialEq)]
pub struct UserRecord<'a> {
    /// The key that its producer gave.
    pub partition_key: &'a str,
    /// Its bytes.
    pub data: &'a [u8],
}

/// A checked aggregate: all its records can be read.
#[derive(Debug)]
pub struct Aggregate<D> {
    data: D,
    /// The position of each partition key.
    keys: Vec<DataRange>,
    /// The range of the rest of the message.
    rest: Range<usize>,
    count: usize,
}

/// A range of the data. It is half the size of a `Range<usize>`: there may be a key for every two bytes.
#[derive(Clone, Copy, Debug)]
struct DataRange {
    start: u32,
    end: u32,
}

impl<D: AsRef<[u8]>> Aggregate<D> {
    /// Returns the data if it is not an aggregate: another magic number, a wrong checksum, a message that the library
    /// does not write, or no records.
    pub fn of(data: D) -> Result<Self, D> {
        match look_through(data.as_ref()) {
            Some((keys, rest, count)) => Ok(Self {
                data,
                keys,
                rest,
                count,
            }),
            None => Err(data),
        }
    }

    /// Whether there is enough memory for it, whatever its records are.
    ///
    /// # Errors
    /// There is not: the positions of its keys take more.
    pub fn check(&self, bounds: Bounds) -> Result<(), String> {
        let (size, most) = (self.keys.len() * size_of::<DataRange>(), bounds.unpacked());
        match size <= most {
            true => Ok(()),
            false => Err(format!(
                "`kinesis.data` is an aggregate of {} keys, which take {size} bytes, more than {most}; {RaiseMemory}",
                self.keys.len()
            )),
        }
    }

    /// How many records it has, including those already read.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The data, unchanged.
    pub fn into_data(self) -> D {
        self.data
    }

    /// The next record.
    pub fn next_record(&mut self) -> Option<UserRecord<'_>> {
        let data = self.data.as_ref();
        let mut fields = MessageFields::new(data, self.rest.clone());
        let record = loop {
            if let (3, ProtobufField::Bytes(record)) = fields.next()?? {
                break record;
            }
        };
        self.rest.start = fields.at;
        let (index, range) = user_record(data, record)?;
        let key = self.keys.get(index)?;
        Some(UserRecord {
            partition_key: std::str::from_utf8(data.get(key.start as usize..key.end as usize)?).ok()?,
            data: data.get(range)?,
        })
    }
}

/// The keys of an aggregate, the range of its message, and how many records it has. Each record is read once, so that
/// none fails later.
fn look_through(data: &[u8]) -> Option<(Vec<DataRange>, Range<usize>, usize)> {
    let message = message(data)?;
    let mut keys = Vec::new();
    for field in MessageFields::new(data, message.clone()) {
        if let (1, ProtobufField::Bytes(key)) = field? {
            let text = std::str::from_utf8(&data[key.clone()]).ok()?;
            // A length in bytes is at least the length in characters, which takes time to count.
            if key.len() > LONGEST_KEY && text.chars().count() > LONGEST_KEY {
                return None;
            }
            keys.push(DataRange {
                start: u32::try_from(key.start).ok()?,
                end: u32::try_from(key.end).ok()?,
            });
        }
    }
    let mut records = 0_usize;
    for field in MessageFields::new(data, message.clone()) {
        if let (3, ProtobufField::Bytes(record)) = field? {
            let (index, _) = user_record(data, record)?;
            keys.get(index)?;
            records += 1;
        }
    }
    (records > 0).then_some((keys, message, records))
}

/// The range of the message, if its checksum is right. The checksum distinguishes an aggregate from bytes that happen
/// to start like one.
fn message(data: &[u8]) -> Option<Range<usize>> {
    let rest = data.strip_prefix(&MAGIC)?;
    let (message, checksum) = rest.split_at_checked(rest.len().checked_sub(CHECKSUM_LENGTH)?)?;
    let end = MAGIC.len() + message.len();
    (Md5::digest(message).as_slice() == checksum).then_some(MAGIC.len()..end)
}

/// The index of a record's key, and the range of its data. Writers of proto3 leave out values that are 0 or empty.
fn user_record(data: &[u8], record: Range<usize>) -> Option<(usize, Range<usize>)> {
    let (mut key, mut value) = (0, 0..0);
    for field in MessageFields::new(data, record) {
        match field? {
            (1, ProtobufField::Varint(index)) => key = usize::try_from(index).ok()?,
            (3, ProtobufField::Bytes(bytes)) => value = bytes,
            _ => {}
        }
    }
    Some((key, value))
}

/// A protobuf field's value, of the wire types this message uses.
enum ProtobufField {
    Varint(u64),
    /// The range of the bytes.
    Bytes(Range<usize>),
    /// A field that this message does not have. Protobuf readers must skip unknown fields.
    Other,
}

/// The fields of a protobuf message. A malformed field is `None`, and ends the message.
struct MessageFields<'a> {
    data: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> MessageFields<'a> {
    /// The fields of the message at this range of the data.
    fn new(data: &'a [u8], message: Range<usize>) -> Self {
        Self {
            data,
            at: message.start,
            end: message.end,
        }
    }
}

impl Iterator for MessageFields<'_> {
    type Item = Option<(u64, ProtobufField)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at == self.end {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.at = self.end;
        }
        Some(field)
    }
}

impl MessageFields<'_> {
    fn field(&mut self) -> Option<(u64, ProtobufField)> {
        let tag = self.varint()?;
        let field = match tag & 7 {
            3 => self.group(tag >> 3)?,
            kind => self.value(kind)?,
        };
        Some((tag >> 3, field))
    }

    fn value(&mut self, kind: u64) -> Option<ProtobufField> {
        Some(match kind {
            0 => ProtobufField::Varint(self.varint()?),
            1 => self.take(8).map(|_| ProtobufField::Other)?,
            2 => {
                let length = self.varint()?;
                ProtobufField::Bytes(self.take(usize::try_from(length).ok()?)?)
            }
            5 => self.take(4).map(|_| ProtobufField::Other)?,
            _ => return None,
        })
    }

    /// Skips a group, including nested ones.
    fn group(&mut self, number: u64) -> Option<ProtobufField> {
        let mut open = vec![number];
        while let Some(inner) = open.last() {
            let tag = self.varint()?;
            match tag & 7 {
                3 => open.push(tag >> 3),
                4 if tag >> 3 == *inner => {
                    open.pop();
                }
                kind => {
                    self.value(kind)?;
                }
            }
        }
        Some(ProtobufField::Other)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        // Ten bytes hold 64 bits; anything longer is not a varint.
        for shift in (0..64).step_by(7) {
            let byte = self.data[self.take(1)?.start];
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<Range<usize>> {
        let (start, end) = (self.at, self.at.checked_add(length)?);
        if end > self.end {
            return None;
        }
        self.at = end;
        Some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use switchboard_test_support::{aggregate, protobuf_bytes as bytes, sealed};

    fn read(data: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
        let mut aggregate = Aggregate::of(data).ok()?;
        let mut users = Vec::new();
        while let Some(user) = aggregate.next_record() {
            users.push((user.partition_key.to_owned(), user.data.to_vec()));
        }
        Some(users)
    }

    #[test]
    fn the_count_is_of_all_records_however_many_have_been_read() {
        let record = |key: &str| (key.to_owned(), vec![1]);
        let written = aggregate(&[record("a"), record("b"), record("c")]);
        let mut aggregate = Aggregate::of(&*written).ok().unwrap();
        assert_eq!(aggregate.count(), 3);
        aggregate.next_record().unwrap();
        assert_eq!(aggregate.count(), 3);
    }

    proptest! {
        #[test]
        fn reads_what_the_producer_wrote(
            records in proptest::collection::vec(("\\PC{0,9}", proptest::collection::vec(any::<u8>(), 0..300)), 1..9),
            flip: proptest::sample::Index,
        ) {
            let written = aggregate(&records);
            prop_assert_eq!(read(&written), Some(records));
            let mut damaged = written.clone();
            damaged[flip.index(written.len())] ^= 1;
            prop_assert!(read(&damaged).is_none());
        }

        #[test]
        fn never_panics(message in any::<Vec<u8>>()) {
            let _ = read(&sealed(&message));
            let _ = read(&message);
        }
    }

    #[test]
    fn unknown_parts_are_skipped_and_a_malformed_header_is_ignored() {
        let record = bytes(3, &[&bytes(3, b"x")[..], &bytes(4, b"tag")].concat());
        let known = [&bytes(1, b"k")[..], &record].concat();
        let group = [0x33, 0x08, 0x01, 0x3B, 0x3C, 0x34];
        for other in [
            &[0x31, 1, 2, 3, 4, 5, 6, 7, 8][..],
            &[0x35, 1, 2, 3, 4],
            &[0x30, 0x80, 1],
            &group,
        ] {
            let message = [other, &known, other].concat();
            assert_eq!(
                read(&sealed(&message)),
                Some(vec![("k".to_owned(), b"x".to_vec())]),
                "{other:?}"
            );
        }
        let unclosed = [0x33, 0x08, 0x01];
        let crossed = [0x33, 0x3B, 0x34, 0x3C];
        for malformed in [
            &unclosed[..],
            &crossed,
            &[0x34],
            &[0x36],
            &[0x0A, 9, b'x'],
            &[0x0A, 1, 0xFF],
        ] {
            assert_eq!(
                read(&sealed(&[&known, malformed].concat())),
                None,
                "{malformed:?}"
            );
        }
        assert_eq!(read(&sealed(&bytes(1, b"k"))), None);
        // There is no such key.
        assert_eq!(read(&sealed(&bytes(3, &[0x08, 0]))), None);
        assert_eq!(
            read(&sealed(&[bytes(1, b"k"), bytes(3, &[0x08, 1])].concat())),
            None
        );
    }

    /// The message as a writer of proto3 has it.
    #[cfg(feature = "otel")]
    mod proto3 {
        use super::*;
        use prost::Message;

        #[derive(Clone, PartialEq, Message)]
        struct AggregatedRecord {
            #[prost(string, repeated, tag = "1")]
            partition_key_table: Vec<String>,
            #[prost(string, repeated, tag = "2")]
            explicit_hash_key_table: Vec<String>,
            #[prost(message, repeated, tag = "3")]
            records: Vec<Record>,
        }

        #[derive(Clone, PartialEq, Message)]
        struct Record {
            #[prost(uint64, tag = "1")]
            partition_key_index: u64,
            #[prost(uint64, optional, tag = "2")]
            explicit_hash_key_index: Option<u64>,
            #[prost(bytes = "vec", tag = "3")]
            data: Vec<u8>,
            #[prost(message, repeated, tag = "4")]
            tags: Vec<Tag>,
        }

        #[derive(Clone, PartialEq, Message)]
        struct Tag {
            #[prost(string, tag = "1")]
            key: String,
            #[prost(string, optional, tag = "2")]
            value: Option<String>,
        }

        proptest! {
            #[test]
            fn reads_what_a_writer_of_proto3_leaves_out(
                keys in proptest::collection::vec("\\PC{0,9}", 1..4),
                records in proptest::collection::vec(
                    (any::<proptest::sample::Index>(), proptest::collection::vec(any::<u8>(), 0..3), any::<Option<u8>>()),
                    1..9,
                ),
            ) {
                let expected: Vec<_> =
                    records.iter().map(|(key, data, _)| (key.get(&keys).clone(), data.clone())).collect();
                let record = |(key, data, hash): (proptest::sample::Index, Vec<u8>, Option<u8>)| Record {
                    partition_key_index: key.index(keys.len()) as u64,
                    explicit_hash_key_index: hash.map(u64::from),
                    tags: hash.map(|_| Tag { key: "t".to_owned(), value: None }).into_iter().collect(),
                    data,
                };
                let message = AggregatedRecord {
                    records: records.into_iter().map(record).collect(),
                    explicit_hash_key_table: vec!["1".to_owned()],
                    partition_key_table: keys.clone(),
                };
                prop_assert_eq!(read(&sealed(&message.encode_to_vec())), Some(expected));
            }
        }
    }

    #[test]
    fn a_record_that_is_all_defaults_is_a_record() {
        let message = [
            bytes(1, b"k"),
            bytes(3, b""),
            bytes(3, &bytes(3, b"x")),
            bytes(3, b""),
        ]
        .concat();
        let users = [b"".to_vec(), b"x".to_vec(), b"".to_vec()];
        assert_eq!(
            read(&sealed(&message)),
            Some(users.map(|data| ("k".to_owned(), data)).to_vec())
        );
    }

    /// A position takes eight bytes, the key itself may take none.
    #[test]
    fn the_positions_of_its_keys_have_an_eighth_of_the_memory() {
        let with = |keys: usize| {
            let message = [bytes(1, b"").repeat(keys), bytes(3, b"")].concat();
            Aggregate::of(sealed(&message))
                .unwrap()
                .check(Bounds::of_process())
        };
        let most = Bounds::of_process().unpacked() / 8;
        with(most).unwrap();
        let refused = with(most + 1).unwrap_err();
        let expected = format!("{} keys, which take {} bytes", most + 1, 8 * (most + 1));
        assert!(refused.contains(&expected), "{refused}");
    }

    #[test]
    fn a_key_that_kinesis_does_not_take_makes_it_no_aggregate() {
        let with = |key: &str| read(&sealed(&[bytes(1, key.as_bytes()), bytes(3, b"")].concat()));
        assert!(with(&"é".repeat(256)).is_some());
        assert!(with(&"é".repeat(257)).is_none());
        assert!(with(&"k".repeat(50_000)).is_none());
    }
}
