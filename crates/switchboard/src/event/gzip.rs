//! Decompression with a size limit.

use crate::bounds::RaiseMemory;
use flate2::read::MultiGzDecoder;
use std::fmt;
use std::io::Read as _;

const MAGIC: [u8; 2] = [0x1F, 0x8B];

/// Why data cannot be decompressed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Gzip {
    /// It is not gzip, or damaged.
    Not,
    /// The data is more than `most` bytes after decompression.
    TooMuch {
        /// The compressed size, in bytes.
        packed: usize,
        /// The limit, in bytes.
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
                    "its {packed} bytes are more than {most} after decompression; {RaiseMemory}"
                )
            }
        }
    }
}

/// Decompresses `data`, up to `most` bytes.
///
/// # Errors
/// It is not gzip, or too large.
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

/// The first bytes of the decompressed data, as far as there are any: up to `most`.
#[cfg(feature = "cloudwatch_logs")]
pub(super) fn beginning(data: &[u8], most: usize) -> Vec<u8> {
    let mut text = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    // What is damaged is reported by whoever reads all of it.
    let _ = MultiGzDecoder::new(data).take(limit).read_to_end(&mut text);
    text
}
