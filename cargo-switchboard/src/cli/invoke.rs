//! `cargo switchboard invoke`: events from files, one after another.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::args::Invoke;
use super::main::Ended;
use super::output::{self, BAD, GOOD};
use super::remote::Remote;
use super::setup::Setup;
use super::signals::Stop;
use crate::{Error, Function, FunctionError, samples};

/// What is printed of an invocation.
pub(super) struct Report {
    pub(super) result: Result<Bytes, FunctionError>,
    pub(super) duration: Duration,
    pub(super) logs: Vec<String>,
}

/// Who is invoked.
enum Callee {
    Local(Box<Function>),
    Remote(Remote),
}

pub(super) async fn invoke(args: Invoke) -> Result<Ended, Error> {
    let (events, ended) = read(&args.files);
    let remote = match &args.endpoint {
        Some(endpoint) => Some(Remote::new(endpoint)?),
        None if args.function.are_default() => Remote::running().await,
        None => None,
    };
    if let Some(remote) = remote {
        output::note(&format!("invoking the function at {}", remote.endpoint()));
        return invoke_all(&Callee::Remote(remote), events, ended).await;
    }
    let setup = Setup::new(&args.function)?;
    let mut stop = Stop::new()?;
    output::note(&format!(
        "invoking {}, started for this command",
        setup.program.display()
    ));
    let session = async {
        let callee = Callee::Local(Box::new(setup.builder().start().await?));
        let ended = invoke_all(&callee, events, ended).await;
        if let Callee::Local(function) = &callee {
            function.shutdown().await;
        }
        ended
    };
    tokio::select! {
        ended = session => ended,
        () = stop.asked() => Ok(Ended::Failed),
    }
}

/// The events; what cannot be read is said at once and does not keep the rest back.
fn read(files: &[PathBuf]) -> (Vec<(String, Bytes)>, Ended) {
    let mut events = Vec::new();
    let mut ended = Ended::Well;
    for path in files {
        samples::visit(path, &mut |file, payload| match payload {
            Ok(payload) => events.push((file.to_string_lossy().into_owned(), payload.into())),
            Err(error) => {
                ended = Ended::Unreadable;
                output::note(&format!("{}: cannot read: {error}", file.display()));
            }
        });
    }
    (events, ended)
}

async fn invoke_all(callee: &Callee, events: Vec<(String, Bytes)>, mut ended: Ended) -> Result<Ended, Error> {
    for (file, payload) in events {
        let report = match callee {
            Callee::Local(function) => locally(function, payload).await?,
            Callee::Remote(remote) => remote.invoke(payload).await?,
        };
        print(&file, &report)?;
        if report.result.is_err() && ended == Ended::Well {
            ended = Ended::Failed;
        }
    }
    Ok(ended)
}

async fn locally(function: &Function, payload: Bytes) -> Result<Report, Error> {
    match function.invoke(payload).await {
        Ok(outcome) => Ok(Report {
            result: outcome.result,
            duration: outcome.duration,
            logs: outcome.logs,
        }),
        Err(error) => {
            let refusal = error.refusal().ok_or(error)?;
            Ok(Report {
                result: Err(refusal),
                duration: Duration::ZERO,
                logs: Vec::new(),
            })
        }
    }
}

/// Outcome, duration and logs go to the standard error, the reply alone to the standard output.
fn print(file: &str, report: &Report) -> Result<(), Error> {
    let time = output::readable(report.duration);
    match &report.result {
        Ok(_) => output::note(&format!("{file}   {GOOD}ok{GOOD:#}   {time}")),
        Err(error) => output::note(&format!("{file}   {BAD}error{BAD:#} {error}   {time}")),
    }
    for line in &report.logs {
        output::log(line);
    }
    let reply = report.result.as_ref().unwrap_or_else(|error| &error.payload);
    // Byte by byte as it came for other programs, readable for people.
    let mut stdout = std::io::stdout().lock();
    let text = if stdout.is_terminal() {
        pretty(reply)
    } else {
        reply.to_vec()
    };
    let written = stdout.write_all(&text).and_then(|()| stdout.write_all(b"\n"));
    written.map_err(|e| Error::io("cannot write", e))
}

fn pretty(reply: &[u8]) -> Vec<u8> {
    let value = serde_json::from_slice::<Value>(reply);
    let text = value.and_then(|value| serde_json::to_vec_pretty(&value));
    text.unwrap_or_else(|_| reply.to_vec())
}
