//! Prepares a function: builds it if necessary, and creates its store.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::function_args::FunctionArgs;
use crate::Error;
use crate::compile::compile;
use lambda_sandbox::{Builder, Function};

/// The default timeout, which is API Gateway's limit.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The longest timeout, except on Managed Instances.
const LONGEST: Duration = Duration::from_secs(1800);

/// The variable of Lambda's log format.
const LOG_FORMAT: &str = "AWS_LAMBDA_LOG_FORMAT";

/// A function that is ready to start.
pub(super) struct Setup {
    pub(super) program: PathBuf,
    pub(super) env: Vec<(OsString, OsString)>,
    timeout: Duration,
    pub(super) memory_mb: u32,
    max_concurrency: Option<u32>,
    extensions: Option<PathBuf>,
    /// The temporary directory of the store, which is deleted with the command.
    _store: Option<TempDir>,
}

impl Setup {
    /// Builds the function unless the arguments name a binary, and prepares its store.
    ///
    /// # Errors
    /// If the build fails, the binary does not exist, or the directory cannot be created.
    pub(super) async fn new(args: &FunctionArgs) -> Result<Self, Error> {
        if args.max_concurrency.is_none() && args.timeout.is_some_and(|timeout| timeout > LONGEST) {
            return Err(Error::other(
                "a timeout over 1800 seconds needs --max-concurrency: only Managed Instances allow it",
            ));
        }
        let program = match &args.binary {
            Some(binary) => found(binary)?,
            None => compile(args.bin.as_deref(), &args.cargo_args).await?,
        };
        let (store, directory) = store(args.store.as_deref())?;
        let mut env = vec![("SWITCHBOARD_STORE".into(), store)];
        // As this program shows lines best, and as Lambda is mostly configured.
        if std::env::var_os(LOG_FORMAT).is_none() {
            env.push((LOG_FORMAT.into(), "JSON".into()));
        }
        // The last of several counts.
        env.extend(args.env.iter().cloned());
        Ok(Self {
            program,
            env,
            timeout: args.timeout.unwrap_or(TIMEOUT),
            memory_mb: args.memory.unwrap_or(128),
            max_concurrency: args.max_concurrency,
            extensions: args.extensions.clone(),
            _store: directory,
        })
    }

    /// The same without the variable of the store, which somebody else sets.
    pub(super) fn without_store(mut self) -> Self {
        self.env.remove(0);
        self
    }

    pub(super) fn builder(&self) -> Builder {
        let builder = self.builder_of(&self.program);
        match &self.extensions {
            Some(folder) => builder.extensions(folder),
            None => builder,
        }
    }

    /// Another function with the same settings, without extensions.
    pub(super) fn builder_of(&self, program: &Path) -> Builder {
        let builder = Function::builder(program)
            .timeout(self.timeout)
            .memory_mb(self.memory_mb);
        let builder = match self.max_concurrency {
            Some(limit) => builder.max_concurrency(limit),
            None => builder,
        };
        self.env
            .iter()
            .fold(builder, |builder, (name, value)| builder.env(name, value))
    }
}

/// The absolute path, so that the shell's search path does not matter.
///
/// # Errors
/// If there is no such file.
pub(super) fn found(binary: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(binary)
        .and_then(|path| path.metadata().map(|_| path))
        .map_err(|e| Error::io(format!("cannot find the binary {}", binary.display()), e))
}

fn store(path: Option<&Path>) -> Result<(OsString, Option<TempDir>), Error> {
    let (path, directory) = match path {
        Some(path) => (path.to_owned(), None),
        None => {
            let directory = TempDir::with_prefix("switchboard-");
            let directory = directory.map_err(|e| Error::io("cannot make a directory for the store", e))?;
            (directory.path().join("journal.sqlite"), Some(directory))
        }
    };
    // Not a string: paths need not be UTF-8.
    let mut store = OsString::from("sqlite:");
    store.push(path);
    Ok((store, directory))
}
