//! Many items in few calls, several at once, until DynamoDB has returned every one.

use super::super::StoreError;
use super::connection::Dynamodb;
use super::item::{PK, key_of};
use aws_sdk_dynamodb::types::KeysAndAttributes;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;
use switchboard::store::dynamodb::{Item, failed, text};

/// How many items one call may read.
const GETS: usize = 100;

/// How many calls may run at once. Each needs a connection, and the first use of one is expensive.
const AT_ONCE: usize = 8;

/// How often a call may leave items unprocessed before that is a failure.
pub(super) const ROUNDS: u32 = 8;

/// The pause after the first round, doubled after each further one, and the longest pause.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What is read of each item.
#[derive(Clone, Copy)]
pub(super) enum Attributes {
    All,
    /// The key and this attribute.
    Only(&'static str),
}

impl Dynamodb {
    /// The existing items, by key.
    pub(super) async fn get_all(
        &self,
        keys: &[String],
        attributes: Attributes,
    ) -> Result<HashMap<String, Item>, StoreError> {
        let found = at_once(keys.chunks(GETS).map(|call| self.get_some(call, attributes))).await?;
        let keyed = |item: Item| Some((text(&item, PK)?.to_owned(), item));
        Ok(found.into_iter().flatten().filter_map(keyed).collect())
    }

    async fn get_some(&self, keys: &[String], attributes: Attributes) -> Result<Vec<Item>, StoreError> {
        let mut open = wanted(keys, attributes);
        let mut found = Vec::with_capacity(keys.len());
        let client = self.client().await;
        for round in 0..ROUNDS {
            let call = client.batch_get_item().request_items(&self.table, open).send();
            let answer = call
                .await
                .map_err(|error| failed("BatchGetItem", &self.table, error))?;
            found.extend(
                answer
                    .responses
                    .into_iter()
                    .flat_map(HashMap::into_values)
                    .flatten(),
            );
            // A call returns at most 16 MB: then unprocessed keys are not a sign of throttling, but a pause does no
            // harm.
            match unprocessed(answer.unprocessed_keys, &self.table) {
                None => return Ok(found),
                Some(rest) => open = rest,
            }
            pause(round).await;
        }
        Err(self.left("BatchGetItem", open.keys.len(), keys.len()))
    }

    pub(super) fn left(&self, call: &str, open: usize, of: usize) -> StoreError {
        let table = &self.table;
        StoreError::busy(format!(
            "{call} on the table `{table}` left {open} of {of} items unprocessed {ROUNDS} times: it is being throttled"
        ))
    }
}

/// Makes all calls, a few at a time, and returns their results in order.
pub(super) async fn at_once<T, F>(calls: impl Iterator<Item = F>) -> Result<Vec<T>, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    // Futures do nothing before they are polled, so all of them may be created.
    let calls: Vec<F> = calls.collect();
    stream::iter(calls).buffered(AT_ONCE).try_collect().await
}

fn wanted(keys: &[String], attributes: Attributes) -> KeysAndAttributes {
    let keys: Vec<Item> = keys.iter().map(|key| key_of(key)).collect();
    let wanted = KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .consistent_read(true);
    let wanted = match attributes {
        Attributes::All => wanted,
        Attributes::Only(name) => wanted
            .projection_expression("#pk, #name")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#name", name),
    };
    wanted.build().expect("it has keys")
}

/// What DynamoDB left unprocessed of this table.
fn unprocessed<T>(tables: Option<HashMap<String, T>>, table: &str) -> Option<T> {
    tables?.remove(table)
}

pub(super) async fn pause(round: u32) {
    let longest = (FIRST_PAUSE * 2u32.saturating_pow(round)).min(LONGEST_PAUSE);
    // Anywhere in its second half, so that clients refused together do not return together.
    tokio::time::sleep(longest.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
}
