//! Query parameters. Each must be known, occur once, and not be empty; otherwise the answer names it.

use super::problem::Problem;
use crate::journal::{Cursor, Limit};
use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;

/// How many bytes a value may have.
const MAX_VALUE: usize = 4096;

/// The parameters of a request.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query string that may have the parameters in `known`.
    pub(super) fn read(query: Option<&str>, known: &[&str]) -> Result<Self, Problem> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for pair in query
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
        {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name).ok_or_else(|| Problem::parameter(name, "not UTF-8"))?;
            let value = decode(value).ok_or_else(|| Problem::parameter(&name, "not UTF-8"))?;
            // A misspelt filter would match everything, so it is refused.
            let problem = if !known.contains(&name.as_str()) {
                Some(format!("not known here; known are {}", known.join(", ")))
            } else if value.len() > MAX_VALUE {
                Some(format!(
                    "a value of {} bytes; at most {MAX_VALUE} are taken",
                    value.len()
                ))
            } else if parameters.iter().any(|(other, _)| *other == name) {
                Some("there more than once".to_owned())
            } else {
                value.is_empty().then(|| "must not be empty".to_owned())
            };
            match problem {
                Some(problem) => return Err(Problem::parameter(&name, &problem)),
                None => parameters.push((name, value)),
            }
        }
        Ok(Self(parameters))
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.clone())
    }

    pub(super) fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, Problem> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        // The `+` of an unencoded offset has been read as a space.
        let time = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
        let problem = "not a timestamp of RFC 3339, such as 2026-01-31T09:30:00Z";
        time.map(|time| Some(time.to_utc()))
            .map_err(|_| Problem::parameter(name, problem))
    }

    pub(super) fn limit(&self) -> Result<Limit, Problem> {
        let Some(text) = self.text("limit") else {
            return Ok(Limit::default());
        };
        let limit = text.parse().ok().and_then(|limit| Limit::new(limit).ok());
        limit.ok_or_else(|| Problem::parameter("limit", "must be a number from 1 to 1000"))
    }

    pub(super) fn cursor(&self) -> Option<Cursor> {
        self.text("cursor").map(Cursor::new)
    }

    /// All parameters but this one, for the link to the next page.
    pub(super) fn without(&self, left_out: &str) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        pairs.filter(move |(name, _)| *name != left_out)
    }
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    Some(percent_decode_str(&spaced).decode_utf8().ok()?.into_owned())
}
