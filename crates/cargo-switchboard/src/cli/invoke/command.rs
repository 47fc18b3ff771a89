//! Runs `invoke`.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::super::ended::Ended;
use super::super::json;
use super::super::output::{self, Show};
use super::super::render::Summary;
use super::super::setup::Setup;
use super::super::signals::Stop;
use super::args::Invoke;
use super::invocation::Invocation;
use super::remote::Remote;
use crate::sync::lock;
use crate::{Error, samples};
use lambda_sandbox::{Durable, Function, InvokeEvent};

/// The function to invoke.
enum Callee {
    Local(Box<Local>),
    Remote(Remote),
}

/// A function started for this command.
struct Local {
    function: Arc<Function>,
    /// The service of durable executions, if the function is durable.
    durable: Option<Arc<Durable>>,
    /// The summary of the last invocation.
    ended: Arc<Mutex<Option<Summary>>>,
}

pub(in crate::cli) async fn invoke(args: Invoke) -> Result<Ended, Error> {
    let (events, ended) = read(&args.files);
    let remote = match &args.endpoint {
        Some(endpoint) => Some(Remote::new(endpoint)?),
        None if args.function.are_default() && !args.durable.is_set() => Remote::running().await,
        None => None,
    };
    if let Some(remote) = remote {
        tell(
            args.show(),
            &format!("invoking the function at {}", remote.endpoint()),
        );
        return invoke_all(&Callee::Remote(remote), events, ended, &args).await;
    }
    let setup = Setup::new(&args.function).await?;
    let mut stop = Stop::new()?;
    let program = setup.program.display();
    tell(
        args.show(),
        &format!("invoking {program}, started for this command"),
    );
    let session = async {
        let callee = start(&setup, &args).await?;
        let ended = invoke_all(&callee, events, ended, &args).await;
        if let Callee::Local(local) = &callee {
            let waiting = unless_raw(args.show(), "waiting for the function to end".to_owned());
            output::waiting(&waiting, local.function.shutdown()).await;
        }
        ended
    };
    tokio::select! {
        ended = session => ended,
        () = stop.asked() => Ok(Ended::Failed),
    }
}

/// Prints a line of this command, unless stderr is reserved for the function.
fn tell(show: Show, text: &str) {
    if show != Show::Raw {
        output::note(text);
    }
}

/// What to say while waiting: nothing if stderr is reserved for the function.
fn unless_raw(show: Show, what: String) -> String {
    if show == Show::Raw { String::new() } else { what }
}

/// Starts the function and shows its output immediately.
async fn start(setup: &Setup, args: &Invoke) -> Result<Callee, Error> {
    let show = args.show();
    let ended = Arc::new(Mutex::new(None));
    let (last, memory) = (Arc::clone(&ended), setup.memory_mb);
    let builder = match show {
        Show::Raw => setup.builder().on_output(output::raw_note),
        Show::Text => setup.builder().on_log(output::log),
        Show::Json => setup.builder(),
    };
    let builder = match &args.tenant_id {
        Some(_) => builder.tenant_isolation(),
        None => builder,
    };
    let place = args.durable.place().await?;
    let builder = match &place {
        Some(place) => builder.durable_at(place.address),
        None => builder,
    };
    let builder = builder.on_end(move |finished| *lock(&last) = Some(Summary::of(finished, memory)));
    let waiting = unless_raw(show, "waiting for the function to initialise".to_owned());
    let function = output::waiting(&waiting, builder.start())
        .await
        .map_err(lambda_sandbox::Error::without_logs)?;
    let function = Arc::new(function);
    let durable = match place {
        Some(place) => {
            let another = |program: &Path| setup.builder_of(program).on_log(output::log);
            Some(place.serve(&args.durable, &function, another).await?)
        }
        None => None,
    };
    Ok(Callee::Local(Box::new(Local {
        function,
        durable,
        ended,
    })))
}

/// Reads the events. Files that cannot be read are reported, and the others are still read.
fn read(files: &[PathBuf]) -> (Vec<(String, Bytes)>, Ended) {
    let mut events = Vec::new();
    let mut ended = Ended::Success;
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

async fn invoke_all(
    callee: &Callee,
    events: Vec<(String, Bytes)>,
    mut ended: Ended,
    args: &Invoke,
) -> Result<Ended, Error> {
    let (show, tenant) = (args.show(), args.tenant_id.as_deref());
    for (file, payload) in events {
        let waiting = unless_raw(show, format!("waiting for the answer to {file}"));
        let report = match callee {
            Callee::Local(local) => output::waiting(&waiting, locally(local, payload, tenant)).await?,
            Callee::Remote(remote) => output::waiting(&waiting, remote.invoke(payload, tenant)).await?,
        };
        print(&file, &report, show)?;
        let failed = report.result.is_err() || report.summary.verdict.is_failed();
        if failed && ended == Ended::Success {
            ended = Ended::Failed;
        }
    }
    Ok(ended)
}

async fn locally(local: &Local, payload: Bytes, tenant: Option<&str>) -> Result<Invocation, Error> {
    let mut event = InvokeEvent::from(payload.clone());
    event.tenant_id = tenant.map(str::to_owned);
    let invoked = match &local.durable {
        Some(durable) => durable.invoke(event).await,
        None => local.function.invoke(event).await,
    };
    let (result, duration, lines) = match invoked {
        Ok(outcome) => (outcome.result, outcome.duration, outcome.logs),
        // The event did not reach the function, so there is no outcome.
        Err(error) => (Err(error.refusal().ok_or(error)?), Duration::ZERO, Vec::new()),
    };
    // That of an execution, and not of its last invocation.
    let summary = lock(&local.ended).take().filter(|_| local.durable.is_none());
    Ok(Invocation {
        summary: summary.unwrap_or_else(|| Summary::new(&payload, &result, duration)),
        result,
        lines,
        logs: Vec::new(),
    })
}

/// Prints the function's lines and the summary to stderr, and only the reply to stdout.
fn print(file: &str, report: &Invocation, show: Show) -> Result<(), Error> {
    match show {
        Show::Json => {
            json::print(&object(file, report));
            return Ok(());
        }
        Show::Raw => output::raw_note(&report.logs),
        Show::Text => {
            let logs = String::from_utf8_lossy(&report.logs);
            logs.lines().for_each(output::log);
            output::note(&format!("{file}   {}", report.summary.text()));
        }
    }
    let reply = report.result.as_ref().unwrap_or_else(|error| &error.payload);
    // Unchanged for other programs, formatted for a terminal.
    let mut stdout = std::io::stdout().lock();
    let text = if stdout.is_terminal() {
        pretty(reply)
    } else {
        reply.to_vec()
    };
    let written = stdout.write_all(&text).and_then(|()| stdout.write_all(b"\n"));
    written.map_err(|e| Error::io("cannot write", e))
}

fn object(file: &str, report: &Invocation) -> Value {
    let mut object = json::with_result(json::summary(&report.summary), &report.result);
    let shown = String::from_utf8_lossy(&report.logs);
    let lines = report.lines.iter().map(String::as_str).chain(shown.lines());
    object["file"] = file.into();
    object["log"] = lines.collect();
    object
}

fn pretty(reply: &[u8]) -> Vec<u8> {
    let value = serde_json::from_slice::<Value>(reply);
    let text = value.and_then(|value| serde_json::to_vec_pretty(&value));
    text.unwrap_or_else(|_| reply.to_vec())
}
