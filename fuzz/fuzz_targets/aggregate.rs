//! Aggregates of the Kinesis Producer Library: what was put in comes out, whatever stands between; what is no aggregate stays one
//! record, byte for byte; and nothing has more in it than its bytes can say.

#![no_main]

use aws_lambda_events::kinesis::KinesisEventRecord;
use libfuzzer_sys::fuzz_target;
use md5::{Digest as _, Md5};
use switchboard::event::envelope::Envelope as _;
use switchboard_fuzz::Choices;

/// Partition key and data of a record.
type User = (String, Vec<u8>);

const MAGIC: [u8; 4] = [0xF3, 0x89, 0x9A, 0xC2];
/// The key of the record around all.
const OUTER: &str = "outer";

fuzz_target!(|data: &[u8]| {
    any_message(data);
    any_record(data);
    round_trip(data);
});

/// Under a right checksum, any bytes: a message, or none.
fn any_message(message: &[u8]) {
    let sealed = sealed(message);
    let users = opened(&sealed);
    if users == [(OUTER.to_owned(), sealed.clone())] {
        return;
    }
    assert!(
        users.len() <= message.len() / 2,
        "a record takes two bytes at least"
    );
    assert!(users.iter().map(|(_, data)| data.len()).sum::<usize>() <= message.len());
    assert!(users.iter().all(|(key, _)| key.chars().count() <= 256));
}

fn any_record(data: &[u8]) {
    // What may be one: it takes an MD5.
    if data.starts_with(&MAGIC) {
        return;
    }
    let users = opened(data);
    assert_eq!(users, [(OUTER.to_owned(), data.to_vec())]);
}

/// Cuts the bytes into records, and writes these as the library does, or as another writer of protobuf may.
fn round_trip(data: &[u8]) {
    let mut choices = Choices::of(data);
    let keys: Vec<String> = (0..=choices.below(4)).map(|_| key(data, &mut choices)).collect();
    let (mut message, mut users) = (Vec::new(), Vec::new());
    let table = keys
        .iter()
        .flat_map(|key| [unknown(&mut choices), bytes(1, key.as_bytes())].concat());
    let table: Vec<u8> = table.collect();
    // The keys may stand behind the records that name them.
    let is_last = choices.once_in(4);
    message.extend(if is_last { &[][..] } else { &table });
    for data in data.chunks(1 + choices.below(64)) {
        let index = choices.below(keys.len());
        message.extend(unknown(&mut choices));
        message.extend(bytes(3, &record(index, data, &mut choices)));
        users.push((keys[index].clone(), data.to_vec()));
    }
    message.extend(if is_last { &table } else { &[][..] });
    let sealed = sealed(&message);
    if users.is_empty() {
        users.push((OUTER.to_owned(), sealed.clone()));
    }
    assert_eq!(opened(&sealed), users);
}

fn key(data: &[u8], choices: &mut Choices) -> String {
    let start = choices.below(data.len() + 1);
    String::from_utf8_lossy(&data[start..])
        .chars()
        .take(choices.below(257))
        .collect()
}

/// Writers of proto3 leave out what is 0 or empty.
fn record(index: usize, data: &[u8], choices: &mut Choices) -> Vec<u8> {
    let mut record = unknown(choices);
    if index > 0 || choices.once_in(2) {
        record.push(0x08);
        varint(index as u64, &mut record);
    }
    record.extend(unknown(choices));
    if !data.is_empty() || choices.once_in(2) {
        record.extend(bytes(3, data));
    }
    record
}

/// A field that the message does not have, or none: readers pass over it.
fn unknown(choices: &mut Choices) -> Vec<u8> {
    match choices.below(12) {
        0 => vec![0x38, 0xFF, 0xFF, 0x03],
        1 => vec![0x39, 1, 2, 3, 4, 5, 6, 7, 8],
        2 => vec![0x3D, 1, 2, 3, 4],
        3 => bytes(9, b"\x0a\x01k"),
        4 => vec![0x33, 0x08, 0x01, 0x3B, 0x3C, 0x34],
        _ => Vec::new(),
    }
}

fn bytes(field: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![field << 3 | 2];
    varint(value.len() as u64, &mut out);
    out.extend(value);
    out
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value > 0x7F {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn sealed(message: &[u8]) -> Vec<u8> {
    [&MAGIC[..], message, Md5::digest(message).as_slice()].concat()
}

/// The records that one with this data is taken apart into.
fn opened(data: &[u8]) -> Vec<User> {
    let mut record = KinesisEventRecord::default();
    record.kinesis.partition_key = OUTER.to_owned();
    record.kinesis.data.0 = data.to_vec();
    let mut users = Vec::new();
    let parts = record.parts().expect("so few keys fit into any function");
    for (place, part) in parts {
        assert!(place.is_none_or(|place| place == users.len()), "in their order");
        users.push((part.kinesis.partition_key, part.kinesis.data.0));
    }
    users
}
