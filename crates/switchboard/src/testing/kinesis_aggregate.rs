//! Aggregates as the Kinesis Producer Library writes them: a magic number, a protobuf message, its MD5.

use md5::{Digest as _, Md5};

const MAGIC: [u8; 4] = [0xF3, 0x89, 0x9A, 0xC2];

/// Packs records, each with its partition key, into the data of one.
pub(super) fn aggregate(records: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut message = Vec::new();
    for (key, _) in records {
        field(&mut message, 1, key.as_bytes());
    }
    for (index, (_, data)) in records.iter().enumerate() {
        // The first field is the key's index.
        let mut record = vec![0x08];
        varint(&mut record, index);
        field(&mut record, 3, data);
        field(&mut message, 3, &record);
    }
    let checksum = Md5::digest(&message);
    [&MAGIC[..], &message, checksum.as_slice()].concat()
}

/// A field that holds bytes.
fn field(message: &mut Vec<u8>, number: u8, value: &[u8]) {
    message.push(number << 3 | 2);
    varint(message, value.len());
    message.extend_from_slice(value);
}

fn varint(message: &mut Vec<u8>, mut value: usize) {
    while value > 0x7F {
        message.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    message.push(value as u8);
}
