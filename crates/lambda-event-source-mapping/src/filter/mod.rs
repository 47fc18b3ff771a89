//! Which records a mapping delivers: event patterns, as Lambda's filter criteria use them.
//!
//! Lambda Developer Guide, “Control which events Lambda sends to your function”; EventBridge User Guide, “Comparison operators for use
//! in event patterns”. Tests of IP addresses (`cidr`) are refused: mappings are not documented to have them.

mod pattern;
pub use pattern::{Pattern, PatternError};

mod test;

use serde_json::Value;

/// The filter criteria of a mapping. A record passes if one of the patterns matches, or if there is none.
#[derive(Clone, Debug, Default)]
pub struct Filters(Vec<Pattern>);

impl Filters {
    /// Reads patterns, each as JSON.
    ///
    /// # Errors
    /// If one is no valid pattern.
    pub fn parse<T: AsRef<str>>(patterns: impl IntoIterator<Item = T>) -> Result<Self, PatternError> {
        let patterns = patterns
            .into_iter()
            .map(|pattern| Pattern::parse(pattern.as_ref()));
        patterns.collect::<Result<_, _>>().map(Self)
    }

    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the record passes. `record` is as the function gets it, except that what it holds is in `content`, with its name
    /// in the pattern (`body`, `data`): as JSON if it is JSON, else as a text.
    #[must_use]
    pub fn pass(&self, mut record: Value, content: Option<(&str, &[u8])>) -> bool {
        if self.is_empty() {
            return true;
        }
        if let Some((name, content)) = content {
            let text = || String::from_utf8_lossy(content).into_owned().into();
            record[name] = serde_json::from_slice(content).unwrap_or_else(|_| text());
        }
        self.0.iter().any(|pattern| pattern.matches(&record))
    }
}

#[cfg(test)]
mod tests;
