//! `run --watch`: builds and starts the function again when its sources change.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use super::super::function_args::FunctionArgs;
use super::super::output::{self, BAD, DIM, GOOD};
use crate::Error;
use crate::compile::compile;
use crate::watch::Watcher;
use lambda_sandbox::Function;

/// How long requests wait for a build. After that the earlier build answers them.
const HELD: Duration = Duration::from_secs(60);

/// Builds and starts the function again whenever its sources change, until the future is dropped.
///
/// # Errors
/// If the sources cannot be watched.
pub(super) async fn watch(
    mut watcher: Watcher,
    function: &Function,
    program: &Path,
    args: &FunctionArgs,
) -> Result<(), Error> {
    let mut built = version(program);
    loop {
        watcher.changed().await?;
        function.hold(HELD);
        output::note(&format!("{DIM}the sources have changed: building{DIM:#}"));
        build(function, program, args, &mut built).await;
        watcher.follow(program)?;
        // If they have changed again, requests wait for that build.
        if !watcher.has_changed()? {
            function.release();
        }
    }
}

/// Builds the function, and starts it again if that changed the executable.
async fn build(function: &Function, program: &Path, args: &FunctionArgs, built: &mut Option<SystemTime>) {
    let begun = Instant::now();
    if let Err(error) = compile(args.bin.as_deref(), &args.cargo_args).await {
        return output::note(&format!(
            "{BAD}error{BAD:#}: {error}; the earlier build keeps answering"
        ));
    }
    let now = version(program);
    if now == *built {
        return output::note(&format!("{DIM}nothing to do{DIM:#}"));
    }
    *built = now;
    match output::waiting("waiting for the function to initialise", function.restart()).await {
        Ok(()) => {
            let time = output::readable(begun.elapsed());
            output::note(&format!("{GOOD}restarted{GOOD:#} after {time}"));
        }
        Err(error) => output::error(&error.without_logs().into()),
    }
}

/// When the executable was made.
fn version(program: &Path) -> Option<SystemTime> {
    fs::metadata(program)
        .and_then(|metadata| metadata.modified())
        .ok()
}
