//! Stub.
use super::Source;
use std::fmt;

/// What [`detect`] found.
#[derive(Clone, Debug)]
pub struct Detected<'p> {
    /// The source.
    pub source: Source,
    /// How many records the payload carries, where detection came to know it.
    pub batch: Option<usize>,
    evidence: Vec<&'p str>,
}

impl Detected<'_> {
    /// The evidence, a line each.
    pub fn evidence(&self) -> impl Iterator<Item = String> + '_ {
        self.evidence.iter().map(|line| (*line).to_owned())
    }
}

impl fmt::Display for Detected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)
    }
}

/// Detects.
pub fn detect(payload: &[u8]) -> Detected<'_> {
    let text = std::str::from_utf8(payload).unwrap_or("");
    let source = if text.contains("\"aws:s3\"") {
        Source::S3
    } else if text.contains("\"aws:kinesis\"") {
        Source::Kinesis
    } else if text.contains("\"aws:dynamodb\"") {
        Source::Dynamodb
    } else if text.contains("\"detail-type\"") {
        Source::CloudwatchEvents
    } else if text.contains("\"rawPath\"") {
        Source::ApiGatewayHttp
    } else if text.contains("\"httpMethod\"") {
        Source::ApiGatewayRest
    } else {
        Source::Unknown
    };
    Detected {
        source,
        batch: None,
        evidence: Vec::new(),
    }
}
