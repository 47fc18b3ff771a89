//! What a path refers to. Some clients encode names and some do not, and some emulators of AWS pass on encoded names
//! that AWS would decode.

use super::problem::Problem;
use axum::http::{StatusCode, Uri};
use percent_encoding::percent_decode_str;

/// How many bytes a path may have: more than any `Location` of an entry within the limits.
const MAX_PATH: usize = 16 * 1024;

/// How many unencoded slashes a path may have: each is a pair to look up.
const MAX_SLASHES: usize = 32;

/// The possible names after `prefix` in the path: decoded, then unchanged, then decoded twice.
pub(super) fn names(uri: &Uri, prefix: &str) -> Vec<String> {
    let raw = uri.path().strip_prefix(prefix).unwrap_or_default();
    let decoded = decode(raw);
    let twice = decoded.as_deref().and_then(decode);
    let mut names: Vec<String> = Vec::new();
    for name in [decoded, Some(raw.to_owned()), twice].into_iter().flatten() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Checks the length of a path.
///
/// # Errors
/// It is too long to name anything.
pub(super) fn fits(uri: &Uri) -> Result<(), Problem> {
    if uri.path().len() > MAX_PATH {
        let detail = format!(
            "the path has {} bytes; at most {MAX_PATH} are taken",
            uri.path().len()
        );
        return Err(Problem::new(StatusCode::URI_TOO_LONG, detail).blame("limit", MAX_PATH));
    }
    Ok(())
}

/// The path after its prefix, in each possible reading.
pub(super) struct Reference<'u> {
    raw: &'u str,
    once: Option<String>,
    twice: Option<String>,
}

impl<'u> Reference<'u> {
    /// # Errors
    /// Those of [`fits`].
    pub(super) fn read(uri: &'u Uri, prefix: &str) -> Result<Self, Problem> {
        fits(uri)?;
        let raw = uri.path().strip_prefix(prefix).unwrap_or_default();
        // Without escapes, all readings are equal.
        let escaped = |text: &&str| text.contains('%');
        let once = Some(raw).filter(escaped).and_then(decode);
        let twice = once.as_deref().filter(escaped).and_then(decode);
        Ok(Self { raw, once, twice })
    }

    /// The pairs `source/id`, the likeliest first. Both may have slashes, so any slash may be the separator; but an
    /// encoded one only if there is no unencoded one.
    ///
    /// Pairs are computed one at a time, because each is looked up. Their number is limited for each reading of the
    /// path.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        let named = |(source, id)| Some((segment(source)?, segment(id)?));
        let decoded = |(source, id)| Some((decode(source)?, decode(id)?));
        let owned = |(source, id): (&str, &str)| (source.to_owned(), id.to_owned());
        let [once, twice] = [&self.once, &self.twice].map(|text| text.as_deref().unwrap_or_default());
        // If the decoded text is not UTF-8, the path is still read unchanged.
        let escaped = if self.raw.contains('%') { self.raw } else { "" };
        splits(self.raw)
            .filter_map(named)
            .chain(splits(escaped).filter_map(decoded))
            .chain(splits(once).map(owned))
            .chain(splits(escaped).map(owned))
            .chain(splits(twice).map(owned))
    }
}

/// The texts before and after each slash; the longest source first. Empty if there are very many slashes.
fn splits(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let slashes = text.bytes().filter(|byte| *byte == b'/').count();
    let text = if slashes > MAX_SLASHES { "" } else { text };
    text.rmatch_indices('/')
        .map(|(at, _)| (&text[..at], &text[at + 1..]))
}

/// The name that a segment of a `Location` refers to.
fn segment(text: &str) -> Option<String> {
    let name = decode(text)?;
    match is_dots(&name) {
        true => decode(&name),
        false => Some(name),
    }
}

/// Whether clients would resolve a segment with this text, or with a text that it may be decoded to, instead of sending
/// it: one or two dots, each encoded any number of times. (URL Standard, “single-dot” and “double-dot URL path
/// segment”.)
pub(super) fn is_dots(text: &str) -> bool {
    let dot = |text: &str| {
        let Some(escape) = text.strip_prefix('%') else {
            return text.strip_prefix('.').map(str::len);
        };
        let escape = escape.trim_start_matches("25");
        escape
            .strip_prefix("2E")
            .or(escape.strip_prefix("2e"))
            .map(str::len)
    };
    let behind = |text| dot(text).map(|left| &text[text.len() - left..]);
    match behind(text) {
        Some("") => true,
        Some(second) => behind(second) == Some(""),
        None => false,
    }
}

fn decode(text: &str) -> Option<String> {
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slash_may_be_the_one() {
        let pairs = |path: &str| {
            let uri = path.parse().unwrap();
            let reference = Reference::read(&uri, "/events/").unwrap();
            reference.pairs().collect::<Vec<_>>()
        };
        let has =
            |path: &str, source: &str, id: &str| pairs(path).contains(&(source.to_owned(), id.to_owned()));
        assert!(has("/events/aws:s3.eu.b/R.a/b+c=", "aws:s3.eu.b", "R.a/b+c="));
        assert!(has(
            "/events/aws%3As3.eu.b/R.a%2Fb%2Bc%3D",
            "aws:s3.eu.b",
            "R.a/b+c="
        ));
        assert!(has("/events/arn%3Ax%2Fs%2Fid%2F1", "arn:x/s", "id/1"));
        assert!(has("/events/a%20b/c%25d", "a%20b", "c%25d"));
        assert_eq!(pairs("/events/a%2Fb/c")[0], ("a/b".to_owned(), "c".to_owned()));
        assert!(has("/events/aws%253As3/R.a%252Fb", "aws:s3", "R.a/b"));
        assert!(pairs("/events/none").is_empty());
        // Each slash makes a pair to look up. Of thousands, only the one between encoded slashes is looked up.
        assert!(pairs(&format!("/events/a{}", "/b".repeat(5000))).is_empty());
        let encoded = format!("/events/a{}/id", "%2Fb".repeat(1000));
        assert_eq!(
            pairs(&encoded)[0],
            (format!("a{}", "/b".repeat(1000)), "id".to_owned())
        );
        let slashes = |count: usize| pairs(&format!("/events/a{}%20", "/b".repeat(count))).len();
        assert_eq!((slashes(32), slashes(33)), (4 * 32, 0));
        let long = format!("/events/{}/id", "a".repeat(MAX_PATH)).parse().unwrap();
        assert!(Reference::read(&long, "/events/").is_err());
    }

    #[test]
    fn dots_are_reported_however_they_are_encoded() {
        for dots in [".", "..", "%2e", ".%2E", "%252E%2e", "%25252e."] {
            assert!(is_dots(dots), "{dots}");
        }
        for other in ["", "...", "a", "%", "%2", "%25", ".a", "%2F", "%2E%2E%2E", "%252"] {
            assert!(!is_dots(other), "{other}");
        }
    }

    #[test]
    fn a_name_is_what_it_decodes_to_before_it_is_anything_else() {
        let names = |path: &str| names(&path.parse().unwrap(), "/resources/");
        assert_eq!(names("/resources/a%2525b"), ["a%25b", "a%2525b", "a%b"]);
        assert_eq!(names("/resources/a%20b"), ["a b", "a%20b"]);
        assert_eq!(names("/resources/a"), ["a"]);
        assert_eq!(names("/resources/%ff"), ["%ff"]);
    }
}
