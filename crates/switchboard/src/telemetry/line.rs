//! A log line, as JSON or as text.

use super::fields::{FieldValue, Fields};
use super::json;
use super::scope::{Scope, current_record};
use super::settings::Settings;
use chrono::{SecondsFormat, Utc};
use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;
use tracing::{Level, Metadata};

/// The format of lines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    /// One object per line.
    Json,
    /// For people, possibly in colour.
    Text { colour: bool },
}

/// The content of a line.
pub(super) struct LogLine<'l> {
    pub(super) settings: &'l Settings,
    pub(super) scope: Option<&'l Scope>,
    pub(super) metadata: &'static Metadata<'static>,
    /// The fields of the event and of the spans around it.
    pub(super) fields: Fields,
}

/// The keys of a line and their values.
type LineMembers<'k> = Vec<(&'static str, LineValue<'k>)>;

enum LineValue<'k> {
    Text(Cow<'k, str>),
    Flag(bool),
}

impl fmt::Display for LineValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Flag(flag) => flag.fmt(f),
        }
    }
}

impl LogLine<'_> {
    /// The line with its line break.
    pub(super) fn write(mut self, format: Format) -> Vec<u8> {
        let message = self.fields.take("message").map(|value| value.to_string());
        let message = message.unwrap_or_default();
        let mut line = match format {
            Format::Json => self.json(&message),
            Format::Text { colour } => self.text(&message, colour),
        };
        line.push(b'\n');
        line
    }

    fn json(&self, message: &str) -> Vec<u8> {
        let mut line = Vec::with_capacity(1024);
        let keys = self.keys(message);
        for (name, value) in &keys {
            json::key(&mut line, name);
            match value {
                LineValue::Text(text) => json::string(&mut line, text),
                LineValue::Flag(flag) => json::value(&mut line, flag),
            }
        }
        for (name, value) in self.fields.iter() {
            let Some(name) = beside(&keys, name, value) else {
                continue;
            };
            json::key(&mut line, &name);
            match value {
                FieldValue::Text(text) | FieldValue::Shown(text) => json::string(&mut line, text),
                other => json::value(&mut line, other),
            }
        }
        // Replaces the comma before the first key, of which there is always one.
        line[0] = b'{';
        line.push(b'}');
        line
    }

    /// The keys that fields cannot replace.
    fn keys<'k>(&'k self, message: &'k str) -> LineMembers<'k> {
        let text = |text: &'k str| LineValue::Text(Cow::Borrowed(text));
        let time = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut keys = Vec::with_capacity(12);
        keys.push(("timestamp", LineValue::Text(Cow::Owned(time))));
        keys.push(("level", text(self.metadata.level().as_str())));
        keys.push(("message", text(message)));
        keys.push(("target", text(self.metadata.target())));
        keys.push(("service", text(&self.settings.service)));
        keys.push(("function_name", text(&self.settings.function_name)));
        let Some(scope) = self.scope else {
            return keys;
        };
        keys.push(("function_request_id", text(&scope.request_id)));
        keys.push(("requestId", text(&scope.request_id)));
        keys.extend(scope.trace_id().map(|id| ("xray_trace_id", text(id))));
        keys.push(("cold_start", LineValue::Flag(scope.cold_start)));
        keys.extend(scope.tenant_id.as_deref().map(|id| ("tenant_id", text(id))));
        keys.extend(scope.execution().map(|(key, value)| (key, text(value))));
        let (source, id) = place(scope);
        keys.extend(source.map(|source| ("source", text(source))));
        keys.extend(id.map(|id| ("correlation_id", LineValue::Text(id))));
        keys
    }

    fn text(&self, message: &str, colour: bool) -> Vec<u8> {
        let mut line = String::with_capacity(256);
        let level = self.metadata.level();
        let _ = match colour {
            true => write!(line, "\u{1b}[{}m{level:>5}\u{1b}[0m", shade(*level)),
            false => write!(line, "{level:>5}"),
        };
        if let Some(scope) = self.scope {
            let _ = write!(line, " {}", one_line(&scope.request_id));
        }
        let _ = write!(line, " {}: {}", self.metadata.target(), one_line(message));
        for (name, value) in self.fields.iter() {
            let _ = match value {
                FieldValue::Text(text) => write!(line, " {name}={text:?}"),
                other => write!(line, " {name}={}", one_line(&other.to_string())),
            };
        }
        if let Some(id) = self.scope.and_then(|scope| place(scope).1) {
            let _ = write!(line, " correlation_id={}", one_line(&id));
        }
        line.into_bytes()
    }
}

/// The source and the correlation id: those of the record, if there is one.
fn place(scope: &Scope) -> (Option<&'static str>, Option<Cow<'_, str>>) {
    match current_record() {
        Some((source, id)) => (
            Some(source.as_str()),
            id.map(Cow::Owned).or_else(|| own_id(scope)),
        ),
        None => (scope.source().map(|source| source.as_str()), own_id(scope)),
    }
}

fn own_id(scope: &Scope) -> Option<Cow<'_, str>> {
    scope.correlation_id().map(Cow::Borrowed)
}

/// The name of a field beside the keys: its own name, unless that is a key with another value. A field with the same
/// value as its key is left out.
fn beside<'n>(
    keys: &[(&'static str, LineValue<'_>)],
    name: &'n str,
    value: &FieldValue,
) -> Option<Cow<'n, str>> {
    match keys.iter().find(|(key, _)| *key == name) {
        None => Some(Cow::Borrowed(name)),
        Some((_, key)) if key.to_string() == value.to_string() => None,
        Some(_) => Some(Cow::Owned(format!("fields.{name}"))),
    }
}

/// CloudWatch makes an entry of every line.
fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character.is_control() {
            true => line.extend(character.escape_default()),
            false => line.push(character),
        }
    }
    Cow::Owned(line)
}

/// The colour of a level, as a terminal code.
fn shade(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        Level::DEBUG => 34,
        Level::TRACE => 35,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_field_is_beside_the_keys() {
        let keys = [("source", LineValue::Text(Cow::Borrowed("s3")))];
        let name = |name, value: &str| beside(&keys, name, &FieldValue::Shown(value.to_owned()));
        assert_eq!(name("bucket", "s3").as_deref(), Some("bucket"));
        assert_eq!(name("source", "shop").as_deref(), Some("fields.source"));
        assert_eq!(name("source", "s3"), None);
    }

    proptest! {
        #[test]
        fn a_text_line_is_one_line(text in any::<String>()) {
            let line = one_line(&text);
            prop_assert!(!line.contains(char::is_control));
            prop_assert!(text.contains(char::is_control) || line == text);
        }
    }
}
