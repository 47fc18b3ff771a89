//! What producers put before the data: the id of its schema, as Confluent's and Glue's registries have it.

use crate::bounds::{Bounds, RaiseMemory};
use flate2::read::ZlibDecoder;
use std::borrow::Cow;
use std::io::Read as _;

/// Confluent: this byte, then four bytes of id. Confluent Documentation, “Wire format” of Schema Registry.
const CONFLUENT: u8 = 0;
const CONFLUENT_ID: usize = 4;

/// Glue: this byte, one that says how the data is compressed, then a UUID. The format is that of the serializers of
/// `aws-glue-schema-registry`.
const GLUE: u8 = 3;
const GLUE_ID: usize = 16;
const PLAIN: u8 = 0;
const ZLIB: u8 = 5;

/// Whose header it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in super::super) enum Registry {
    Confluent,
    Glue,
}

/// Data without its header, and what the header said.
#[derive(Debug, Eq, PartialEq)]
pub(in super::super) struct Headed<'b> {
    pub(super) registry: Registry,
    /// The id of the schema, spelled as a mapping spells it.
    pub(super) id: String,
    pub(super) data: Cow<'b, [u8]>,
}

/// Takes the header away; nothing if there is none.
///
/// # Errors
/// It begins like a header and is none, or the data behind it cannot be decompressed.
pub(super) fn headed(body: &[u8]) -> Result<Option<Headed<'_>>, String> {
    match body.split_first() {
        Some((&CONFLUENT, rest)) => {
            let (id, data) = rest.split_first_chunk::<CONFLUENT_ID>().ok_or_else(short)?;
            Ok(Some(Headed {
                registry: Registry::Confluent,
                id: u32::from_be_bytes(*id).to_string(),
                data: Cow::Borrowed(data),
            }))
        }
        Some((&GLUE, rest)) => {
            let (&packing, rest) = rest.split_first().ok_or_else(short)?;
            let (id, data) = rest.split_first_chunk::<GLUE_ID>().ok_or_else(short)?;
            Ok(Some(Headed {
                registry: Registry::Glue,
                id: uuid(id),
                data: unpacked(packing, data, Bounds::of_process().unpacked())?,
            }))
        }
        _ => Ok(None),
    }
}

fn short() -> String {
    "it is shorter than the header of its schema".to_owned()
}

/// The text behind a header; nothing if there is none. No JSON begins like one.
pub(in super::super) fn without_header(body: &[u8]) -> Option<Result<Cow<'_, [u8]>, String>> {
    let headed = headed(body).transpose()?;
    Some(headed.map(|headed| headed.data))
}

fn uuid(bytes: &[u8; GLUE_ID]) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

fn unpacked(packing: u8, data: &[u8], most: usize) -> Result<Cow<'_, [u8]>, String> {
    match packing {
        PLAIN => return Ok(Cow::Borrowed(data)),
        ZLIB => {}
        other => {
            return Err(format!(
                "its header names the compression {other}, which is none of Glue's"
            ));
        }
    }
    let mut unpacked = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    match ZlibDecoder::new(data).take(limit).read_to_end(&mut unpacked) {
        Err(_) => Err("its header says zlib, and it is not, or damaged".to_owned()),
        Ok(length) if length > most => Err(format!(
            "its {} bytes are more than {most} after decompression; {RaiseMemory}",
            data.len()
        )),
        Ok(_) => Ok(Cow::Owned(unpacked)),
    }
}

/// Takes away which message of its schema file a Protobuf message is: a list of indices for Confluent's registry, one index for Glue's.
pub(super) fn without_indices(data: &[u8], registry: Registry) -> Option<&[u8]> {
    let (count, mut rest) = varint(data)?;
    let count = match registry {
        Registry::Confluent => zigzag(count),
        Registry::Glue => 0,
    };
    for _ in 0..u64::try_from(count).ok()? {
        (_, rest) = varint(rest)?;
    }
    Some(rest)
}

/// A number in groups of seven bits, and what follows it.
fn varint(data: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (index, &byte) in data.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((number, &data[index + 1..]));
        }
    }
    None
}

fn zigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use proptest::prelude::*;
    use std::io::Write as _;

    fn zlib(data: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn headers_that_are_none_are_refused() {
        for body in [&[0][..], &[0, 0, 0, 1], &[3], &[3, 0, 1, 2, 3]] {
            assert_eq!(headed(body), Err(short()), "{body:?}");
        }
        let mut body = vec![3, 7];
        body.extend([0; 16]);
        assert!(headed(&body).unwrap_err().contains("the compression 7"));
        body[1] = 5;
        body.extend(b"not zlib");
        assert!(headed(&body).unwrap_err().contains("it is not, or damaged"));
        for body in [&b""[..], b"{}", b"\x01", b"\xff\xff"] {
            assert_eq!(headed(body), Ok(None));
        }
    }

    #[test]
    fn what_grows_too_much_is_refused() {
        let bomb = zlib(&vec![0; 100_000]);
        assert_eq!(unpacked(ZLIB, &bomb, 100_000).unwrap().len(), 100_000);
        assert!(
            unpacked(ZLIB, &bomb, 99_999)
                .unwrap_err()
                .contains("more than 99999")
        );
    }

    #[test]
    fn message_indices_before_the_data_are_skipped_for_each_registry() {
        use Registry::{Confluent, Glue};
        for (data, registry, expected) in [
            (&[0, 9, 9][..], Confluent, Some(&[9, 9][..])),
            (&[2, 0, 9], Confluent, Some(&[9])),
            (&[4, 2, 0x80, 1, 9], Confluent, Some(&[9])),
            (&[4, 2], Confluent, None),
            // A negative count.
            (&[1, 9], Confluent, None),
            (&[0x80; 12], Confluent, None),
            (&[], Confluent, None),
            (&[5, 9], Glue, Some(&[9])),
            (&[0x81, 1, 9], Glue, Some(&[9])),
        ] {
            assert_eq!(without_indices(data, registry), expected, "{data:?}");
        }
    }

    proptest! {
        #[test]
        fn a_header_is_taken_away_and_what_is_behind_it_stays(id: u32, uuid: [u8; 16], data in proptest::collection::vec(any::<u8>(), 0..80)) {
            let confluent = [&[0][..], &id.to_be_bytes(), &data].concat();
            let read = headed(&confluent).unwrap().unwrap();
            prop_assert_eq!((read.registry, read.id, &*read.data), (Registry::Confluent, id.to_string(), &*data));
            for (packing, packed) in [(0, data.clone()), (5, zlib(&data))] {
                let glue = [&[3, packing][..], &uuid, &packed].concat();
                let read = headed(&glue).unwrap().unwrap();
                prop_assert_eq!((read.registry, read.id.len(), &*read.data), (Registry::Glue, 36, &*data));
                let hex = read.id.replace('-', "");
                prop_assert_eq!(u128::from_str_radix(&hex, 16).unwrap().to_be_bytes(), uuid);
            }
        }

        #[test]
        fn no_bytes_make_reading_a_header_panic(data in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = headed(&data);
            let _ = without_indices(&data, Registry::Confluent);
        }
    }
}
