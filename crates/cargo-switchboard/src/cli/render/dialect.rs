//! Peculiarities of other languages' loggers: Serilog's compact format and templates, the state of .NET's console logger, the
//! stack traces of log4j.

use super::object::{Object, array, string};

/// The key of a template in .NET's state.
const ORIGINAL: &str = "{OriginalFormat}";

/// The message of a Serilog template, if the object has one, with its holes filled from the fields.
pub(super) fn templated(object: &mut Object<'_>) -> Option<String> {
    let template = object.take(&["@mt", "messagetemplate"], string)?;
    Some(filled(&template, object))
}

/// `{Name}`, `{@Name}`, `{$Name}`, `{Name:format}` and `{Name,width}` are holes, `{{` and `}}` are braces.
fn filled(template: &str, object: &Object<'_>) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let length = match (from.get(..2), from.find('}')) {
            (Some("{{" | "}}"), _) => {
                text.push_str(&from[..1]);
                2
            }
            (_, Some(end)) if end > 0 => {
                let hole = from[1..end].trim_start_matches(['@', '$']);
                let name = hole.split([',', ':']).next().unwrap_or(hole);
                let value = object.get(name);
                let value = value.map(|value| string(value).unwrap_or_else(|| value.to_owned()));
                text.push_str(value.as_deref().unwrap_or(&from[..=end]));
                end + 1
            }
            _ => {
                text.push_str(&from[..1]);
                1
            }
        };
        rest = &from[length..];
    }
    text.push_str(rest);
    text
}

/// The fields of .NET's `State` without those that repeat the message; `None` if it is another kind of state.
pub(super) fn state(value: &str) -> Option<Vec<(String, &str)>> {
    let Object(mut entries) = Object::read(value)?;
    let length = entries.len();
    entries.retain(|(key, _)| key != ORIGINAL);
    let is_state = entries.len() < length;
    entries.retain(|(key, _)| key != "Message");
    is_state.then_some(entries)
}

/// The frames of a log4j stack trace, one per line, as Java prints them.
pub(super) fn frames(value: &str) -> Option<String> {
    let frames: Vec<Object<'_>> = array(value)?;
    let lines: Option<Vec<String>> = frames.iter().map(frame).collect();
    lines
        .filter(|lines| !lines.is_empty())
        .map(|lines| lines.join("\n"))
}

fn frame(frame: &Object<'_>) -> Option<String> {
    let text = |key| frame.get(key).and_then(string);
    let (class, method) = (text("class")?, text("method")?);
    let place = match (text("file"), frame.get("line")) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (Some(file), None) => file,
        (None, _) => "Unknown Source".to_owned(),
    };
    Some(format!("at {class}.{method}({place})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_with_what_the_line_has() {
        let json = r#"{"Id":7,"Who":"Ada","Cart":{"n": 1},"Price":1.5}"#;
        let object = Object::read(json).unwrap();
        for (template, text) in [
            ("Order {Id} of {Who}", "Order 7 of Ada"),
            ("{@Cart} {$Who} {Price:0.00} {Who,-10}", r#"{"n": 1} Ada 1.5 Ada"#),
            ("{Other} {{Id}} } { {", "{Other} {Id} } { {"),
            ("{}", "{}"),
            ("plain", "plain"),
        ] {
            assert_eq!(filled(template, &object), text, "{template}");
        }
    }

    #[test]
    fn frames_are_written_as_java_prints_them() {
        let value = r#"[{"class":"a.B","method":"f","file":"B.java","line":7,"exact":true},{"class":"a.C","method":"<init>"}]"#;
        assert_eq!(
            frames(value).as_deref(),
            Some("at a.B.f(B.java:7)\nat a.C.<init>(Unknown Source)")
        );
        assert_eq!(frames(r#"[{"a":1}]"#), None);
        assert_eq!(frames("[]"), None);
    }

    #[test]
    fn a_state_without_a_template_is_something_else() {
        assert!(state(r#"{"Message":"x","n":1}"#).is_none());
        assert_eq!(
            state(r#"{"Message":"x","n":1,"{OriginalFormat}":"x"}"#).unwrap(),
            [("n".to_owned(), "1")]
        );
    }
}
