//! Inserts many items in one call, unless they exist: PartiQL statements, which cannot overwrite an item, so the
//! function does not need that right.

use super::super::StoreError;
use super::bulk::{ROUNDS, at_once, pause};
use super::connection::Dynamodb;
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementError, BatchStatementErrorCodeEnum as Code, BatchStatementRequest,
};
use switchboard::store::dynamodb::{Item, failed};

/// How many statements one call may have.
const STATEMENTS: usize = 25;

/// How many bytes of items one call may have, so that a few large parts do not make a call that DynamoDB refuses (a
/// transaction may have 4 MB, including names), or that exceeds its timeout.
const BYTES: usize = 3 * 1024 * 1024;

const CALL: &str = "BatchExecuteStatement";

/// The outcome of an insertion.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Inserted {
    New,
    /// An item with this key existed, and is unchanged.
    There,
}

impl Dynamodb {
    /// Inserts each item unless its key exists, and returns in order which of them were new.
    pub(super) async fn insert_all(&self, items: Vec<Item>) -> Result<Vec<Inserted>, StoreError> {
        let calls = split(items, STATEMENTS);
        let inserted = at_once(calls.into_iter().map(|call| self.insert_some(call))).await?;
        Ok(inserted.into_iter().flatten().collect())
    }

    async fn insert_some(&self, items: Vec<Item>) -> Result<Vec<Inserted>, StoreError> {
        let mut inserted: Vec<Option<Inserted>> = vec![None; items.len()];
        let statements: Vec<BatchStatementRequest> =
            items.into_iter().map(|item| request(&self.table, item)).collect();
        let client = self.client().await;
        let mut open: Vec<usize> = (0..statements.len()).collect();
        for round in 0..ROUNDS {
            let asked = open.iter().map(|&at| statements[at].clone()).collect();
            let call = client.batch_execute_statement().set_statements(Some(asked));
            let answer = call
                .send()
                .await
                .map_err(|error| failed(CALL, &self.table, error))?;
            let answers = answer.responses.unwrap_or_default();
            let mut left = Vec::new();
            for (asked, at) in open.into_iter().enumerate() {
                let error = answers.get(asked).map(|answer| answer.error.as_ref());
                inserted[at] = self.outcome(error)?;
                if inserted[at].is_none() {
                    left.push(at);
                }
            }
            if left.is_empty() {
                return Ok(inserted.into_iter().flatten().collect());
            }
            open = left;
            pause(round).await;
        }
        Err(self.left(CALL, open.len(), statements.len()))
    }

    /// `None` if it must be retried, as for an item that DynamoDB does not answer.
    fn outcome(&self, error: Option<Option<&BatchStatementError>>) -> Result<Option<Inserted>, StoreError> {
        let error = match error {
            None => return Ok(None),
            Some(None) => return Ok(Some(Inserted::New)),
            Some(Some(error)) => error,
        };
        match error.code() {
            Some(Code::DuplicateItem) => Ok(Some(Inserted::There)),
            Some(
                Code::InternalServerError
                | Code::ProvisionedThroughputExceeded
                | Code::RequestLimitExceeded
                | Code::ThrottlingError
                | Code::TransactionConflict,
            ) => Ok(None),
            code => {
                let code = code.map_or("an error without a code", Code::as_str);
                let message = error.message().unwrap_or("no message");
                let table = &self.table;
                Err(StoreError::unavailable(format!(
                    "{CALL} on the table `{table}` failed: {code}: {message}"
                )))
            }
        }
    }
}

/// Splits the items into as few calls as possible, each with at most this many statements.
pub(super) fn split(items: Vec<Item>, statements: usize) -> Vec<Vec<Item>> {
    let mut calls: Vec<Vec<Item>> = Vec::new();
    let mut bytes = 0;
    for item in items {
        let size = size(&item);
        match calls.last_mut() {
            Some(call) if call.len() < statements && bytes + size <= BYTES => {
                bytes += size;
                call.push(item);
            }
            _ => {
                bytes = size;
                calls.push(vec![item]);
            }
        }
    }
    calls
}

/// The size of its texts, which make up most of an item.
fn size(item: &Item) -> usize {
    let texts = item.values().filter_map(|value| value.as_s().ok());
    texts.map(String::len).sum()
}

fn request(table: &str, item: Item) -> BatchStatementRequest {
    let (statement, values) = insert(table, item);
    BatchStatementRequest::builder()
        .statement(statement)
        .set_parameters(Some(values))
        .build()
        .expect("it has a statement")
}

/// The statement that inserts the item, and its values as parameters. All attribute names come from this module.
pub(super) fn insert(table: &str, item: Item) -> (String, Vec<AttributeValue>) {
    let member = |(name, value): (String, AttributeValue)| (format!("'{name}': ?"), value);
    let (members, values): (Vec<String>, Vec<AttributeValue>) = item.into_iter().map(member).unzip();
    let statement = format!("INSERT INTO \"{table}\" VALUE {{{}}}", members.join(", "));
    (statement, values)
}
