//! Where a condition looks, and what it reads there.

use crate::event::s3::decode_key;
use crate::event::scalar;
use crate::source::{NameKind, Source, TextForm, is_bare, parts, records};
use std::borrow::Cow;

/// A place that may hold the text a condition asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TextPlace {
    /// The JSON path from the record's, or the event's, root.
    pub(super) path: &'static str,
    pub(super) form: TextForm,
}

/// The places of a name, of all sources that have it: as their rows of facts say.
pub(super) fn places(what: NameKind) -> Vec<TextPlace> {
    let mut places = Vec::new();
    for place in Source::ALL.iter().flat_map(|source| source.names()) {
        let (path, form) = (place.path, place.form);
        let place_of_text = TextPlace { path, form };
        if place.what == what && !places.contains(&place_of_text) {
            places.push(place_of_text);
        }
    }
    places
}

impl TextPlace {
    pub(super) const fn plain(path: &'static str) -> Self {
        let form = TextForm::Plain;
        Self { path, form }
    }

    /// Whether a text at this place meets the condition. A list of texts meets it if one of them does.
    pub(super) fn any(self, event: &[u8], meets: impl Fn(&str) -> bool) -> bool {
        let [Some(raw)] = parts(root(event), [Some(self.path)]) else {
            return false;
        };
        let Ok(written) = std::str::from_utf8(raw) else {
            return false;
        };
        match written.starts_with('[') {
            true => serde_json::from_str::<Vec<Cow<'_, str>>>(written)
                .is_ok_and(|texts| texts.iter().any(|text| self.meets(text, &meets))),
            false => scalar(written).is_some_and(|text| self.meets(&text, &meets)),
        }
    }

    fn meets(self, text: &str, meets: impl Fn(&str) -> bool) -> bool {
        match self.form {
            TextForm::Plain => meets(text),
            // Users may give the whole ARN, too.
            TextForm::Arn(kind) => meets(text) || resource(text, kind).is_some_and(meets),
            TextForm::UrlEncoded => meets(&decode_key(text)),
            TextForm::EventName => meets(text.strip_prefix("s3:").unwrap_or(text)),
        }
    }
}

/// A batch of AppSync's is a list of requests of one field.
fn root(event: &[u8]) -> &[u8] {
    match is_bare(event) {
        true => records(event).next().and_then(Result::ok).unwrap_or(event),
        false => event,
    }
}

/// The name of an ARN's resource: what is behind its kind, up to the next slash.
fn resource<'a>(arn: &'a str, kind: &str) -> Option<&'a str> {
    let resource = arn.strip_prefix("arn:")?.splitn(5, ':').nth(4)?;
    let name = resource.strip_prefix(kind)?;
    // The name of a rule has its bus in front.
    match kind {
        "rule/" => name.rsplit('/').next(),
        _ => name.split('/').next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_named_by_its_arn() {
        for (arn, kind, name) in [
            (
                "arn:aws:sqs:eu-west-1:123456789012:orders.fifo",
                "",
                Some("orders.fifo"),
            ),
            (
                "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks",
                "stream/",
                Some("clicks"),
            ),
            (
                "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks/consumer/c:1700000000",
                "stream/",
                Some("clicks"),
            ),
            (
                "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/orders/stream/2026-11-30T00:00:00.000",
                "table/",
                Some("orders"),
            ),
            (
                "arn:aws:events:eu-west-1:123456789012:rule/nightly",
                "rule/",
                Some("nightly"),
            ),
            (
                "arn:aws:events:eu-west-1:123456789012:rule/shop/nightly",
                "rule/",
                Some("nightly"),
            ),
            (
                "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks",
                "table/",
                None,
            ),
            ("orders", "", None),
            ("arn:aws:sqs", "", None),
        ] {
            assert_eq!(resource(arn, kind), name, "{arn}");
        }
    }

    #[test]
    fn texts_are_found_in_every_form() {
        let event = br#"{"a":{"b":"x\u0020y"},"n":1.50,"f":true,"l":["u","v"],"key":"a+b%2Fc","e":"s3:ObjectCreated:Put","z":null}"#;
        for (place, text) in [
            (TextPlace::plain("a.b"), "x y"),
            (TextPlace::plain("n"), "1.50"),
            (TextPlace::plain("f"), "true"),
            (TextPlace::plain("l"), "v"),
            (
                TextPlace {
                    path: "key",
                    form: TextForm::UrlEncoded,
                },
                "a b/c",
            ),
            (
                TextPlace {
                    path: "e",
                    form: TextForm::EventName,
                },
                "ObjectCreated:Put",
            ),
        ] {
            assert!(place.any(event, |found| found == text), "{place:?}");
        }
        for path in ["z", "a", "none", "l.u"] {
            assert!(!TextPlace::plain(path).any(event, |_| true), "{path}");
        }
    }
}
