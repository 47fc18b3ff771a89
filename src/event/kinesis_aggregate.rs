//! Aggregates of the Kinesis Producer Library: a magic number, a protobuf message, its MD5.

use md5::{Digest, Md5};

const MAGIC: [u8; 4] = [0xF3, 0x89, 0x9A, 0xC2];
const CHECKSUM_LENGTH: usize = 16;

/// One record as its producer put it.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct UserRecord<'a> {
    pub(crate) partition_key: &'a str,
    pub(crate) data: &'a [u8],
}

/// The user records of an aggregate; `None` if it is none: another magic number, a wrong checksum, a message that
/// is not what the library writes, or no record in it.
pub(crate) fn user_records(data: &[u8]) -> Option<Vec<UserRecord<'_>>> {
    let rest = data.strip_prefix(&MAGIC)?;
    let (message, checksum) = rest.split_at_checked(rest.len().checked_sub(CHECKSUM_LENGTH)?)?;
    // The checksum tells an aggregate from bytes that happen to start like one.
    if Md5::digest(message).as_slice() != checksum {
        return None;
    }
    let (mut partition_keys, mut records) = (Vec::new(), Vec::new());
    for field in Fields(message) {
        match field? {
            (1, Field::Bytes(key)) => partition_keys.push(std::str::from_utf8(key).ok()?),
            (3, Field::Bytes(record)) => records.push(record),
            _ => {}
        }
    }
    let read = |record| user_record(record, &partition_keys);
    let records: Vec<_> = records.into_iter().map(read).collect::<Option<_>>()?;
    (!records.is_empty()).then_some(records)
}

fn user_record<'a>(message: &'a [u8], partition_keys: &[&'a str]) -> Option<UserRecord<'a>> {
    let (mut key, mut data) = (None, None);
    for field in Fields(message) {
        match field? {
            (1, Field::Varint(index)) => key = partition_keys.get(usize::try_from(index).ok()?),
            (3, Field::Bytes(bytes)) => data = Some(bytes),
            _ => {}
        }
    }
    Some(UserRecord {
        partition_key: key?,
        data: data?,
    })
}

/// A protobuf field's value, of the wire types this message uses.
enum Field<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Fixed,
}

/// The fields of a protobuf message; `None` where it is malformed, which ends it.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Field<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Field<'a>)> {
        let tag = self.varint()?;
        let field = match tag & 7 {
            0 => Field::Varint(self.varint()?),
            // This message has no fixed-size fields; protobuf asks readers to pass over what they do not know.
            1 => self.take(8).map(|_| Field::Fixed)?,
            2 => {
                let length = self.varint()?;
                Field::Bytes(self.take(usize::try_from(length).ok()?)?)
            }
            5 => self.take(4).map(|_| Field::Fixed)?,
            _ => return None,
        };
        Some((tag >> 3, field))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        // Ten bytes hold 64 bits; what goes on is no varint.
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(field: u8, value: &[u8]) -> Vec<u8> {
        let mut out = vec![field << 3 | 2];
        let mut length = value.len();
        while length > 0x7F {
            out.push(length as u8 | 0x80);
            length >>= 7;
        }
        out.push(length as u8);
        [out, value.to_vec()].concat()
    }

    /// Writes an aggregate as the producer library does, one partition key per record.
    pub(crate) fn aggregate(records: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut message: Vec<u8> = records
            .iter()
            .flat_map(|(key, _)| bytes(1, key.as_bytes()))
            .collect();
        for (index, (_, data)) in records.iter().enumerate() {
            let record = [vec![0x08, u8::try_from(index).unwrap(), 0x10, 0], bytes(3, data)].concat();
            message.extend(bytes(3, &record));
        }
        let checksum = Md5::digest(&message);
        [&MAGIC[..], &message, checksum.as_slice()].concat()
    }

    proptest! {
        #[test]
        fn reads_what_the_producer_wrote(
            records in proptest::collection::vec(("\\PC{0,9}", proptest::collection::vec(any::<u8>(), 0..300)), 1..9),
            flip: proptest::sample::Index,
        ) {
            let written = aggregate(&records);
            let read = user_records(&written).unwrap();
            let expected: Vec<_> =
                records.iter().map(|(key, data)| UserRecord { partition_key: key, data }).collect();
            prop_assert_eq!(read, expected);
            let mut damaged = written.clone();
            damaged[flip.index(written.len())] ^= 1;
            prop_assert!(user_records(&damaged).is_none());
        }

        #[test]
        fn never_panics(message in any::<Vec<u8>>()) {
            let whole = [&MAGIC[..], &message, Md5::digest(&message).as_slice()].concat();
            let _ = user_records(&whole);
            let _ = user_records(&message);
        }
    }
}
