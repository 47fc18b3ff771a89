//! The store that the configuration selects.

use crate::journal::Store;
use std::sync::Arc;
use switchboard::Error;

/// The variable that selects the store.
const STORE: &str = "SWITCHBOARD_STORE";

/// Opens the configured store, without reading or writing yet.
pub(super) fn open(lookup: impl Fn(&str) -> Option<String>) -> Result<Arc<dyn Store>, Error> {
    let default = cfg!(feature = "sqlite").then(|| "sqlite:/tmp/switchboard.sqlite".to_owned());
    let value = lookup(STORE).or(default);
    let store = match value.as_deref().and_then(|value| value.split_once(':')) {
        #[cfg(feature = "sqlite")]
        Some(("sqlite", place)) => sqlite(place),
        #[cfg(feature = "dynamodb")]
        Some(("dynamodb", table)) => dynamodb(table, lookup)?,
        _ => None,
    };
    store.ok_or_else(|| Error::configuration(STORE, value, allowed()))
}

fn allowed() -> String {
    let stores: [Option<&str>; 2] = [
        cfg!(feature = "sqlite")
            .then_some("`sqlite:PATH`, a file in a directory that exists, or `sqlite::memory:`"),
        cfg!(feature = "dynamodb").then_some("`dynamodb:TABLE`, the name of a table"),
    ];
    let stores: Vec<&str> = stores.into_iter().flatten().collect();
    match stores.is_empty() {
        true => "of a store that is compiled in: there is none (features `sqlite`, `dynamodb`)".to_owned(),
        false => stores.join(", or "),
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(place: &str) -> Option<Arc<dyn Store>> {
    use crate::journal::Sqlite;
    match place {
        ":memory:" => Some(Arc::new(Sqlite::memory())),
        path if may_be_a_file(path) => Some(Arc::new(Sqlite::file(path))),
        _ => None,
    }
}

/// The file is opened at its first use. What would certainly fail then is reported at start-up.
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

/// The variable that says how long DynamoDB keeps entries.
#[cfg(feature = "dynamodb")]
const RETENTION_DAYS: &str = "SWITCHBOARD_RETENTION_DAYS";

/// By then the first poll has certainly been sent. Creating the client reads the system's certificates, which takes
/// longer than everything else at start-up; on one thread, the poll would wait for it.
#[cfg(feature = "dynamodb")]
const FIRST_POLL: std::time::Duration = std::time::Duration::from_millis(5);

#[cfg(feature = "dynamodb")]
fn dynamodb(table: &str, lookup: impl Fn(&str) -> Option<String>) -> Result<Option<Arc<dyn Store>>, Error> {
    use crate::journal::Dynamodb;
    let retention = lookup(RETENTION_DAYS).map(days).transpose()?;
    // Amazon DynamoDB Developer Guide, “Naming rules”.
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if !(3..=255).contains(&table.len()) || !table.bytes().all(allowed) {
        return Ok(None);
    }
    let store = Arc::new(Dynamodb::from_env(table).retention_days(retention));
    // While the function waits for its first event. Without a runtime, the first use creates the client.
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let store = Arc::clone(&store);
        runtime.spawn(async move {
            tokio::time::sleep(FIRST_POLL).await;
            store.connect().await;
        });
    }
    Ok(Some(store))
}

#[cfg(feature = "dynamodb")]
fn days(value: String) -> Result<std::num::NonZeroU16, Error> {
    let days = value
        .parse()
        .ok()
        .filter(|days: &std::num::NonZeroU16| days.get() <= 36_500);
    days.ok_or_else(|| {
        Error::configuration(
            RETENTION_DAYS,
            Some(value),
            "a whole number of days from 1 to 36500, or unset",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(variables: &[(&str, &str)]) -> Option<String> {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        open(lookup).err().map(|error| error.to_string())
    }

    #[test]
    #[cfg(feature = "sqlite")]
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
            let error = error(&[(STORE, bad)]).unwrap();
            let start =
                format!("SWITCHBOARD_STORE is {bad:?}, but must be `sqlite:PATH`, a file in a directory");
            assert!(error.starts_with(&start), "{error}");
        }
        assert_eq!(error(&[]), None);
        assert_eq!(error(&[(STORE, "sqlite::memory:")]), None);
    }

    #[test]
    #[cfg(feature = "dynamodb")]
    fn a_table_has_a_name_and_may_have_a_retention() {
        for bad in [
            "dynamodb:",
            "dynamodb:ab",
            "dynamodb:a table",
            "dynamodb:arn:aws:x",
        ] {
            let error = error(&[(STORE, bad)]).unwrap();
            assert!(
                error.ends_with("`dynamodb:TABLE`, the name of a table"),
                "{error}"
            );
        }
        let store = (STORE, "dynamodb:journal");
        assert_eq!(error(&[store]), None);
        assert_eq!(error(&[store, (RETENTION_DAYS, "90")]), None);
        for bad in ["", "0", "-1", "36501", "a week"] {
            let expected = format!(
                "SWITCHBOARD_RETENTION_DAYS is {bad:?}, but must be a whole number of days from 1 to 36500, or unset"
            );
            assert_eq!(error(&[store, (RETENTION_DAYS, bad)]), Some(expected));
        }
    }
}
