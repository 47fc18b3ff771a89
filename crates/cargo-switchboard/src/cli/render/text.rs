//! Escapes control sequences in text for a terminal.

use std::borrow::Cow;

/// Starts an indented line.
pub(super) const INDENT: &str = "\n    ";
const RESET: &str = "\x1b[0m";
/// The longest sequence that sets a colour.
const SEQUENCE: usize = 32;

/// Escapes control characters, such as `\u{7}` for a bell. Line breaks, tabs and sequences that set colours and weights are
/// kept. Styles are reset at the end of the text.
pub(in crate::cli) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let (mut shown, mut rest, mut styled) = (String::with_capacity(text.len() + 16), text, false);
    while let Some(at) = rest.find(acts) {
        let (before, from) = rest.split_at(at);
        shown.push_str(before);
        let length = style(from);
        styled |= length > 0;
        shown.push_str(&from[..length]);
        let mut characters = from[length..].chars();
        if length == 0
            && let Some(control) = characters.next()
        {
            shown.extend(control.escape_unicode());
        }
        rest = characters.as_str();
    }
    shown.push_str(rest);
    if styled {
        shown.push_str(RESET);
    }
    Cow::Owned(shown)
}

fn acts(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
}

/// The length of the “select graphic rendition” sequence at the start of the text, or 0.
fn style(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\x1b[") else {
        return 0;
    };
    let is_parameter = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b';' | b':');
    let length = parameters.bytes().take(SEQUENCE).take_while(is_parameter).count();
    match parameters.as_bytes().get(length) {
        Some(b'm') => 2 + length + 1,
        _ => 0,
    }
}

/// Indents all lines except the first, and escapes control characters.
pub(super) fn indented(text: &str) -> String {
    harmless(&with_breaks(text)).replace('\n', INDENT)
}

/// Normalizes line breaks to `\n`. Lambda's runtimes for Python and Node.js write multi-line records as one line, separated
/// by `\r`.
pub(super) fn with_breaks(text: &str) -> Cow<'_, str> {
    match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(text),
    }
}

/// Quotes a text unless it is a single word.
pub(super) fn word(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '=');
    if !text.is_empty() && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let quoted = serde_json::Value::from(text).to_string();
    Cow::Owned(harmless(&quoted).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        assert_eq!(harmless("a\tb\nc"), "a\tb\nc");
        assert_eq!(harmless("bell\u{7}, \r\u{9b}2J"), "bell\\u{7}, \\u{d}\\u{9b}2J");
        assert_eq!(harmless("\x1b]0;title\u{7}"), "\\u{1b}]0;title\\u{7}");
        assert_eq!(harmless("\x1b[2J\x1b["), "\\u{1b}[2J\\u{1b}[");
    }

    #[test]
    fn colours_stay_and_end_with_the_text() {
        assert_eq!(
            harmless("\x1b[1;32mgreen\x1b[m\x07"),
            "\x1b[1;32mgreen\x1b[m\\u{7}\x1b[0m"
        );
        let long = format!("\x1b[{}m", "1".repeat(SEQUENCE + 1));
        assert!(!harmless(&long).contains('\x1b'));
    }

    #[test]
    fn words_are_bare_and_the_rest_is_quoted() {
        assert_eq!(word("a/b.json"), "a/b.json");
        assert_eq!(word(""), r#""""#);
        assert_eq!(word("two words"), r#""two words""#);
        assert_eq!(word("a=\"b\""), r#""a=\"b\"""#);
        assert_eq!(word("\x1b[31m\u{9b}"), r#""\u001b[31m\u{9b}""#);
    }

    proptest! {
        #[test]
        fn text_without_control_characters_is_itself(text in "\\PC{0,40}") {
            prop_assert_eq!(harmless(&text).into_owned(), text);
        }

        #[test]
        fn a_text_made_harmless_has_no_character_that_acts_on_a_terminal(text in "[\u{0}-\u{1f}\u{7f}-\u{9f}a1;m\\[]{0,40}") {
            prop_assert!(!harmless(&text).replace("\x1b[", "").contains(|c| acts(c) && c != '\x1b') );
        }
    }
}
