//! What the handlers share, and its configuration.

use super::store;
use crate::journal::{Append, Entry, StateChange, Store, StoreError};
use std::sync::Arc;
use switchboard::{Batch, Error, Failure, Outcome};

/// Batches of more entries are appended in parts, because entries of aggregates and logs may be many, and each needs
/// memory.
const AT_ONCE: usize = 4096;

/// What the handlers share. Cloning it is cheap.
///
/// # Configuration
///
/// | variable | allowed | default |
/// |---|---|---|
/// | `SWITCHBOARD_STORE` | `sqlite:PATH`, a file in a directory that exists; `sqlite::memory:`, gone when the process ends (feature `sqlite`); `dynamodb:TABLE` (feature `dynamodb`) | `sqlite:/tmp/switchboard.sqlite`; none without feature `sqlite` |
/// | `SWITCHBOARD_RETENTION_DAYS` | 1 to 36500: how many days entries are kept in DynamoDB | forever |
///
/// The default is for local use: on Lambda, `/tmp` exists only as long as its execution environment. For DynamoDB, the
/// region, the credentials and the endpoint come from the environment, as for every AWS SDK (`AWS_REGION`,
/// `AWS_ENDPOINT_URL_DYNAMODB` …).
#[derive(Clone, Debug)]
pub struct App {
    store: Arc<dyn Store>,
}

impl App {
    /// The function's state, with this store.
    #[must_use]
    pub fn new(store: impl Store + 'static) -> Self {
        Self {
            store: Arc::new(store),
        }
    }

    /// The function's state, configured by the environment. A DynamoDB client is created in the background, while the
    /// function waits for its first event.
    ///
    /// # Errors
    /// A value is not allowed; the error names the variable, the value and what is allowed.
    pub async fn from_env() -> Result<Self, Error> {
        // Invalid UTF-8 becomes replacement characters, which are refused below.
        Self::from_lookup(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// The function's state, configured by the variables that `lookup` returns.
    ///
    /// # Errors
    /// Those of [`App::from_env`].
    ///
    /// # Example
    ///
    /// ```
    /// use switchboard_function::handlers::App;
    ///
    /// let error = App::from_lookup(|_| Some("redis:x".to_owned())).unwrap_err();
    /// assert!(error.to_string().starts_with("SWITCHBOARD_STORE is \"redis:x\", but must be "));
    /// ```
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        Ok(Self {
            store: store::open(lookup)?,
        })
    }

    /// The journal.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Appends what `read` makes of each record, at once unless there is very much. An unreadable record ends the batch
    /// before it, because streams deliver again from there.
    ///
    /// # Errors
    /// Those of the store. Every record that is not done is then delivered again.
    pub(crate) async fn append_batch<T>(
        &self,
        batch: Batch<T>,
        read: impl Fn(T, &[&str]) -> Result<Vec<Append>, Failure>,
    ) -> Result<(), Failure> {
        let (mut appends, mut outcomes) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        for pending in batch {
            match read(pending.item, &pending.filled) {
                Ok(read) => {
                    appends.extend(read);
                    outcomes.push(pending.outcome);
                    if appends.len() >= AT_ONCE {
                        self.append_all(&mut appends, &mut outcomes).await?;
                    }
                }
                Err(failure) => {
                    pending.outcome.failed(failure);
                    break;
                }
            }
        }
        self.append_all(&mut appends, &mut outcomes).await?;
        Ok(())
    }

    /// Appends the entries read so far, and reports their records as done.
    async fn append_all(
        &self,
        appends: &mut Vec<Append>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), StoreError> {
        self.store.append(appends).await?;
        appends.clear();
        for outcome in outcomes.drain(..) {
            outcome.done(());
        }
        Ok(())
    }

    /// Appends one entry and its change of a resource. An entry that exists already changes nothing.
    ///
    /// # Errors
    /// Those of the store. The event is then delivered again.
    pub async fn append(&self, entry: Entry, change: Option<StateChange>) -> Result<(), StoreError> {
        self.store
            .append(&[Append {
                change,
                ..Append::from(entry)
            }])
            .await?;
        Ok(())
    }
}
