//! HTTP messages as text, which a corpus can hold and a person can read.

use http::{HeaderMap, HeaderName, HeaderValue};
use std::borrow::Cow;

/// A line, headers, an empty line and a body, as HTTP/1.1 has them, with `\n` for the ends of lines.
pub struct Message<'m> {
    pub line: &'m str,
    pub headers: HeaderMap,
    pub body: &'m [u8],
}

impl<'m> Message<'m> {
    /// Reads one; what is no header in HTTP makes it none.
    pub fn read(data: &'m [u8]) -> Option<Self> {
        let end = data.windows(2).position(|pair| pair == b"\n\n");
        let (head, body) = end.map_or((data, &b""[..]), |end| (&data[..end], &data[end + 2..]));
        let mut lines = head.split(|byte| *byte == b'\n');
        let line = std::str::from_utf8(lines.next()?).ok()?;
        let mut headers = HeaderMap::new();
        for line in lines {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = HeaderName::from_bytes(&line[..colon]).ok()?;
            let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
            headers.try_append(name, value).ok()?;
        }
        Some(Self { line, headers, body })
    }
}

/// The values of a header as text, in their order; what is not UTF-8 replaced, as gateways do.
pub fn lossy<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Vec<Cow<'h, str>> {
    headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect()
}
