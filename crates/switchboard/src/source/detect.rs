//! The entry point: from a payload to its source.

use super::Source;
use super::check::RuleEvidence;
use super::evidence::Evidence;
use super::rules;
use super::survey::{Stop, Survey};
use super::unknown;
use std::fmt;

/// Which source sent a payload, and the evidence.
///
/// `Display` puts both in a line: `s3 (Records[0].eventSource = "aws:s3")`.
#[derive(Clone, Debug)]
pub struct Detected<'p> {
    /// The source.
    pub source: Source,
    /// How many records the payload has, if detection counted them anyway.
    pub batch: Option<usize>,
    evidence: Evidence<'p>,
}

impl Detected<'_> {
    /// What decided: one line for each clue, with its path in the payload and, where it matters, its value, cut to 64
    /// bytes.
    ///
    /// For [`Source::Unknown`] it is exactly one line, the reason.
    pub fn evidence(&self) -> impl Iterator<Item = String> + '_ {
        self.evidence.lines()
    }
}

impl fmt::Display for Detected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (", self.source)?;
        for (index, line) in self.evidence().enumerate() {
            let between = if index == 0 { "" } else { ", " };
            write!(f, "{between}{line}")?;
        }
        f.write_str(")")
    }
}

/// Identifies the source that sent a payload.
///
/// Reads the payload at most once, and only as far as necessary. It looks only at the keys that distinguish sources,
/// wherever they are, and allocates nothing unless the source is unknown. A payload that no rule recognizes is
/// [`Source::Unknown`], with the reason as its evidence. A UTF-8 byte order mark before the JSON is skipped. Of
/// duplicate keys the last one counts, unless an earlier one has decided.
///
/// # Example
/// ```
/// use switchboard::source::{Source, detect};
///
/// let found = detect(br#"{"Records": [{"eventSource": "aws:s3", "s3": {}}]}"#);
/// assert_eq!(found.source, Source::S3);
/// assert_eq!(found.to_string(), r#"s3 (Records[0].eventSource = "aws:s3")"#);
/// ```
#[must_use]
pub fn detect(payload: &[u8]) -> Detected<'_> {
    let mut survey = Survey::new(payload);
    let end = survey.read();
    match decide(&survey, end) {
        Some((source, evidence)) => Detected {
            source,
            batch: survey.batch,
            evidence: Evidence::of(&survey, &evidence),
        },
        None => Detected {
            source: Source::Unknown,
            batch: None,
            evidence: Evidence::Reason(unknown::reason(payload, &survey, end)),
        },
    }
}

/// The source without the evidence. Not inlined: a survey is large, and only needed briefly.
#[inline(never)]
pub(crate) fn source_of(payload: &[u8]) -> Source {
    let mut survey = Survey::new(payload);
    let end = survey.read();
    decide(&survey, end).map_or(Source::Unknown, |(source, _)| source)
}

/// Whether the payload conclusively identifies several sources: then the one whose keys come first counts.
#[cfg(fuzzing)]
pub fn is_of_several(payload: &[u8]) -> bool {
    let mut survey = Survey::new(payload);
    survey.read_whole().is_ok() && rules::settling(&survey) > 1
}

/// The result of the rules, unless the payload is broken.
fn decide(survey: &Survey<'_>, end: Result<(), Stop>) -> Option<(Source, RuleEvidence)> {
    match end {
        Ok(()) | Err(Stop::Settled) => rules::decide(survey),
        Err(Stop::Broken(_)) => None,
    }
}
