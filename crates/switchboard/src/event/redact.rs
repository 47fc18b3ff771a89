//! Messages of serde's errors, without the values that they quote: a payload's values do not belong in logs.

use std::fmt;
use std::fmt::Write as _;

/// How many bytes are kept of the beginning and of the end of a message: what it quotes in between may be megabytes.
const KEPT: usize = 512;

/// The message of an error, without values.
pub(super) fn redacted(error: &impl fmt::Display) -> String {
    let mut ends = Abridged::default();
    // Writing to it does not fail.
    let _ = write!(ends, "{error}");
    redact(&(ends.start + &ends.end))
}

/// The beginning and the end of a text.
#[derive(Default)]
struct Abridged {
    start: String,
    end: String,
}

impl fmt::Write for Abridged {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = boundary(text, KEPT.saturating_sub(self.start.len()));
        let (start, rest) = match self.end.is_empty() {
            true => text.split_at(room),
            false => ("", text),
        };
        self.start.push_str(start);
        self.end
            .push_str(&rest[boundary(rest, rest.len().saturating_sub(KEPT))..]);
        let over = self.end.len().saturating_sub(KEPT);
        self.end.drain(..boundary(&self.end, over));
        Ok(())
    }
}

/// The character boundary at or right before this position.
pub(super) fn boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    let character = (0..=at).rev().find(|at| text.is_char_boundary(*at));
    character.unwrap_or_default()
}

/// Serde's words before the values that it quotes.
const QUOTED: [&str; 6] = [
    "string ",
    "character ",
    "unknown variant ",
    "integer ",
    "floating point ",
    "boolean ",
];

/// Cuts out the quoted value.
fn redact(message: &str) -> String {
    if let Some((problem, _)) = message.split_once("not a legal timestamp: ") {
        return format!("{problem}not a legal timestamp");
    }
    for kind in QUOTED {
        for quote in ['"', '`'] {
            let opening = format!("{kind}{quote}");
            if let Some(start) = message.find(&opening) {
                let end = [", expected", ", there are no"].into_iter().find_map(|what| {
                    let at = message.rfind(&format!("{quote}{what}"))?;
                    Some(at + 1)
                });
                let end = end.unwrap_or(message.len());
                let end = end.max(start + opening.len());
                return format!("{}{}", &message[..start + kind.len() - 1], &message[end..]);
            }
        }
    }
    message.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_do_not_reach_messages() {
        let message = "invalid type: string \"se\\\"cret\", expected u64 at line 1 column 9";
        assert_eq!(
            redacted(&message),
            "invalid type: string, expected u64 at line 1 column 9"
        );
        for (message, told) in [
            (
                "invalid type: integer `4111111111111111`, expected a string",
                "invalid type: integer, expected a string",
            ),
            (
                "invalid type: floating point `1.5`, expected i64",
                "invalid type: floating point, expected i64",
            ),
            (
                "invalid type: boolean `true`, expected i64",
                "invalid type: boolean, expected i64",
            ),
            (
                "value is not a legal timestamp: 17",
                "value is not a legal timestamp",
            ),
            (
                "missing field `kinesis` at line 1 column 2",
                "missing field `kinesis` at line 1 column 2",
            ),
        ] {
            assert_eq!(redacted(&message), told);
        }
    }

    proptest! {
        #[test]
        fn however_long_a_value_is_the_message_is_the_same(value in "\\PC{0,2000}") {
            let message = format!("invalid type: string {value:?}, expected u64 at line 1 column 9");
            prop_assert_eq!(redacted(&message), "invalid type: string, expected u64 at line 1 column 9");
        }

        #[test]
        fn what_is_short_is_kept_and_what_is_long_has_its_ends(pieces in proptest::collection::vec("\\PC{0,300}", 0..12)) {
            let mut ends = Abridged::default();
            for piece in &pieces {
                ends.write_str(piece).unwrap();
            }
            let text = pieces.concat();
            prop_assert!(text.starts_with(&ends.start) && text.ends_with(&ends.end));
            prop_assert!(ends.start.len() + ends.end.len() <= 2 * KEPT + 3);
            prop_assert!(text.len() > 2 * KEPT - 8 || ends.start + &ends.end == text);
        }
    }
}
