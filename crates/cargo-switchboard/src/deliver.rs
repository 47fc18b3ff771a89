//! Delivers sample events to a function and judges what comes back.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use switchboard::source::{Embedded, Source, detect};

use crate::recording::recorded;
use crate::{Error, samples};
use lambda_sandbox::Outcome;

/// A sample event.
pub(crate) struct Sample {
    /// Its file.
    pub(crate) file: PathBuf,
    /// Its detected source.
    pub(crate) source: Source,
    /// The number of its records, if detection knows it.
    batch: Option<usize>,
    /// Whether the function must refuse it.
    unrouted: bool,
    payload: Bytes,
}

/// The result of a sample.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// The function handled it; the text is `ok` or an HTTP status.
    Handled(String),
    /// The function refused it, as it should.
    Refused,
    /// The function failed, for this reason.
    Failed(String),
}

impl Verdict {
    pub(crate) fn text(&self) -> &str {
        match self {
            Verdict::Handled(text) | Verdict::Failed(text) => text,
            Verdict::Refused => "unrouted (as expected)",
        }
    }

    pub(crate) fn is_failed(&self) -> bool {
        matches!(self, Verdict::Failed(_))
    }
}

/// Every sample below `dir`, in order.
///
/// # Errors
/// If a sample cannot be read, or if there is none.
pub(crate) fn read(dir: &Path) -> Result<Vec<Sample>, Error> {
    let mut samples = Vec::new();
    let mut failed = None;
    samples::visit(dir, &mut |file, payload| match payload {
        Ok(payload) => samples.push(Sample::new(file, payload)),
        Err(error) => failed = failed.take().or(Some(unreadable(file, error))),
    });
    match failed {
        Some(error) => Err(error),
        None if samples.is_empty() => Err(Error::other(format!("no *.json files below {}", dir.display()))),
        None => Ok(samples),
    }
}

/// The events of a file that `run --record` wrote, in their order.
///
/// # Errors
/// If it cannot be read, or has something else.
pub(crate) fn replayed(file: &Path) -> Result<Vec<Sample>, Error> {
    let events = recorded(file)?.into_iter().zip(1..);
    let sample = |(event, line): (Vec<u8>, usize)| {
        let mut sample = Sample::new(file, event);
        sample.file = PathBuf::from(format!("{}:{line}", file.display()));
        sample.unrouted = false;
        sample
    };
    Ok(events.map(sample).collect())
}

fn unreadable(file: &Path, error: io::Error) -> Error {
    Error::io(format!("cannot read {}", file.display()), error)
}

impl Sample {
    fn new(file: &Path, payload: Vec<u8>) -> Self {
        let detected = detect(&payload);
        let (source, batch) = (detected.source, detected.batch);
        let mut directories = file.parent().into_iter().flat_map(Path::components);
        Self {
            file: shown(file),
            source,
            batch,
            unrouted: directories.any(|directory| directory.as_os_str() == "unrouted"),
            payload: payload.into(),
        }
    }

    pub(crate) fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// Judges an invocation with the sample. A sample that Lambda refuses has failed without an outcome.
    ///
    /// # Errors
    /// If the function cannot be invoked.
    pub(crate) fn judge(
        &self,
        invoked: Result<Outcome, lambda_sandbox::Error>,
    ) -> Result<(Verdict, Option<Outcome>), Error> {
        match invoked {
            Ok(outcome) => Ok((self.verdict(&outcome), Some(outcome))),
            Err(error) => {
                let refusal = error.refusal().ok_or(error)?;
                Ok((Verdict::Failed(format!("error {refusal}")), None))
            }
        }
    }

    fn verdict(&self, outcome: &Outcome) -> Verdict {
        match &outcome.result {
            Err(error) if self.unrouted && error.error_type == "UnroutedEvent" => Verdict::Refused,
            Err(error) => Verdict::Failed(format!("error {}", one_line(&error.to_string()))),
            Ok(reply) if self.unrouted && execution_error(self.source, reply).is_some_and(is_unrouted) => {
                Verdict::Refused
            }
            Ok(_) if self.unrouted => Verdict::Failed("handled, but expected to be unrouted".to_owned()),
            Ok(reply) => judge_reply(self.source, self.batch, reply),
        }
    }
}

