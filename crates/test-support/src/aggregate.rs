//! Aggregates as the Kinesis Producer Library writes them.

use md5::{Digest as _, Md5};

/// A field of a protobuf message that holds bytes.
#[must_use]
pub fn protobuf_bytes(field: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![field << 3 | 2];
    let mut length = value.len();
    while length > 0x7F {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    [out, value.to_vec()].concat()
}

/// A message as an aggregate contains it: after the magic number and before its MD5.
#[must_use]
pub fn sealed(message: &[u8]) -> Vec<u8> {
    let checksum = Md5::digest(message);
    [&[0xF3, 0x89, 0x9A, 0xC2][..], message, checksum.as_slice()].concat()
}

/// Writes an aggregate as the producer library does, one partition key per record.
#[must_use]
pub fn aggregate(records: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut message: Vec<u8> = records
        .iter()
        .flat_map(|(key, _)| protobuf_bytes(1, key.as_bytes()))
        .collect();
    for (index, (_, data)) in records.iter().enumerate() {
        let record = [
            vec![0x08, u8::try_from(index).unwrap(), 0x10, 0],
            protobuf_bytes(3, data),
        ]
        .concat();
        message.extend(protobuf_bytes(3, &record));
    }
    sealed(&message)
}
