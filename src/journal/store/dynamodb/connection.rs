//! The journal in a table, and its client.

use super::super::{Append, Appended, Store, StoreFuture};
use super::indexes::MissingIndexes;
use super::item::Retention;
use crate::journal::{Arrivals, Entry, EntryQuery, Follow, Page, Resource, ResourceQuery};
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader};
use aws_sdk_dynamodb::Client;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use chrono::Utc;
use std::fmt;
use std::num::NonZeroU16;
use std::time::Duration;
use switchboard::store::dynamodb::client;
use tokio::sync::OnceCell;

/// How long a connection, and one attempt of a call, may take: far less than a function's timeout, so that there is
/// time to retry, and to report the call.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(4);

/// How many attempts a call has, with pauses growing from the first to the longest, and how long they may take together
/// before the batch fails.
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const CALL_TIMEOUT: Duration = Duration::from_secs(15);

const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// A journal in a DynamoDB table.
///
/// The table's layout is that of the resource `JournalTable` in `template.yaml`: the partition key `pk`; time to live
/// on `expires`; the indexes `gsi1` (partition key `gsi1pk`), `gsi2` (`gsi2pk`) and `gsi3` (`gsi3pk`); and for combined
/// filters `gsi4` (`gsi1pk` and `type`), `gsi5` (`gsi2pk` and `type`), `gsi6` (`gsi3pk` and `source`) and `gsi7`
/// (`gsi3pk` and `type`). Each index has the sort key `position` and all attributes. Any of the last four may be left
/// out. That saves a write unit per KB of an entry, and makes queries by `type` or by two filters more expensive. The
/// function needs `dynamodb:GetItem`, `BatchGetItem` and `PartiQLInsert` on the table; `PutItem` for keys that begin
/// with `resource#` and `UpdateItem` for keys that begin with `arrivals#` (the condition key `dynamodb:LeadingKeys`);
/// and `dynamodb:Query` on the indexes. None of these rights can change an entry.
///
/// Documents may have any size: those that do not fit an item of 400 KB are spread over several.
///
/// # Example
///
/// ```
/// use std::num::NonZeroU16;
/// use switchboard_function::journal::Dynamodb;
///
/// let store = Dynamodb::from_env("journal").retention_days(NonZeroU16::new(90));
/// # let _ = store;
/// ```
pub struct Dynamodb {
    client: OnceCell<Client>,
    pub(super) table: String,
    pub(super) absent: MissingIndexes,
    retention_days: Option<NonZeroU16>,
}

impl Dynamodb {
    /// The journal in a table, with this client.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client: OnceCell::new_with(Some(client)),
            table: table.into(),
            absent: MissingIndexes::default(),
            retention_days: None,
        }
    }

    /// The journal in a table of the region and account in the environment, as for every AWS SDK (`AWS_REGION`,
    /// `AWS_ENDPOINT_URL_DYNAMODB`, credentials, profiles). The client is created at the first use, or by
    /// [`connect`](Self::connect).
    #[must_use]
    pub fn from_env(table: impl Into<String>) -> Self {
        Self {
            client: OnceCell::new(),
            table: table.into(),
            absent: MissingIndexes::default(),
            retention_days: None,
        }
    }

    /// How many days entries are kept; `None`, the default, means forever. DynamoDB deletes expired entries within a
    /// few days. Existing entries keep the time that they were given.
    #[must_use]
    pub fn retention_days(mut self, days: Option<NonZeroU16>) -> Self {
        self.retention_days = days;
        self
    }

    /// Creates the client, unless it exists: to be called while the function waits for its first event.
    pub async fn connect(&self) {
        self.client().await;
    }

    pub(super) async fn client(&self) -> &Client {
        let load = || async { client(&loader().load().await) };
        self.client.get_or_init(load).await
    }

    pub(super) fn moment(&self) -> Retention {
        let appended = Utc::now();
        let seconds = |days: NonZeroU16| u64::from(days.get()) * SECONDS_A_DAY;
        let now = u64::try_from(appended.timestamp()).unwrap_or_default();
        Retention {
            appended,
            expires: self.retention_days.map(|days| now + seconds(days)),
        }
    }
}

fn loader() -> ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(CALL_TIMEOUT)
        .build();
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(FIRST_PAUSE)
        .with_max_backoff(LONGEST_PAUSE);
    let http = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(retries)
}

impl fmt::Debug for Dynamodb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dynamodb")
            .field("table", &self.table)
            .field("retention_days", &self.retention_days)
            .finish_non_exhaustive()
    }
}

impl Store for Dynamodb {
    fn append<'a>(&'a self, batch: &'a [Append]) -> StoreFuture<'a, Vec<Appended>> {
        Box::pin(self.append_all(batch))
    }

    fn entry<'a>(&'a self, source: &'a str, id: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(self.get_entry(source, id))
    }

    fn entries<'a>(&'a self, query: &'a EntryQuery) -> StoreFuture<'a, Page<Entry>> {
        Box::pin(self.query_entries(query))
    }

    fn follow<'a>(&'a self, follow: &'a Follow) -> StoreFuture<'a, Arrivals> {
        Box::pin(self.follow_all(follow))
    }

    fn resource<'a>(&'a self, urn: &'a str) -> StoreFuture<'a, Option<Resource>> {
        Box::pin(self.get_resource(urn))
    }

    fn resources<'a>(&'a self, query: &'a ResourceQuery) -> StoreFuture<'a, Page<Resource>> {
        Box::pin(self.query_resources(query))
    }

    fn prepare(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            self.connect().await;
            Ok(())
        })
    }

    fn health(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.try_all())
    }
}