/// Judges a reply as `source` does for an event with this many records.
pub(crate) fn judge_reply(source: Source, batch: Option<usize>, reply: &Bytes) -> Verdict {
    if let Some((error_type, message)) = execution_error(source, reply) {
        return Verdict::Failed(format!("error {}", one_line(&format!("{error_type}: {message}"))));
    }
    let mut reply: Value = serde_json::from_slice(reply).unwrap_or_default();
    if source.embedded() == Embedded::Input {
        let result = reply["Result"].as_str().unwrap_or_default();
        reply = serde_json::from_str(result).unwrap_or_default();
    }
    let failures = reply["batchItemFailures"].as_array().map_or(0, Vec::len);
    if failures > 0 {
        let of = batch.map_or(String::new(), |batch| format!(" of {batch}"));
        return Verdict::Failed(format!("{failures} failed{of}"));
    }
    match reply["statusCode"].as_u64().filter(|_| source.is_http()) {
        Some(status) if status >= 500 => Verdict::Failed(status.to_string()),
        Some(status) => Verdict::Handled(status.to_string()),
        None => Verdict::Handled("ok".to_owned()),
    }
}

/// Why the durable execution has failed that the reply is about: the type of the error, and its message.
fn execution_error(source: Source, reply: &Bytes) -> Option<(String, String)> {
    if source.embedded() != Embedded::Input {
        return None;
    }
    let mut reply: Value = serde_json::from_slice(reply).ok()?;
    let mut text = |name: &str| {
        reply["Error"][name]
            .take()
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let error = (text("ErrorType"), text("ErrorMessage"));
    (reply["Status"] == "FAILED").then_some(error)
}

fn is_unrouted((error_type, _): (String, String)) -> bool {
    error_type == "UnroutedEvent"
}

/// The path relative to the current directory, if it is below.
fn shown(file: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    file.strip_prefix(here).unwrap_or(file).to_owned()
}

/// A duration in milliseconds, to the microsecond.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_judged_by_what_their_source_makes_of_them() {
        let http = |reply: &'static str| judge_reply(Source::ApiGatewayHttp, None, &reply.into());
        assert_eq!(http(r#"{"statusCode":404}"#), Verdict::Handled("404".to_owned()));
        assert!(http(r#"{"statusCode":500}"#).is_failed());
        let batch = |reply: &'static str| judge_reply(Source::Kinesis, Some(3), &reply.into());
        let reply = r#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#;
        assert_eq!(batch(reply).text(), "1 failed of 3");
        assert_eq!(batch(r#"{"batchItemFailures":[]}"#).text(), "ok");
        assert_eq!(batch("null").text(), "ok");
        let execution = |reply: &'static str| judge_reply(Source::Durable, None, &reply.into());
        let failed =
            r#"{"Status":"FAILED","Error":{"ErrorType":"HandlerFailed","ErrorMessage":"no\ncover"}}"#;
        assert_eq!(execution(failed).text(), "error HandlerFailed: no cover");
        assert!(execution(failed).is_failed());
        let partial =
            r#"{"Status":"SUCCEEDED","Result":"{\"batchItemFailures\":[{\"itemIdentifier\":\"1\"}]}"}"#;
        assert_eq!(execution(partial).text(), "1 failed");
        assert_eq!(
            execution(r#"{"Status":"SUCCEEDED","Result":"null"}"#).text(),
            "ok"
        );
        assert_eq!(execution(r#"{"Status":"PENDING"}"#).text(), "ok");
    }

    #[test]
    fn only_the_directories_of_a_sample_make_it_unrouted() {
        assert!(Sample::new(Path::new("events/unrouted/sqs.json"), Vec::new()).unrouted);
        assert!(!Sample::new(Path::new("events/s3/unrouted.json"), Vec::new()).unrouted);
    }
}
