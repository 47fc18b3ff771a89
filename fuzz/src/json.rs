//! The same JSON, written otherwise.

use crate::Choices;
use serde_json::Value;

/// Keys that no source has, and a value of no meaning, whatever stands in it.
const UNKNOWN: [&str; 3] = ["x-note", "zz", "a\"\\b"];
const MEANINGLESS: &str =
    r#"{"Records":[[{"}":"]\\\""}],{"eventSource":"aws:s3"}],"httpMethod":"GET","s":"{["}"#;

/// The value with its keys in any order, white space anywhere, and characters escaped that need not be; with `unknown`, with keys
/// of no meaning among the others as well.
pub fn rewritten(value: &Value, choices: &mut Choices, unknown: bool) -> String {
    let mut writer = Writer {
        out: String::new(),
        choices,
        unknown,
    };
    writer.value(value);
    writer.out
}

/// The text as a JSON string, with characters escaped that need not be.
pub fn text(text: &str, choices: &mut Choices) -> String {
    let mut writer = Writer {
        out: String::new(),
        choices,
        unknown: false,
    };
    writer.text(text);
    writer.out
}

struct Writer<'c> {
    out: String,
    choices: &'c mut Choices,
    unknown: bool,
}

impl Writer<'_> {
    fn space(&mut self) {
        let space = self.choices.one_of(&["", "", "", " ", "\n\t", "\r\n  "]);
        self.out.push_str(space);
    }

    fn value(&mut self, value: &Value) {
        self.space();
        match value {
            Value::Object(members) => self.object(members),
            Value::Array(elements) => {
                self.out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    self.out.push_str(if index == 0 { "" } else { "," });
                    self.value(element);
                }
                self.space();
                self.out.push(']');
            }
            Value::String(text) => self.text(text),
            plain => self.out.push_str(&plain.to_string()),
        }
        self.space();
    }

    fn object(&mut self, members: &serde_json::Map<String, Value>) {
        let mut members: Vec<_> = members
            .iter()
            .map(|(key, value)| (key.as_str(), Some(value)))
            .collect();
        for key in UNKNOWN {
            // A known key has its meaning, even if it is one of these.
            let is_free = members.iter().all(|(known, _)| *known != key);
            if self.unknown && is_free && self.choices.once_in(4) {
                members.push((key, None));
            }
        }
        self.out.push('{');
        let count = members.len();
        for index in 0..count {
            self.out.push_str(if index == 0 { "" } else { "," });
            self.space();
            let (key, value) = members.swap_remove(self.choices.below(members.len()));
            self.text(key);
            self.space();
            self.out.push(':');
            match value {
                Some(value) => self.value(value),
                None => self.out.push_str(MEANINGLESS),
            }
        }
        self.space();
        self.out.push('}');
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for character in text.chars() {
            if self.choices.once_in(8) {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    self.out.push_str(&format!("\\u{unit:04x}"));
                }
                continue;
            }
            match character {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '/' if self.choices.once_in(2) => self.out.push_str("\\/"),
                '\0'..='\u{1f}' => self.out.push_str(&format!("\\u{:04X}", u32::from(character))),
                plain => self.out.push(plain),
            }
        }
        self.out.push('"');
    }
}
