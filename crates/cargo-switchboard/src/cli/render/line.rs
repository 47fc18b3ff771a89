//! Any line of a function's output.

use super::log::log;
use super::metrics::metrics;
use super::object::Object;
use super::text::indented;

/// Formats a line for reading. JSON log lines and metrics become one line, with further lines for multi-line texts. Other
/// lines are kept, with carriage returns as line breaks. Control characters are escaped.
pub(in crate::cli) fn line(text: &str) -> String {
    let rendered = Object::read(text).and_then(|object| metrics(&object).or_else(|| log(object)));
    rendered.unwrap_or_else(|| indented(text.trim_end_matches('\r')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The line without styles.
    fn bare(text: &str) -> String {
        let mut pieces = text.split("\x1b[");
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |bare, piece| match piece.split_once('m') {
            Some((style, rest)) if style.bytes().all(|b| b.is_ascii_digit() || b == b';') => bare + rest,
            _ => bare + "\x1b[" + piece,
        })
    }

    #[test]
    fn each_kind_is_distinguished_from_the_others() {
        assert_eq!(bare(&line(r#" {"level":"INFO","message":"hi"}"#)), "INFO  hi");
        let metrics = r#"{"_aws":{"CloudWatchMetrics":[{"Namespace":"N"}]},"message":"no log line"}"#;
        assert!(bare(&line(metrics)).starts_with("METRIC N: "));
        for other in [
            "",
            "INFO hi",
            r#"{"a": 1}"#,
            "[1]",
            r#"{"level":"INFO","mess"#,
            "\tat a",
        ] {
            assert_eq!(line(other), other);
        }
    }

    #[test]
    fn records_of_pythons_and_nodes_runtimes_have_their_lines() {
        let python = "[ERROR] ValueError: no\rTraceback (most recent call last):\r\u{a0}\u{a0}File \"/var/task/f.py\", line 2";
        assert_eq!(
            line(python),
            "[ERROR] ValueError: no\n    Traceback (most recent call last):\n    \u{a0}\u{a0}File \"/var/task/f.py\", line 2"
        );
        let node = "2026-11-24T12:34:56.789Z\t5c0f\tINFO\t{\r  a: 1\r}\r";
        assert_eq!(
            line(node),
            "2026-11-24T12:34:56.789Z\t5c0f\tINFO\t{\n      a: 1\n    }"
        );
        assert_eq!(
            bare(&line("{\"level\":\"INFO\",\r\"message\":\"a\\rb\\r\"}")),
            "INFO  a\n    b"
        );
    }

    #[test]
    fn a_line_full_of_breaks_grows_no_more_than_its_indent() {
        let text = format!(
            r#"{{"level":"INFO","message":"{}","more":"{}"}}"#,
            r"\n".repeat(60_000),
            r"a\n".repeat(30_000)
        );
        assert!(line(&text).len() < 10 * text.len());
    }

    fn json() -> impl Strategy<Value = String> {
        let key = prop::sample::select(vec![
            "timestamp",
            "time",
            "level",
            "message",
            "msg",
            "fields",
            "record",
            "type",
            "error",
            "span",
            "spans",
            "name",
            "stackTrace",
            "_aws",
            "CloudWatchMetrics",
            "Namespace",
            "Metrics",
            "Dimensions",
            "Name",
            "Unit",
            "a\\u001bb",
        ]);
        let scalar = prop_oneof![
            Just("null".to_owned()),
            "-?[1-9][0-9]{0,14}(\\.[0-9]{1,3})?(e[0-9]{1,3})?",
            "\"(a| |=|\\\\\"|\\\\n|\\\\r|\\\\u001b\\[|\\\\u0007|\\\\u009b|\\\\ud800|é|\u{9b}){0,8}\"",
            Just("\"2026-11-24T12:34:56.789Z\"".to_owned()),
            Just("\"platform.report\"".to_owned()),
        ];
        scalar.prop_recursive(5, 40, 6, move |inner| {
            let entry = (key.clone(), inner.clone()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
            prop_oneof![
                prop::collection::vec(entry, 0..6).prop_map(|entries| format!("{{{}}}", entries.join(","))),
                prop::collection::vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(","))),
            ]
        })
    }

    fn acts(text: &str) -> bool {
        bare(text).contains(|c: char| c.is_control() && c != '\n')
    }

    proptest! {
        #[test]
        fn a_line_that_is_not_json_comes_out_byte_for_byte(text in "\\PC{0,60}") {
            prop_assume!(serde_json::from_str::<serde_json::Value>(&text).is_err());
            prop_assert_eq!(line(&text), text);
        }

        #[test]
        fn no_line_makes_a_terminal_do_anything(text in "[ -~\u{0}-\u{8}\u{a}-\u{1f}\u{7f}-\u{9f}é]{0,60}") {
            prop_assert!(!acts(&line(&text)), "{:?}", line(&text));
        }

        #[test]
        fn no_json_makes_a_terminal_do_anything(text in json()) {
            let rendered = line(&text);
            prop_assert!(!acts(&rendered), "{:?}", rendered);
        }

        #[test]
        fn a_log_line_shows_its_message(message in "[a-z =\"\\\\]{0,20}[a-z]", level in "INFO|ERROR") {
            let text = serde_json::json!({"level": level, "message": message}).to_string();
            prop_assert_eq!(bare(&line(&text)), format!("{level:5} {message}"));
        }
    }
}
