//! The database: opened at its first use, and opened again if its file has been replaced.

use super::super::StoreError;
use super::file::FileState;
use super::open::{Opened, open};
use super::schema::Schema;
use rusqlite::Connection;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A database in a file, or in memory.
pub struct Database {
    schema: &'static Schema,
    path: Option<PathBuf>,
    opened: Mutex<Option<Opened>>,
}

impl Database {
    /// The database in the file at `path`.
    pub fn file(schema: &'static Schema, path: PathBuf) -> Self {
        Self {
            schema,
            path: Some(path),
            opened: Mutex::default(),
        }
    }

    /// A database that is dropped with this value.
    pub fn memory(schema: &'static Schema) -> Self {
        Self {
            schema,
            path: None,
            opened: Mutex::default(),
        }
    }

    /// Runs `work`, which may write, on the connection. This blocks the thread, usually for a millisecond at most;
    /// moving the work to another thread would cost more than that. After an open that failed, the next use tries
    /// again.
    ///
    /// # Errors
    /// Those of `work`. Also if the file cannot be opened or written, or is no longer at its path after `work`, so that
    /// what was written is lost.
    pub fn with<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut slot = self.lock();
        self.reopen_if_replaced(&mut slot)?;
        self.write(&mut slot, work)
    }

    /// Like [`with`](Self::with), but a replaced file is an error once, instead of being opened at once: for health
    /// checks.
    ///
    /// # Errors
    /// Those of [`with`](Self::with).
    pub fn check<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut slot = self.lock();
        self.in_place(&mut slot)?;
        self.write(&mut slot, work)
    }

    /// Runs `work`, which only reads. The file need not be writable.
    ///
    /// # Errors
    /// Those of `work`, or the file cannot be opened or is no longer at its path.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut slot = self.lock();
        self.reopen_if_replaced(&mut slot)?;
        work(&self.opened(&mut slot)?.connection)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Opened>> {
        // A panic rolled its transaction back when it dropped it, so the connection is still good.
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened<'s>(&self, slot: &'s mut Option<Opened>) -> Result<&'s mut Opened, StoreError> {
        // Taken out, so that a failed open leaves nothing behind.
        let opened = match slot.take() {
            Some(opened) => opened,
            None => open(self.schema, self.path.as_deref())?,
        };
        Ok(slot.insert(opened))
    }

    fn write<T>(
        &self,
        slot: &mut Option<Opened>,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let opened = self.opened(slot)?;
        opened.make_writable(self.schema)?;
        let done = work(&mut opened.connection)?;
        // Checked last: nothing is acknowledged that was written to a deleted file.
        self.in_place(slot)?;
        Ok(done)
    }

    fn reopen_if_replaced(&self, slot: &mut Option<Opened>) -> Result<(), StoreError> {
        match self.in_place(slot) {
            Err(error) if slot.is_none() => {
                tracing::warn!(%error, "another file is there now, and is opened");
                Ok(())
            }
            in_place => in_place,
        }
    }

    /// Checks that the open file is the one at its path. If another file is there, this one is closed. If there is
    /// none, this one stays open: only a restart may create an empty file in its place.
    fn in_place(&self, slot: &mut Option<Opened>) -> Result<(), StoreError> {
        let Some(opened) = slot else {
            return Ok(());
        };
        let place = opened.file.as_mut().map_or(FileState::Same, |file| file.place());
        let what = || match &self.path {
            Some(path) => format!("{}'s file `{}`", self.schema.name, path.display()),
            None => self.schema.name.to_owned(),
        };
        match place {
            FileState::Same => Ok(()),
            FileState::Deleted => Err(StoreError::moved(format!(
                "{} was deleted while it was open: put it back, or start the function again to begin with an empty one",
                what()
            ))),
            FileState::Replaced => {
                *slot = None;
                Err(StoreError::moved(format!(
                    "{} was replaced while it was open",
                    what()
                )))
            }
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
