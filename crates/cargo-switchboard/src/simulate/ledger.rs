//! The ledger, in which the function notes the records it has finished.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// The two files, read as they grow.
pub(super) struct Ledger {
    finished: Tail,
    rejected: Tail,
}

/// Returns what was written since the last call.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct News {
    pub(super) finished: Vec<String>,
    pub(super) rejected: Vec<String>,
}

impl Ledger {
    pub(super) fn new(path: &Path) -> Self {
        let mut rejected = path.as_os_str().to_owned();
        rejected.push(".dead");
        Self {
            finished: Tail::new(path.to_owned()),
            rejected: Tail::new(rejected.into()),
        }
    }

    /// Whether the function has made the file.
    pub(super) fn exists(&self) -> bool {
        self.finished.path.exists()
    }

    /// # Errors
    /// If an existing file cannot be read.
    pub(super) fn news(&mut self) -> io::Result<News> {
        Ok(News {
            finished: self.finished.lines()?,
            rejected: self.rejected.lines()?,
        })
    }
}

struct Tail {
    path: PathBuf,
    offset: u64,
}

impl Tail {
    fn new(path: PathBuf) -> Self {
        Self { path, offset: 0 }
    }

    /// Only complete lines: another process may be writing the last one.
    fn lines(&mut self) -> io::Result<Vec<String>> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        self.offset += whole as u64;
        let text = String::from_utf8_lossy(&bytes[..whole]);
        Ok(text.lines().map(|line| line.trim().to_owned()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn lines_come_once_and_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger");
        let mut ledger = Ledger::new(&path);
        assert_eq!(ledger.news().unwrap(), News::default());
        fs::write(&path, "a\nb\nc").unwrap();
        assert_eq!(ledger.news().unwrap().finished, ["a", "b"]);
        fs::write(&path, "a\nb\ncd\n").unwrap();
        fs::write(directory.path().join("ledger.dead"), "x\n").unwrap();
        let news = ledger.news().unwrap();
        assert_eq!(
            (news.finished, news.rejected),
            (vec!["cd".to_owned()], vec!["x".to_owned()])
        );
    }
}
