//! The database: opened when it is used, and again when another file stands in its place.

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

    /// A database that is gone when this value is.
    pub fn memory(schema: &'static Schema) -> Self {
        Self {
            schema,
            path: None,
            opened: Mutex::default(),
        }
    }

    /// Runs `work`, which may write, on the connection. It blocks its thread, for a millisecond at most as a rule: handing it to
    /// another thread would cost more than it takes. An open that failed is tried again at the next use.
    ///
    /// # Errors
    /// Those of `work`; the file cannot be opened or written; or it is no longer at its path once `work` is done, so that what it
    /// wrote is not kept.
    pub fn with<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut slot = self.lock();
        self.reopen_if_replaced(&mut slot)?;
        self.write(&mut slot, work)
    }

    /// As [`with`](Self::with), but what stands in the place of the file that was opened is an error once, not opened at once: for
    /// who asks whether all is well.
    ///
    /// # Errors
    /// As [`with`](Self::with).
    pub fn check<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut slot = self.lock();
        self.in_place(&mut slot)?;
        self.write(&mut slot, work)
    }

    /// Runs `work`, which only reads: a file that cannot be written will do.
    ///
    /// # Errors
    /// Those of `work`, or the file cannot be opened or is no longer at its path.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut slot = self.lock();
        self.reopen_if_replaced(&mut slot)?;
        work(&self.opened(&mut slot)?.connection)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Opened>> {
        // A panic rolled its transaction back when it dropped it; the connection is as good as before.
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened<'s>(&self, slot: &'s mut Option<Opened>) -> Result<&'s mut Opened, StoreError> {
        // Taken out, so that an open that fails leaves nothing behind.
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
        // Looked at last: nothing is acknowledged that went into a file which is gone.
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

    /// The file that is open is the one at its path. If another is there, this one is closed; if none is, it stays as it is:
    /// to make an empty one in its place is for who starts the process again, and knows.
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
