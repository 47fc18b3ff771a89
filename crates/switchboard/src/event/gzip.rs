//! What is compressed, and how much of it is taken.

use crate::bounds::RaiseMemory;
use flate2::read::MultiGzDecoder;
use std::fmt;
use std::io::Read as _;

const MAGIC: [u8; 2] = [0x1F, 0x8B];

/// Why something is not decompressed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gzip {
    /// It is not gzip, or damaged.
    Not,
    /// So many bytes hold more than `most`.
    TooMuch {
        /// How many bytes it is.
        packed: usize,
        /// How many it may hold.
        most: usize,
    },
}

impl fmt::Display for Gzip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gzip::Not => f.write_str("it is not gzip, or damaged"),
            Gzip::TooMuch { packed, most } => {
                write!(
                    f,
                    "its {packed} bytes hold more than {most} once decompressed; {RaiseMemory}"
                )
            }
        }
    }
}

/// What `data` holds, up to `most` bytes.
///
/// # Errors
/// It is not gzip, or holds more.
pub fn decompress(data: &[u8], most: usize) -> Result<Vec<u8>, Gzip> {
    if !data.starts_with(&MAGIC) {
        return Err(Gzip::Not);
    }
    let mut text = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = MultiGzDecoder::new(data).take(limit).read_to_end(&mut text);
    match read {
        Err(_) => Err(Gzip::Not),
        Ok(length) if length > most => Err(Gzip::TooMuch {
            packed: data.len(),
            most,
        }),
        Ok(_) => Ok(text),
    }
}
