//! What the workflow does to the world: here, lines of a file that a test can count.

use std::fs::OpenOptions;
use std::future::Future;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

/// The world outside: a payment service, a warehouse, a carrier, EventBridge.
pub(crate) trait Effects {
    /// Has an effect, once for its key: services take an idempotency key for that.
    ///
    /// # Errors
    /// The service cannot be reached. The step is tried again.
    fn apply(&self, effect: &str, key: &str) -> impl Future<Output = io::Result<()>> + Send;
}

/// A file with a line for each effect: `charge 7`.
pub(crate) struct Ledger {
    path: PathBuf,
}

impl Ledger {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Effects for Ledger {
    async fn apply(&self, effect: &str, key: &str) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(&self.path)?;
        // Other processes of the function have the same file. It is unlocked when it is closed.
        file.lock()?;
        let (mut lines, line) = (String::new(), format!("{effect} {key}"));
        file.seek(SeekFrom::Start(0))?;
        file.read_to_string(&mut lines)?;
        match lines.lines().any(|known| known == line) {
            true => Ok(()),
            false => file.write_all(format!("{line}\n").as_bytes()),
        }
    }
}
