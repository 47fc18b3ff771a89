//! What a path refers to: clients encode names or leave them as they are, and some emulators of AWS hand on encoded what
//! AWS would decode.

use axum::http::Uri;
use percent_encoding::percent_decode_str;

/// The name behind `prefix` in the path, in every way it may be meant: decoded, then as it stands, then decoded twice.
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

/// The pairs `source/id` behind `prefix` in the path, the likeliest first: both may hold slashes, so every slash may
/// be the one between them. A slash that is encoded is not, if any stands as it is.
pub(super) fn pairs(uri: &Uri, prefix: &str) -> Vec<(String, String)> {
    let raw = uri.path().strip_prefix(prefix).unwrap_or_default();
    let named = |(source, id)| Some((segment(source)?, segment(id)?));
    let mut pairs: Vec<_> = splits(raw).filter_map(named).collect();
    // Without escapes, all readings are the same.
    if !raw.contains('%') {
        return pairs;
    }
    let decoded = |(source, id)| Some((decode(source)?, decode(id)?));
    pairs.extend(splits(raw).filter_map(decoded));
    let owned = |(source, id): (&str, &str)| (source.to_owned(), id.to_owned());
    let once = decode(raw);
    let twice = once.as_deref().filter(|once| once.contains('%')).and_then(decode);
    pairs.extend(once.iter().flat_map(|name| splits(name).map(owned)));
    pairs.extend(splits(raw).map(owned));
    pairs.extend(twice.iter().flat_map(|name| splits(name).map(owned)));
    pairs
}

/// The text before and after each slash; the longest source first.
fn splits(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.rmatch_indices('/')
        .map(|(at, _)| (&text[..at], &text[at + 1..]))
}

/// The name that a segment of a `Location` stands for.
fn segment(text: &str) -> Option<String> {
    let name = decode(text)?;
    match is_dots(&name) {
        true => decode(&name),
        false => Some(name),
    }
}

/// Whether clients would resolve a segment with this text, or one that it may be decoded to, instead of sending it: one or two
/// dots, each encoded however often. (URL Standard, “single-dot” and “double-dot URL path segment”.)
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
        let pairs = |path: &str| pairs(&path.parse().unwrap(), "/events/");
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
    }

    #[test]
    fn dots_are_told_however_they_are_encoded() {
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
