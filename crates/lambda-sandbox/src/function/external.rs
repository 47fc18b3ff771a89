//! External extensions: programs that run beside the function in its execution environment.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::environment::{self, RuntimeApi};
use super::logs::{Logs, OwnSinks};
use super::process::Process;
use super::{Builder, FunctionError};
use crate::Error;
use crate::runtime_api::{Event, Exchange};
use crate::sync::AbortOnDrop;

/// A program that runs as an extension.
pub(super) struct External {
    pub(super) name: String,
    pub(super) process: Arc<Process>,
    logs: Arc<Logs>,
    _tasks: [AbortOnDrop; 2],
}

/// The programs in a folder of extensions, by name. As Lambda does, this takes every file for one.
///
/// # Errors
/// If the folder cannot be read.
pub(super) fn programs(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let what = || format!("cannot read the extensions' folder {}", folder.display());
    let read = || -> io::Result<Vec<PathBuf>> {
        // The path is absolute, so that neither the shell's search path nor the working directory matters.
        let entries = fs::read_dir(std::path::absolute(folder)?)?;
        let paths = entries.map(|entry| Ok(entry?.path()));
        paths.collect()
    };
    let mut programs = read().map_err(|e| Error::io(what(), e))?;
    programs.retain(|path| !path.is_dir());
    programs.sort_unstable();
    Ok(programs)
}

/// The name of an extension.
pub(super) fn name(program: &Path) -> String {
    let name = program.file_name().unwrap_or(program.as_os_str());
    name.to_string_lossy().into_owned()
}

impl External {
    /// Starts a program. Its lines are passed on to `sinks`, and are kept with those of the function.
    pub(super) fn start(
        program: &Path,
        config: &Builder,
        api: &RuntimeApi<'_>,
        exchange: &Arc<Exchange>,
        sinks: OwnSinks,
        function: &Arc<Logs>,
    ) -> Result<Self, FunctionError> {
        let name = name(program);
        let failed = |error: io::Error| {
            let message = format!("Error: cannot start the extension {name}: {error}");
            FunctionError::new("Extension.LaunchError", message)
        };
        let (reader, writer) = io::pipe().map_err(failed)?;
        let (kept, reported) = (Arc::clone(function), Arc::clone(exchange));
        let tap = move |line: &str| {
            kept.keep(line);
            reported
                .telemetry
                .report(|| Event::ExtensionLine(line.to_owned()));
        };
        let logs = Logs::new(reader, sinks.tapped(tap));
        let logs = Arc::new(logs.map_err(failed)?);
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        command.stdout(writer.try_clone().map_err(failed)?).stderr(writer);
        environment::apply_to_extension(&mut command, config, api);
        let process = Arc::new(Process::spawn(command).map_err(failed)?);
        let pump = Arc::clone(&logs);
        let (watched, told, who) = (Arc::clone(&process), Arc::clone(exchange), name.clone());
        let tasks = [
            AbortOnDrop::spawn(async move { pump.pump().await }),
            AbortOnDrop::spawn(async move {
                let exit = watched.exited().await;
                told.extensions.exited(&who, &exit.cause());
            }),
        ];
        Ok(Self {
            name,
            process,
            logs,
            _tasks: tasks,
        })
    }

    /// Passes on what it has written so far.
    pub(super) fn settle(&self) {
        self.logs.settle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_an_extension_in_the_order_of_names() {
        let folder = switchboard_test_support::files(&[("b", ""), ("a.sh", ""), ("library/c", "")]);
        let found = programs(folder.path()).unwrap();
        let names: Vec<_> = found.iter().map(|path| name(path)).collect();
        assert_eq!(names, ["a.sh", "b"]);
        let error = programs(&folder.path().join("none")).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("cannot read the extensions' folder /"),
            "{error}"
        );
    }
}
