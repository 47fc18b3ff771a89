//! Events in a file, a line for each, so that they can be delivered again.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::sync::lock;

/// The file that `--record` writes.
pub(crate) struct EventRecording(Mutex<Option<File>>);

/// A line of it.
#[derive(Deserialize, Serialize)]
struct RecordedEvent {
    request_id: String,
    /// The event as text: byte for byte what the function was invoked with.
    event: String,
}

impl EventRecording {
    /// Begins a file that nobody else can read: events may hold secrets.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn begin(path: &Path) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        let opened = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path);
        let file = opened.map_err(|e| Error::io(format!("cannot write {}", path.display()), e))?;
        Ok(Self(Mutex::new(Some(file))))
    }

    /// Adds an event. Returns whether this is the first that could not be written; no more are then.
    pub(crate) fn add(&self, request_id: &str, event: &[u8]) -> bool {
        let line = RecordedEvent {
            request_id: request_id.to_owned(),
            event: String::from_utf8_lossy(event).into_owned(),
        };
        let mut file = lock(&self.0);
        let Some(open) = &mut *file else {
            return false;
        };
        let written = serde_json::to_string(&line).map(|line| writeln!(open, "{line}"));
        let has_failed = !matches!(written, Ok(Ok(())));
        if has_failed {
            *file = None;
        }
        has_failed
    }
}

/// The events of such a file, in their order.
///
/// # Errors
/// If it cannot be read, or a line is not one of these.
pub(crate) fn recorded(path: &Path) -> Result<Vec<Vec<u8>>, Error> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|e| Error::io(format!("cannot read {}", path.display()), e))?;
    let event = |(number, line): (usize, &str)| {
        let read: Result<RecordedEvent, _> = serde_json::from_str(line);
        // What serde says might quote the event.
        let read = read.map_err(|error| {
            Error::other(format!(
                "{}, line {}, column {}: not an event that `run --record` wrote",
                path.display(),
                number + 1,
                error.column()
            ))
        });
        read.map(|read| read.event.into_bytes())
    };
    text.lines().enumerate().map(event).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_is_written_is_read_again_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let recording = EventRecording::begin(&path).unwrap();
        let events = ["{\n  \"a\": 1.0, \"a\": \"\\u00e9\" }", "null"];
        for event in events {
            assert!(!recording.add("r", event.as_bytes()));
        }
        assert_eq!(
            recorded(&path).unwrap(),
            events.map(|event| event.as_bytes().to_vec())
        );
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn another_file_is_refused_by_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        std::fs::write(&path, "{\"request_id\":\"r\",\"event\":\"{}\"}\n{\"secret\":1}\n").unwrap();
        let error = recorded(&path).unwrap_err().to_string();
        assert!(error.contains("line 2") && !error.contains("secret"), "{error}");
        assert!(EventRecording::begin(folder.path()).is_err());
    }
}
