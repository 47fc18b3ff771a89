//! Base64 as senders write it.

/// The same bytes in standard base64: padded as RFC 4648 requires, in the standard alphabet, without line breaks. The
/// decoders of other languages accept the variants, and some of AWS's own samples have them.
///
/// `None` if there is nothing to change, or the text is not base64 of whole bytes.
pub(super) fn spelled(text: &str) -> Option<String> {
    let mut spelled: String = text
        .trim_ascii_end()
        .trim_end_matches('=')
        .chars()
        .filter(|char| !matches!(char, '\r' | '\n'))
        .map(|char| match char {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    match spelled.len() % 4 {
        0 => {}
        1 => return None,
        rest => spelled.extend(std::iter::repeat_n('=', 4 - rest)),
    }
    (spelled != text).then_some(spelled)
}

/// Decodes a text.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    let plainly = STANDARD.decode(text).ok();
    plainly.or_else(|| STANDARD.decode(spelled(text)?).ok())
}

/// Whether a JSON value is acceptable as base64: anything but a text that is invalid.
#[cfg(feature = "sqs")]
pub(super) fn is_no_other_text(raw: &str) -> bool {
    use aws_lambda_events::encodings::Base64Data;

    let reads = |raw: &str| serde_json::from_str::<Base64Data>(raw).is_ok();
    let respelled = || {
        let text: String = serde_json::from_str(raw).ok()?;
        Some(reads(&serde_json::to_string(&spelled(&text)?).ok()?))
    };
    !raw.starts_with('"') || reads(raw) || respelled().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_alphabet_and_line_breaks_are_those_of_the_standard() {
        for (text, expected) in [
            ("eHk", Some("eHk=")),
            ("eA", Some("eA==")),
            ("eA=", Some("eA==")),
            ("eHk==", Some("eHk=")),
            ("eHl6=", Some("eHl6")),
            ("_-8=", Some("/+8=")),
            ("eHl6\r\neHl6\n", Some("eHl6eHl6")),
            ("eA==", None),
            ("", None),
            ("e", None),
            ("eHl6e", None),
            ("not base64", Some("not base64==")),
        ] {
            assert_eq!(spelled(text).as_deref(), expected, "{text}");
        }
    }
}
