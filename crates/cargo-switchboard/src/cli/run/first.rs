//! The first build and start of the function; with `--watch` again after each change, until both succeed.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::SystemTime;

use tokio::net::TcpListener;

use super::super::output::{self, DIM};
use super::super::setup::Setup;
use super::super::signals::Stop;
use super::args::Run;
use super::command::Session;
use crate::Error;
use crate::compile::workspace;
use crate::watch::Watcher;
use lambda_sandbox::Standby;

/// A function that was started.
pub(super) struct Begun {
    pub(super) setup: Setup,
    pub(super) session: Session,
    pub(super) watcher: Option<Watcher>,
    pub(super) stop: Stop,
}

/// Builds and starts the function; `None` if a signal has asked to stop.
///
/// # Errors
/// If that fails. With `--watch`, only for reasons that no change of the sources mends.
pub(super) async fn begin(
    args: &Run,
    listener: Option<&TcpListener>,
    describe: bool,
    durable_at: Option<SocketAddr>,
) -> Result<Option<Begun>, Error> {
    // During the first build, Ctrl-C should end cargo and this program as usual.
    let mut stop = None;
    loop {
        let begun = SystemTime::now();
        let (error, built) = match unless_stopped(&mut stop, Setup::new(&args.function)).await {
            None => return Ok(None),
            Some(Err(error)) => (error, None),
            Some(Ok(setup)) => {
                listen(&mut stop)?;
                match unless_stopped(&mut stop, Session::start(&setup, describe, args, durable_at)).await {
                    None => return Ok(None),
                    Some(Err(error)) => (error, Some(setup.program)),
                    Some(Ok(session)) => {
                        let watch = || Watcher::of(&setup.program, begun);
                        return Ok(Some(Begun {
                            watcher: args.watch.then(watch).transpose()?,
                            stop: stop.map_or_else(Stop::new, Ok)?,
                            setup,
                            session,
                        }));
                    }
                }
            }
        };
        if !(args.watch && error.is_of_the_sources()) {
            return Err(error);
        }
        output::error(&error);
        listen(&mut stop)?;
        let waiting = changed(args, built, begun, listener);
        match unless_stopped(&mut stop, waiting).await {
            None => return Ok(None),
            Some(changed) => changed?,
        }
        output::note(&format!("{DIM}the sources have changed: building{DIM:#}"));
    }
}

/// From now on, signals end this program in order.
fn listen(stop: &mut Option<Stop>) -> Result<(), Error> {
    if stop.is_none() {
        *stop = Some(Stop::new()?);
    }
    Ok(())
}

/// Does this work; `None` if a signal asks to stop meanwhile.
async fn unless_stopped<T>(stop: &mut Option<Stop>, work: impl Future<Output = T>) -> Option<T> {
    match stop {
        None => Some(work.await),
        Some(stop) => tokio::select! {
            done = work => Some(done),
            () = stop.asked() => None,
        },
    }
}

/// Waits for a change of the sources, and says to those who call the function meanwhile that there is none.
async fn changed(
    args: &Run,
    built: Option<PathBuf>,
    begun: SystemTime,
    listener: Option<&TcpListener>,
) -> Result<(), Error> {
    let (mut watcher, problem) = match built {
        Some(executable) => (Watcher::of(&executable, begun)?, "does not start"),
        None => {
            let workspace = workspace(&args.function.cargo_args).await?;
            (Watcher::of_workspace(&workspace, begun)?, "does not build")
        }
    };
    let Some(listener) = listener else {
        return watcher.changed().await;
    };
    let address = listener
        .local_addr()
        .map_err(|e| Error::io("cannot determine the port", e))?;
    output::note(&format!(
        "{DIM}waiting for a change of the sources; until then http://{address} answers with 503{DIM:#}"
    ));
    let text = format!("The function {problem}. Whoever started `cargo switchboard run --watch` sees why.");
    tokio::select! {
        changed = watcher.changed() => changed,
        never = Standby::new(args.guard(), text).serve(listener) => match never {},
    }
}
