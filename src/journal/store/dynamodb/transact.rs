//! Inserts entries together with the slot of a log that names them: all or nothing.

use super::super::StoreError;
use super::bulk::{ROUNDS, at_once, pause};
use super::connection::Dynamodb;
use super::insert::{Inserted, insert, split};
use super::item::PK;
use super::log::{Slot, now};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::execute_transaction::ExecuteTransactionError;
use aws_sdk_dynamodb::types::{CancellationReason, ParameterizedStatement};
use switchboard::store::dynamodb::{Item, failed, text};

/// How many entries one transaction may have: it has 100 statements, of which one fills the slot.
const ENTRIES: usize = 99;

pub(super) const CALL: &str = "ExecuteTransaction";

/// Why one item of a transaction was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    /// It was not refused.
    None,
    /// An item with this key exists.
    There,
    /// The item is being written, or DynamoDB is throttling.
    Busy,
}

impl Dynamodb {
    /// Inserts each entry unless its key exists, and returns in order which of them were new. New entries are in a slot
    /// from the moment they exist.
    pub(super) async fn log_all(
        &self,
        items: Vec<Item>,
        expires: Option<u64>,
    ) -> Result<Vec<Inserted>, StoreError> {
        let chunks = split(items, ENTRIES);
        let slots = self.slots(chunks.len()).await?;
        let chunks = chunks.into_iter().zip(slots);
        let calls = chunks.map(|(items, slot)| Chunk::new(self, items, expires).insert(slot));
        let inserted = at_once(calls).await?;
        Ok(inserted.into_iter().flatten().collect())
    }

    /// Why each item of a transaction was refused. Missing reasons count as throttling.
    pub(super) fn refusals(
        &self,
        call: &'static str,
        reasons: Option<&[CancellationReason]>,
    ) -> Result<Vec<Refusal>, StoreError> {
        let reasons = reasons.unwrap_or_default().iter();
        let refusal = |reason: &CancellationReason| match reason.code() {
            None | Some("None") => Ok(Refusal::None),
            Some("DuplicateItem" | "DuplicateItemException") => Ok(Refusal::There),
            Some(
                "InternalServerError"
                | "ProvisionedThroughputExceeded"
                | "RequestLimitExceeded"
                | "ThrottlingError"
                | "TransactionConflict",
            ) => Ok(Refusal::Busy),
            Some(code) => {
                let (table, message) = (&self.table, reason.message().unwrap_or("no message"));
                Err(StoreError::unavailable(format!(
                    "{call} on the table `{table}` failed: {code}: {message}"
                )))
            }
        };
        reasons.map(refusal).collect()
    }
}

/// The entries of one transaction.
struct Chunk<'s> {
    store: &'s Dynamodb,
    expires: Option<u64>,
    keys: Vec<String>,
    statements: Vec<ParameterizedStatement>,
    inserted: Vec<Option<Inserted>>,
}

impl<'s> Chunk<'s> {
    fn new(store: &'s Dynamodb, items: Vec<Item>, expires: Option<u64>) -> Self {
        let key = |item: &Item| text(item, PK).unwrap_or_default().to_owned();
        Self {
            store,
            expires,
            keys: items.iter().map(key).collect(),
            inserted: vec![None; items.len()],
            statements: items.into_iter().map(|item| statement(store, item)).collect(),
        }
    }

    async fn insert(mut self, mut slot: Slot) -> Result<Vec<Inserted>, StoreError> {
        let mut round = 0;
        while round < ROUNDS {
            let open = self.open();
            if open.is_empty() {
                // Then no follower waits for it. If this fails, a follower closes it later.
                let _ = self.store.close(&[slot]).await;
                return Ok(self.into_inserted());
            }
            let refusals = self.transact(&open, slot).await?;
            let Some(refusals) = refusals else {
                self.mark(&open, Inserted::New);
                return Ok(self.into_inserted());
            };
            let there = |(&at, refusal): (&usize, &Refusal)| (*refusal == Refusal::There).then_some(at);
            let there: Vec<usize> = open
                .iter()
                .zip(refusals.iter().skip(1))
                .filter_map(there)
                .collect();
            if refusals.first() == Some(&Refusal::There) {
                self.look_at(slot).await?;
                if self.open().is_empty() {
                    return Ok(self.into_inserted());
                }
                slot = self.another().await?;
                round += 1;
            } else if there.is_empty() {
                pause(round).await;
                round += 1;
            } else {
                // They have been in a log since they exist. The others continue at once.
                self.mark(&there, Inserted::There);
            }
        }
        Err(self.store.left(CALL, self.open().len(), self.keys.len()))
    }

    fn open(&self) -> Vec<usize> {
        let open = self.inserted.iter().enumerate();
        open.filter_map(|(at, inserted)| inserted.is_none().then_some(at))
            .collect()
    }

    fn mark(&mut self, places: &[usize], inserted: Inserted) {
        for &at in places {
            self.inserted[at] = Some(inserted);
        }
    }

    fn into_inserted(self) -> Vec<Inserted> {
        self.inserted.into_iter().flatten().collect()
    }

    /// Fills the slot and inserts its entries; or returns the refusals, the slot's first.
    async fn transact(&self, open: &[usize], slot: Slot) -> Result<Option<Vec<Refusal>>, StoreError> {
        let keys = open.iter().map(|&at| &self.keys[at]);
        let slot = statement(self.store, slot.item(now(), self.expires, keys));
        let entries = open.iter().map(|&at| self.statements[at].clone());
        let call = self.store.client().await.execute_transaction();
        let call = call.set_transact_statements(Some(std::iter::once(slot).chain(entries).collect()));
        let Err(error) = call.send().await else {
            return Ok(None);
        };
        if let SdkError::ServiceError(service) = &error
            && let ExecuteTransactionError::TransactionCanceledException(cancelled) = service.err()
        {
            let reasons = cancelled.cancellation_reasons.as_deref();
            return self.store.refusals(CALL, reasons).map(Some);
        }
        Err(failed(CALL, &self.store.table, error))
    }

    /// The slot is filled: by an attempt of this transaction whose answer was lost, or by a follower that closed it.
    async fn look_at(&mut self, slot: Slot) -> Result<(), StoreError> {
        for arrival in self.store.arrivals(&[slot]).await? {
            let named = |at: &usize| arrival.keys.contains(&self.keys[*at]);
            let named: Vec<usize> = self.open().into_iter().filter(named).collect();
            self.mark(&named, Inserted::New);
        }
        Ok(())
    }

    async fn another(&self) -> Result<Slot, StoreError> {
        let slot = self.store.slots(1).await?.pop();
        slot.ok_or_else(|| self.store.left(CALL, self.open().len(), self.keys.len()))
    }
}

fn statement(store: &Dynamodb, item: Item) -> ParameterizedStatement {
    let (statement, values) = insert(&store.table, item);
    ParameterizedStatement::builder()
        .statement(statement)
        .set_parameters(Some(values))
        .build()
        .expect("it has a statement")
}
