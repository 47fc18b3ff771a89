//! The id that correlates a whole invocation: the id that its source gave the request or the event.

use crate::source::{Source, first_part};

pub(super) fn has_one(source: Source) -> bool {
    source.correlation()[0].is_some()
}

/// The id; if there are several values, the first.
pub(super) fn find(source: Source, payload: &[u8]) -> Option<String> {
    let mut paths = source.correlation().into_iter().flatten();
    paths.find_map(|path| text(first_part(payload, path)?))
}

fn text(value: &[u8]) -> Option<String> {
    let value = String::from_utf8_lossy(value);
    let text = match value.starts_with('[') {
        true => serde_json::from_str::<Vec<String>>(&value)
            .ok()?
            .into_iter()
            .next(),
        false => serde_json::from_str::<String>(&value).ok(),
    };
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_text_and_of_several_the_first() {
        let one = br#"{"headers":{"x-amzn-trace-id":"Root=1-a"}}"#;
        assert_eq!(find(Source::Alb, one).as_deref(), Some("Root=1-a"));
        let several = br#"{"multiValueHeaders":{"x-amzn-trace-id":["Root=1-b","c"]}}"#;
        assert_eq!(find(Source::Alb, several).as_deref(), Some("Root=1-b"));
        for nothing in [r#"{"id":5}"#, r#"{"id":""}"#, r#"{"id":{}}"#, "{", "[]"] {
            assert_eq!(
                find(Source::CloudwatchEvents, nothing.as_bytes()),
                None,
                "{nothing}"
            );
        }
        assert_eq!(find(Source::Sqs, br#"{"id":"x"}"#), None);
    }
}
