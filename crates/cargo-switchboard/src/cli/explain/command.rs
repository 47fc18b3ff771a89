//! Runs `explain`.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use bytes::Bytes;
use serde::Serialize;
use switchboard::event::durable::{self, ExecutionEnvelope, Input};
use switchboard::source::{Embedded, detect};

use serde::de::IgnoredAny;

use super::super::ended::Ended;
use super::super::output::{self, OutputFormat};
use super::args::Explain;
use super::contents::{Content, contents};
use crate::deliver::one_line;
use crate::{Error, samples};

/// The explanation of a payload.
#[derive(Serialize)]
struct Explanation<'f> {
    file: &'f str,
    source: &'static str,
    evidence: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<usize>,
    /// The durable execution that the invocation belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    execution: Option<ExecutionInfo>,
    /// Events inside the records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contents: Vec<Content>,
}

/// What an envelope says about its durable execution.
#[derive(Serialize)]
struct ExecutionInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Why there is no event inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl ExecutionInfo {
    fn of(payload: &[u8]) -> Self {
        let (name, problem) = match durable::open(&Bytes::copy_from_slice(payload)) {
            Ok(ExecutionEnvelope { execution, input, .. }) => (
                execution.name().map(ToOwned::to_owned),
                matches!(input, Input::Elsewhere { .. })
                    .then(|| "its event is on the page of InitialExecutionState.NextMarker".to_owned()),
            ),
            Err(problem) => (None, Some(problem.to_string())),
        };
        Self { name, problem }
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        let name = self.name.as_deref();
        let name = name.map(|name| format!("the execution is {name:?}"));
        name.into_iter().chain(self.problem.clone())
    }
}

/// # Errors
/// If stdout cannot be written, unless its reader has closed it.
pub(in crate::cli) fn explain(args: &Explain) -> Result<Ended, Error> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut ended = Ended::Success;
    let mut written = Ok(());
    for path in &args.files {
        samples::visit(path, &mut |file, payload| match payload {
            _ if written.is_err() => {}
            Ok(payload) => {
                written = write(&mut out, file, &payload, args.format);
                if let Err(error) = is_json(&payload) {
                    // Keep an earlier, more severe result.
                    ended = if ended == Ended::Success {
                        Ended::Failed
                    } else {
                        ended
                    };
                    output::note(&format!("{}: not JSON: {error}", file.display()));
                }
            }
            Err(error) => {
                ended = Ended::Unreadable;
                output::note(&format!("{}: cannot read: {error}", file.display()));
            }
        });
    }
    // A reader such as `head` may have closed the pipe.
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::io("cannot write", error)),
        _ => Ok(ended),
    }
}

/// Whether Lambda accepts the payload as an event, optionally with a byte order mark.
fn is_json(payload: &[u8]) -> Result<(), serde_json::Error> {
    let json = payload.strip_prefix(b"\xef\xbb\xbf").unwrap_or(payload);
    serde_json::from_slice::<IgnoredAny>(json).map(|_| ())
}

fn write(out: &mut dyn Write, file: &Path, payload: &[u8], format: OutputFormat) -> io::Result<()> {
    let detected = detect(payload);
    let file = file.to_string_lossy();
    let explanation = Explanation {
        file: &file,
        source: detected.source.as_str(),
        evidence: detected
            .evidence()
            .map(|line| one_line(&line.to_string()))
            .collect(),
        batch: detected.batch,
        execution: (detected.source.embedded() == Embedded::Input).then(|| ExecutionInfo::of(payload)),
        contents: contents(detected.source, payload),
    };
    match format {
        OutputFormat::Text => {
            let mut told = explanation.evidence;
            told.extend(explanation.execution.iter().flat_map(ExecutionInfo::lines));
            told.extend(explanation.contents.iter().map(Content::line));
            let line = format!("{file}: {}  {}", explanation.source, told.join("; "));
            writeln!(out, "{}", line.trim_end())
        }
        OutputFormat::Json => {
            serde_json::to_writer(&mut *out, &explanation)?;
            out.write_all(b"\n")
        }
    }
}
