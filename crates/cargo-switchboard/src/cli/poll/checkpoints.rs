//! How far each shard is read, in a file.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use switchboard_aws::poll::ReadStart;

use crate::Error;
use crate::sync::lock;

/// How far a stream is read.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct StreamProgress {
    /// When it was read for the first time, in seconds since the Unix epoch.
    started: i64,
    /// The last record of each shard with which all before it are done; `null` if none is.
    shards: BTreeMap<String, Option<String>>,
}

/// The file, by the stream's ARN.
pub(super) struct Checkpoints {
    path: Option<PathBuf>,
    arn: String,
    all: Mutex<BTreeMap<String, StreamProgress>>,
    /// Whether the stream was read before.
    is_resumed: bool,
}

impl Checkpoints {
    /// Reads the file, if there is one. Without a path nothing is kept.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn open(path: Option<&Path>, arn: String, now: i64) -> Result<Self, Error> {
        let mut all: BTreeMap<String, StreamProgress> = match path.map(std::fs::read) {
            None => BTreeMap::new(),
            Some(Err(error)) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Some(read) => {
                let what = || {
                    format!(
                        "cannot read the checkpoints in {}",
                        path.unwrap_or(Path::new("")).display()
                    )
                };
                let bytes = read.map_err(|e| Error::io(what(), e))?;
                serde_json::from_slice(&bytes).map_err(|e| Error::other(format!("{}: {e}", what())))?
            }
        };
        let is_resumed = all.contains_key(&arn);
        all.entry(arn.clone()).or_insert(StreamProgress {
            started: now,
            shards: BTreeMap::new(),
        });
        Ok(Self {
            path: path.map(Path::to_owned),
            arn,
            all: Mutex::new(all),
            is_resumed,
        })
    }

    /// Where to read this shard; `None` if it is not to be read because it was over before the first start at the end of the stream.
    pub(super) fn start(
        &self,
        shard: &str,
        given: &ReadStart,
        is_closed: bool,
        has_times: bool,
    ) -> Option<ReadStart> {
        let all = lock(&self.all);
        let progress = all.get(&self.arn);
        let known = progress.and_then(|progress| progress.shards.get(shard).cloned());
        let started = progress.map_or(0, |progress| progress.started);
        Some(match (known, given) {
            (Some(Some(number)), _) => ReadStart::After(number),
            (Some(None), ReadStart::Latest) if has_times => ReadStart::At(started),
            (Some(None), given) => given.clone(),
            // It came while nobody read.
            (None, _) if self.is_resumed => ReadStart::TrimHorizon,
            (None, ReadStart::Latest) if is_closed => return None,
            (None, given) => given.clone(),
        })
    }

    /// Notes that this shard is read, up to and with this record.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn note(&self, shard: &str, number: Option<&str>) -> Result<(), Error> {
        let mut all = lock(&self.all);
        let progress = all.entry(self.arn.clone()).or_default();
        let place = progress.shards.entry(shard.to_owned()).or_default();
        if number.is_some() {
            *place = number.map(str::to_owned);
        }
        let Some(path) = &self.path else {
            return Ok(());
        };
        let failed = |e| Error::io(format!("cannot write the checkpoints to {}", path.display()), e);
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        // Whole or not at all, whenever the process ends.
        let mut file = tempfile::NamedTempFile::new_in(parent.unwrap_or(Path::new("."))).map_err(failed)?;
        let text = serde_json::to_vec_pretty(&*all).map_err(|e| Error::other(e.to_string()))?;
        file.write_all(&text).map_err(failed)?;
        file.persist(path).map_err(|e| failed(e.error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_goes_on_where_it_was_and_new_ones_begin_at_their_beginning() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("checkpoints.json");
        let open = |now| Checkpoints::open(Some(&path), "arn".to_owned(), now).unwrap();
        let first = open(100);
        let latest = ReadStart::Latest;
        assert_eq!(first.start("a", &latest, false, true), Some(ReadStart::Latest));
        assert_eq!(first.start("over", &latest, true, true), None);
        first.note("a", None).unwrap();
        first.note("b", Some("7")).unwrap();
        first.note("b", None).unwrap();
        let second = open(200);
        assert_eq!(second.start("a", &latest, false, true), Some(ReadStart::At(100)));
        assert_eq!(second.start("a", &latest, false, false), Some(ReadStart::Latest));
        assert_eq!(
            second.start("b", &latest, true, true),
            Some(ReadStart::After("7".to_owned()))
        );
        assert_eq!(
            second.start("c", &latest, true, true),
            Some(ReadStart::TrimHorizon)
        );
    }

    #[test]
    fn without_a_file_nothing_is_kept_and_a_broken_one_is_said() {
        let none = Checkpoints::open(None, "arn".to_owned(), 1).unwrap();
        none.note("a", Some("1")).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("broken");
        std::fs::write(&path, "{").unwrap();
        let error = Checkpoints::open(Some(&path), "arn".to_owned(), 1)
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("cannot read the checkpoints in"), "{error}");
    }
}
