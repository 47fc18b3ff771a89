//! The file that a database was opened from: is it still the one at its path?
//!
//! SQLite goes on with a file that was deleted or renamed, or whose log was, for as long as it has it open. What is appended
//! then is acknowledged, and gone when the process ends.

use super::super::StoreError;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

/// What stands at the path of an opened file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum FileState {
    /// The file that was opened.
    Same,
    /// Nothing.
    Deleted,
    /// Another file; or this one, with less in it or without its log.
    Replaced,
}

/// Which file of which device; with its length, as nothing here ever makes one shorter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct FileIdentity {
    file: (u64, u64),
    bytes: u64,
}

impl FileIdentity {
    /// The identity of what is at a path; `None` if nothing is, or it cannot be looked at.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            file: number(&metadata),
            bytes: metadata.len(),
        })
    }
}

#[cfg(unix)]
fn number(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

/// Elsewhere a file cannot be deleted or replaced while it is open.
#[cfg(not(unix))]
fn number(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// A file that was opened.
pub(super) struct OpenedFile {
    path: PathBuf,
    identity: FileIdentity,
    /// Where its write-ahead log is, and which file that is, as soon as there is one: it lasts for as long as the database is open.
    log: PathBuf,
    log_identity: Option<FileIdentity>,
}

impl OpenedFile {
    /// What was opened from this path; `before` is what stood there before.
    pub(super) fn new(path: &Path, before: Option<FileIdentity>) -> Result<Self, StoreError> {
        let identity =
            FileIdentity::of(path).filter(|now| before.is_none_or(|before| before.file == now.file));
        let identity =
            identity.ok_or_else(|| StoreError::moved("the file was moved or deleted while it was opened"))?;
        Ok(Self {
            path: path.to_owned(),
            identity,
            log: log_of(path),
            log_identity: None,
        })
    }

    /// What stands at its path now.
    pub(super) fn place(&mut self) -> FileState {
        let Some(now) = FileIdentity::of(&self.path) else {
            return FileState::Deleted;
        };
        if now.file != self.identity.file || now.bytes < self.identity.bytes {
            return FileState::Replaced;
        }
        self.identity = now;
        let log = FileIdentity::of(&self.log);
        match (self.log_identity, log) {
            (None, found) => self.log_identity = found,
            (Some(known), Some(found)) if known.file == found.file => {}
            (Some(_), _) => return FileState::Replaced,
        }
        FileState::Same
    }
}

/// Where SQLite keeps the write-ahead log of a database: beside the file that a path leads to in the end.
pub(super) fn log_of(path: &Path) -> PathBuf {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut log = OsString::from(path);
    log.push("-wal");
    log.into()
}
