//! The package of a new function.

use std::fs;
use std::path::{Path, PathBuf};

use super::known::{SourceTemplate, ordered};
use super::{code, manifest, readme, template};
use crate::Error;

const IGNORED: &str = "/target\n/.aws-sam\n/samconfig.toml\n*.sqlite*\n";

/// Where the package's dependencies on Switchboard come from.
pub(crate) enum LibraryOrigin {
    /// From crates.io, in this version.
    Registry,
    /// From a clone of the repository.
    Clone(PathBuf),
}

impl LibraryOrigin {
    /// A directory with a clone of the repository.
    ///
    /// # Errors
    /// If it is none.
    pub(crate) fn of_clone(directory: &Path) -> Result<Self, Error> {
        let here = fs::canonicalize(directory);
        let here = here.map_err(|e| Error::io(format!("cannot find {}", directory.display()), e))?;
        match here.join("crates/switchboard/Cargo.toml").is_file() && here.to_str().is_some() {
            true => Ok(Self::Clone(here)),
            false => Err(Error::other(format!(
                "{} is not a clone of Switchboard: it has no crates/switchboard/Cargo.toml",
                directory.display()
            ))),
        }
    }

    /// The entry of a manifest for the crate in this folder.
    pub(super) fn of(&self, folder: &str) -> String {
        match self {
            Self::Registry => format!("version = \"{}\"", env!("CARGO_PKG_VERSION")),
            Self::Clone(clone) => {
                let path = clone.join("crates").join(folder);
                // A TOML string is written as a JSON string is.
                format!("path = {}", serde_json::json!(path.to_string_lossy()))
            }
        }
    }
}

/// A package about to be written.
pub(crate) struct NewPackage {
    /// Each file's path and content.
    files: Vec<(String, String)>,
}

impl NewPackage {
    /// A package for these sources.
    pub(crate) fn new(name: &str, sources: &[&'static SourceTemplate], origin: &LibraryOrigin) -> Self {
        let sources = ordered(sources);
        let mut files = vec![
            (
                "Cargo.toml".to_owned(),
                manifest::manifest(name, &sources, origin),
            ),
            (".gitignore".to_owned(), IGNORED.to_owned()),
            ("README.md".to_owned(), readme::readme(name, &sources)),
            ("template.yaml".to_owned(), template::template(name, &sources)),
            ("tests/function.rs".to_owned(), code::test(name)),
        ];
        files.extend(code::code(name, &sources));
        files.extend(sources.iter().map(|known| {
            let (file, content) = known.sample;
            (format!("events/{}/{file}", known.source), content.to_owned())
        }));
        Self { files }
    }

    /// Writes the package into `directory`, which may exist if it is empty.
    ///
    /// # Errors
    /// If there is something in the directory, or if it cannot be written.
    pub(crate) fn write(&self, directory: &Path) -> Result<(), Error> {
        let entries = fs::read_dir(directory).map(|mut entries| entries.next().is_some());
        if entries.unwrap_or(directory.exists()) {
            return Err(Error::other(format!(
                "{} exists; choose another name, or remove it",
                directory.display()
            )));
        }
        for (path, content) in &self.files {
            let path = directory.join(path);
            let made = path.parent().map_or(Ok(()), fs::create_dir_all);
            made.and_then(|()| fs::write(&path, content))
                .map_err(|e| Error::io(format!("cannot write {}", path.display()), e))?;
        }
        Ok(())
    }
}
