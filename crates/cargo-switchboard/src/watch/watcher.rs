//! Waits for changes of files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use super::sources::Sources;
use crate::Error;
use crate::compile::Workspace;

/// How long it must be quiet after a change: an editor or a version control system writes several files.
const QUIET: Duration = Duration::from_millis(100);

/// Watches the sources of a binary.
pub(crate) struct Watcher {
    notify: RecommendedWatcher,
    changed: UnboundedReceiver<PathBuf>,
    /// Whether there was a change since the last wait.
    pending: bool,
    sources: Sources,
    watched: BTreeSet<PathBuf>,
}

impl Watcher {
    /// Watches what `executable` was built from. What has changed `since` its build began counts as a change.
    ///
    /// # Errors
    /// If the system does not report changes of files.
    pub(crate) fn of(executable: &Path, since: SystemTime) -> Result<Self, Error> {
        Self::new(Sources::of(executable), since)
    }

    /// Watches the sources of a workspace of which nothing was built.
    ///
    /// # Errors
    /// If the system does not report changes of files.
    pub(crate) fn of_workspace(workspace: &Workspace, since: SystemTime) -> Result<Self, Error> {
        Self::new(
            Sources::of_packages(&workspace.packages, &workspace.target),
            since,
        )
    }

    fn new(sources: Sources, since: SystemTime) -> Result<Self, Error> {
        let (report, changed) = unbounded_channel();
        let notify = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // An error says that changes were lost, and then each of them may be missing: the next one is noticed.
            let paths = event.ok().filter(changes).map(|event| event.paths);
            for path in paths.unwrap_or_default() {
                // If nobody receives, the watcher is about to be dropped.
                let _ = report.send(path);
            }
        });
        let mut watcher = Self {
            notify: notify.map_err(|error| unwatchable(&error))?,
            changed,
            pending: false,
            sources,
            watched: BTreeSet::new(),
        };
        watcher.watch_all()?;
        // Only now, so that nothing is missed in between.
        watcher.pending = watcher.sources.changed_since(since);
        Ok(watcher)
    }

    /// Watches what `executable` was built from by now.
    ///
    /// # Errors
    /// If a directory cannot be watched.
    pub(crate) fn follow(&mut self, executable: &Path) -> Result<(), Error> {
        self.sources = Sources::of(executable);
        self.watch_all()
    }

    /// Watches directories that are not watched yet.
    fn watch_all(&mut self) -> Result<(), Error> {
        for directory in self.sources.directories() {
            if self.watched.contains(&directory) {
                continue;
            }
            match self.notify.watch(&directory, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(directory);
                }
                // It was removed meanwhile.
                Err(_) if !directory.exists() => {}
                Err(error) => return Err(unwatchable(&error)),
            }
        }
        Ok(())
    }

    /// Waits for a change, and until no other follows.
    ///
    /// # Errors
    /// If a new directory cannot be watched.
    pub(crate) async fn changed(&mut self) -> Result<(), Error> {
        while !std::mem::take(&mut self.pending) {
            let Some(path) = self.changed.recv().await else {
                // Cannot be: the watcher has the sender.
                return std::future::pending().await;
            };
            self.pending = self.concerns(&path)?;
        }
        while let Ok(Some(path)) = timeout(QUIET, self.changed.recv()).await {
            // It may be a new directory.
            self.concerns(&path)?;
        }
        Ok(())
    }

    /// Whether there has been another change, for which [`changed`](Self::changed) will not wait.
    ///
    /// # Errors
    /// If a new directory cannot be watched.
    pub(crate) fn has_changed(&mut self) -> Result<bool, Error> {
        while let Ok(path) = self.changed.try_recv() {
            self.pending |= self.concerns(&path)?;
        }
        Ok(self.pending)
    }

    /// Whether the binary may have to be built again. A new directory is watched, and counts: files in it may have come before.
    fn concerns(&mut self, path: &Path) -> Result<bool, Error> {
        if path.is_dir() {
            let before = self.watched.len();
            self.watch_all()?;
            return Ok(self.watched.len() > before);
        }
        self.watched.remove(path);
        Ok(self.sources.concern(path))
    }
}

/// Whether something was changed, not only read.
fn changes(event: &Event) -> bool {
    !matches!(event.kind, EventKind::Access(_))
}

fn unwatchable(error: &notify::Error) -> Error {
    Error::other(format!("cannot watch the sources: {error}"))
}
