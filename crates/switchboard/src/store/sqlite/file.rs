//! The file that a database was opened from, and whether it is still the one at its path.
//!
//! SQLite continues to use a file after it (or its log) was deleted or renamed. What is written then is acknowledged,
//! but gone when the process ends.

use super::super::StoreError;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

/// What is at the path of an opened file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum FileState {
    /// The file that was opened.
    Same,
    /// No file.
    Deleted,
    /// Another file; or the same file, but shorter or without its log.
    Replaced,
}

/// Device, file number and length. The length is part of it because nothing here ever shortens a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct FileIdentity {
    file: (u64, u64),
    bytes: u64,
}

impl FileIdentity {
    /// The identity of the file at a path; `None` if there is none, or it cannot be read.
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

/// On other systems an open file cannot be deleted or replaced.
#[cfg(not(unix))]
fn number(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// A file that was opened.
pub(super) struct OpenedFile {
    path: PathBuf,
    identity: FileIdentity,
    /// The path of its write-ahead log, and the log's identity once it exists. The log exists for as long as the
    /// database is open.
    log: PathBuf,
    log_identity: Option<FileIdentity>,
}

impl OpenedFile {
    /// The file that was opened from this path; `before` is what was there before.
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

    /// What is at its path now.
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

/// Where SQLite keeps the write-ahead log of a database: beside the file to which the path resolves.
pub(super) fn log_of(path: &Path) -> PathBuf {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut log = OsString::from(path);
    log.push("-wal");
    log.into()
}
