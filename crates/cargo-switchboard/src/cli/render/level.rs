//! The level of a log line.

use anstyle::{AnsiColor, Style};

use super::object::{number, string};
use crate::cli::output::{BAD, DIM, GOOD};

/// The longest name of a level, in bytes.
const LONGEST: usize = 12;

pub(super) struct Level {
    pub(super) name: String,
    pub(super) style: Style,
}

impl Level {
    pub(super) fn info() -> Self {
        Self {
            name: "INFO".to_owned(),
            style: style("INFO"),
        }
    }

    /// Reads a level: a word, or a number of pino and bunyan.
    pub(super) fn read(value: &str) -> Option<Self> {
        match string(value) {
            Some(text) => Self::named(&text),
            None => Self::numbered(number(value)?),
        }
    }

    fn named(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let upper = text.to_ascii_uppercase();
        let name = match upper.as_str() {
            "WARNING" => "WARN",
            "INFORMATION" => "INFO",
            "CRITICAL" => "FATAL",
            other => other,
        };
        Some(Self {
            name: name.to_owned(),
            style: style(name),
        })
    }

    fn numbered(number: f64) -> Option<Self> {
        let names = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
        let name = names.into_iter().zip(1_u8..);
        let mut name = name.filter(|(_, tens)| f64::from(*tens) * 10.0 == number);
        Self::named(name.next()?.0)
    }
}

fn style(name: &str) -> Style {
    match name {
        "TRACE" => DIM,
        "DEBUG" => AnsiColor::Blue.on_default(),
        "INFO" => GOOD,
        "WARN" => AnsiColor::Yellow.on_default(),
        "ERROR" | "FATAL" => BAD,
        _ => Style::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(value: &str) -> Option<String> {
        Level::read(value).map(|level| level.name)
    }

    #[test]
    fn levels_of_all_languages() {
        assert_eq!(name(r#""info""#).as_deref(), Some("INFO"));
        assert_eq!(name(r#""Information""#).as_deref(), Some("INFO"));
        assert_eq!(name(r#""WARNING""#).as_deref(), Some("WARN"));
        assert_eq!(name(r#""Critical""#).as_deref(), Some("FATAL"));
        assert_eq!(name(r#""notice""#).as_deref(), Some("NOTICE"));
        assert_eq!(name("50").as_deref(), Some("ERROR"));
    }

    #[test]
    fn anything_else_is_not_a_level() {
        for value in ["35", "null", r#""""#, r#""a level of water""#, r#""ä""#] {
            assert_eq!(name(value), None, "{value}");
        }
    }
}
