//! Where a store is: what a function is told of it, and what is to be seen of it from outside.

#[cfg(feature = "dynamodb")]
use crate::support::emulator::client;
use std::path::PathBuf;
use switchboard_function::journal::{self, Store};

/// How long whoever looks at a file waits for the function to be through with it.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

pub(crate) enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// A table of the emulator.
    #[cfg(feature = "dynamodb")]
    Dynamodb(&'static str),
}

impl Place {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            #[cfg(feature = "dynamodb")]
            Self::Dynamodb(_) => "DynamoDB",
        }
    }

    /// What `SWITCHBOARD_STORE` says of it.
    pub(crate) fn of_the_journal(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite:{}", file.display()),
            #[cfg(feature = "dynamodb")]
            Self::Dynamodb(table) => format!("dynamodb:{table}"),
        }
    }

    /// What `FAULTY_IDEMPOTENT` says of it.
    pub(crate) fn of_idempotency(&self) -> String {
        match self {
            Self::Sqlite(_) => "1".to_owned(),
            #[cfg(feature = "dynamodb")]
            Self::Dynamodb(table) => format!("dynamodb:{table}"),
        }
    }

    /// The journal, opened anew: a file that stays open here is not one that the next process has to recover.
    pub(crate) fn journal(&self) -> Box<dyn Store> {
        match self {
            Self::Sqlite(file) => Box::new(journal::Sqlite::file(file)),
            #[cfg(feature = "dynamodb")]
            Self::Dynamodb(table) => Box::new(journal::Dynamodb::new(client(), *table)),
        }
    }

    /// Whether entries have arrived in one order, the same for whoever follows them; else there are several, side by side.
    pub(crate) fn has_one_order(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// A file is looked through. Items of a table are written whole or not at all; whether they can be read, whoever reads them sees.
    pub(crate) fn is_whole(&self) {
        match self {
            Self::Sqlite(file) => {
                let connection = rusqlite::Connection::open(file).unwrap();
                connection.busy_timeout(PATIENCE).unwrap();
                let said: String = connection
                    .query_row("PRAGMA integrity_check", [], |row| row.get(0))
                    .unwrap();
                assert_eq!(said, "ok", "{}", file.display());
            }
            #[cfg(feature = "dynamodb")]
            Self::Dynamodb(_) => {}
        }
    }
}
