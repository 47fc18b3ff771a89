//! What the handlers share, and where its configuration comes from.

use crate::Error;
use crate::journal::{Append, Entry, StateChange, Store, StoreError};
use std::sync::Arc;

/// The variable that says where the journal is kept.
const STORE: &str = "SWITCHBOARD_STORE";

/// What the handlers share. Cloning it is cheap.
///
/// # Configuration
///
/// | variable | allowed | default |
/// |---|---|---|
/// | `SWITCHBOARD_STORE` | `sqlite:PATH`, a file in a directory that exists; `sqlite::memory:`, gone when the process ends (feature `sqlite`) | `sqlite:/tmp/switchboard.sqlite` |
///
/// The default is for local use: on Lambda `/tmp` lasts as long as its execution environment.
#[derive(Clone, Debug)]
pub struct App {
    store: Arc<dyn Store>,
}

impl App {
    /// The function's state on a given store.
    #[must_use]
    pub fn new(store: impl Store + 'static) -> Self {
        Self {
            store: Arc::new(store),
        }
    }

    /// The function's state, as the environment says.
    ///
    /// # Errors
    /// The value is none of these; the error names the variable, the value and what is allowed.
    pub async fn from_env() -> Result<Self, Error> {
        // What is not UTF-8 gets replacement characters, by which it is refused below.
        Self::from_lookup(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// The function's state, as the variables say that `lookup` knows.
    ///
    /// # Errors
    /// As [`App::from_env`].
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard::handlers::App;
    ///
    /// let error = App::from_lookup(|_| Some("redis:x".to_owned())).unwrap_err();
    /// assert!(error.to_string().starts_with("SWITCHBOARD_STORE is \"redis:x\", but must be "));
    /// ```
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let value = lookup(STORE).unwrap_or_else(|| "sqlite:/tmp/switchboard.sqlite".to_owned());
        Ok(Self { store: open(value)? })
    }

    /// The journal.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Appends one entry and what it says of a resource; an entry that is there already changes nothing.
    ///
    /// # Errors
    /// The store's; then neither is kept, and the event is to be delivered again.
    pub async fn append(&self, entry: Entry, change: Option<StateChange>) -> Result<(), StoreError> {
        self.store.append(&[Append { entry, change }]).await?;
        Ok(())
    }
}

#[cfg(feature = "sqlite")]
fn open(value: String) -> Result<Arc<dyn Store>, Error> {
    use crate::journal::Sqlite;
    match value.strip_prefix("sqlite:") {
        Some(":memory:") => Ok(Arc::new(Sqlite::memory())),
        Some(path) if may_be_a_file(path) => Ok(Arc::new(Sqlite::file(path))),
        _ => {
            let allowed = "`sqlite:PATH`, a file in a directory that exists, or `sqlite::memory:`";
            Err(Error::configuration(STORE, Some(value), allowed))
        }
    }
}

/// The file is opened at its first use; what would surely fail then is better said at start-up.
#[cfg(feature = "sqlite")]
fn may_be_a_file(path: &str) -> bool {
    if path.trim() != path || path.contains(char::REPLACEMENT_CHARACTER) {
        return false;
    }
    let path = std::path::Path::new(path);
    let directory = path
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty());
    path.file_name().is_some() && !path.is_dir() && directory.is_none_or(std::path::Path::is_dir)
}

#[cfg(not(feature = "sqlite"))]
fn open(value: String) -> Result<Arc<dyn Store>, Error> {
    let allowed = "unset, as no store was compiled in (feature `sqlite`)";
    Err(Error::configuration(STORE, Some(value), allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_store_is_named_with_what_is_allowed() {
        for bad in [
            "",
            "sqlite:",
            "sqlite: ",
            "sqlite:/tmp",
            "sqlite:/tmp/\u{FFFD}",
            "sqlite:/no/such/directory/x",
            "postgres://x",
        ] {
            let error = App::from_lookup(|_| Some(bad.to_owned()))
                .unwrap_err()
                .to_string();
            let start =
                format!("SWITCHBOARD_STORE is {bad:?}, but must be `sqlite:PATH`, a file in a directory");
            assert!(error.starts_with(&start), "{error}");
        }
        assert!(App::from_lookup(|_| None).is_ok());
        assert!(App::from_lookup(|_| Some("sqlite::memory:".to_owned())).is_ok());
    }
}
