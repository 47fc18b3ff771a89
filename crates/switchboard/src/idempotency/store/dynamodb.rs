//! The store in a DynamoDB table, with the layout of Powertools for AWS Lambda.

use super::super::{Layout, StoreError};
use super::data;
use super::rule::{KeyRecord, Status, Verdict, millis, seconds, token};
use super::{Claim, Claimed, Done, Lease, Store, StoreFuture};
use crate::store::dynamodb::{Item, failed, number, refused, string, text, whole_number};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use std::fmt;
use std::time::SystemTime;

const ID: &str = "id";
const STATUS: &str = "status";
const EXPIRATION: &str = "expiration";
const IN_PROGRESS_EXPIRATION: &str = "in_progress_expiration";
const DATA: &str = "data";
const VALIDATION: &str = "validation";

/// When a key is free, as a condition of Powertools for AWS Lambda; `KeyRecord::judge` is the same rule.
const FREE: &str = "attribute_not_exists(#id) OR #expiration < :now OR (#status = :in_progress \
    AND attribute_exists(#in_progress_expiration) AND #in_progress_expiration < :now_in_millis)";

/// Whether its owner still has the key: see [`Lease`].
const HELD: &str = "#status = :in_progress AND #in_progress_expiration = :token";

/// A store in a DynamoDB table, with the layout of Powertools for AWS Lambda, so that functions in Python can share it,
/// or [in TypeScript](Self::layout).
///
/// The table has the partition key `id`, a string, and needs nothing else. Enable time to live on the attribute
/// `expiration`, so that DynamoDB deletes expired records. The function needs `dynamodb:PutItem`, `UpdateItem`,
/// `DeleteItem` and `GetItem` on the table. A result must fit into an item of 400 KB. (Powertools for AWS Lambda
/// (Python), “Idempotency”.)
///
/// The clocks of all functions that share a table must agree: a lease expires by the clock of the function that claims
/// the key.
///
/// # Example
///
/// ```
/// use aws_sdk_dynamodb::Client;
/// use switchboard::idempotency::{Dynamodb, Idempotency};
///
/// # let config = aws_sdk_dynamodb::Config::builder()
/// #     .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
/// #     .build();
/// let client = Client::from_conf(config); // or by `aws-config`: Client::new(&aws_config::load_from_env().await)
/// let idempotency = Idempotency::new(Dynamodb::new(client, "idempotency"));
/// # let _ = idempotency;
/// ```
#[derive(Clone)]
pub struct Dynamodb {
    client: Client,
    table: String,
    layout: Layout,
}

impl Dynamodb {
    /// The store in a table. It makes no request before the first claim.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client,
            table: table.into(),
            layout: Layout::default(),
        }
    }

    /// The layout of the table: by default that of Powertools for AWS Lambda (Python). A table has one layout. Records
    /// in another layout cause an error, or are not found.
    #[must_use]
    pub fn layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }
}

impl fmt::Debug for Dynamodb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dynamodb")
            .field("table", &self.table)
            .field("layout", &self.layout)
            .finish_non_exhaustive()
    }
}

impl Store for Dynamodb {
    fn claim<'a>(&'a self, claim: &'a Claim<'a>) -> StoreFuture<'a, Claimed> {
        Box::pin(self.put_claim(claim))
    }

    fn finish<'a>(&'a self, lease: &'a Lease, done: &'a Done) -> StoreFuture<'a, bool> {
        Box::pin(self.update_to_done(lease, done))
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, bool> {
        Box::pin(self.delete_held(lease))
    }

    fn recall<'a>(&'a self, id: &'a str, now: SystemTime) -> StoreFuture<'a, Option<String>> {
        Box::pin(async move {
            let record = self.get(id).await?;
            Ok(record.and_then(|record| record.recall(now).map(ToOwned::to_owned)))
        })
    }

    fn remember<'a>(&'a self, id: &'a str, done: &'a Done) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let put = self.client.put_item().table_name(&self.table);
            let put = put.set_item(Some(self.write(id, &KeyRecord::done(done))?));
            put.send()
                .await
                .map_err(|error| failed("PutItem", &self.table, error))?;
            Ok(())
        })
    }

    fn layout(&self) -> Layout {
        self.layout
    }
}

impl Dynamodb {
    async fn put_claim(&self, claim: &Claim<'_>) -> Result<Claimed, StoreError> {
        let token = token(claim);
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(self.write(claim.id, &KeyRecord::of(claim, token))?))
            .condition_expression(FREE)
            .expression_attribute_names("#id", ID)
            .expression_attribute_names("#expiration", EXPIRATION)
            .expression_attribute_names("#in_progress_expiration", IN_PROGRESS_EXPIRATION)
            .expression_attribute_names("#status", STATUS)
            .expression_attribute_values(":now", number(seconds(claim.now)))
            .expression_attribute_values(":now_in_millis", number(millis(claim.now)))
            .expression_attribute_values(":in_progress", string(Status::InProgress.as_str()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let item = match put.send().await {
            Ok(_) => return Ok(Claimed::Owned(Lease::with_token(claim.id.into(), token))),
            Err(error) => refused(&self.table, error)?,
        };
        let record = match item {
            Some(item) => Some(self.read(&item)?),
            None => self.get(claim.id).await?,
        };
        match record
            .as_ref()
            .map_or(Verdict::Free, |record| record.judge(claim))
        {
            Verdict::Done(data) => Ok(Claimed::Done(data.to_owned())),
            Verdict::InProgress(until) => Ok(Claimed::InProgress(until)),
            Verdict::Mismatch => Ok(Claimed::Mismatch),
            // Released or expired between the two requests.
            Verdict::Free => Err(StoreError::busy(format!(
                "the record `{}` in table `{}` has changed meanwhile",
                claim.id, self.table
            ))),
        }
    }

    async fn update_to_done(&self, lease: &Lease, done: &Done) -> Result<bool, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(ID, string(lease.id()))
            .update_expression("SET #data = :data, #expiration = :expiration, #status = :completed")
            .condition_expression(HELD)
            .expression_attribute_names("#data", DATA)
            .expression_attribute_names("#expiration", EXPIRATION)
            .expression_attribute_names("#in_progress_expiration", IN_PROGRESS_EXPIRATION)
            .expression_attribute_names("#status", STATUS)
            .expression_attribute_values(":data", self.data(lease.id(), &done.data)?)
            .expression_attribute_values(":expiration", number(seconds(done.expiration)))
            .expression_attribute_values(":completed", string(Status::Completed.as_str()))
            .expression_attribute_values(":in_progress", string(Status::InProgress.as_str()))
            .expression_attribute_values(":token", number(lease.token()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                let UpdateItemError::ConditionalCheckFailedException(failed) = error.into_err() else {
                    return Ok(false);
                };
                // The SDK repeats a request whose answer was lost: then the first one may have finished the record. The
                // token proves it, because only this owner could finish under it.
                let record = failed.item.as_ref().map(|item| self.read(item)).transpose()?;
                Ok(record.is_some_and(|record| {
                    record.status == Status::Completed && record.in_progress_expiration == Some(lease.token())
                }))
            }
            Err(error) => Err(failed("UpdateItem", &self.table, error)),
        }
    }

    async fn delete_held(&self, lease: &Lease) -> Result<bool, StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(ID, string(lease.id()))
            .condition_expression(HELD)
            .expression_attribute_names("#in_progress_expiration", IN_PROGRESS_EXPIRATION)
            .expression_attribute_names("#status", STATUS)
            .expression_attribute_values(":in_progress", string(Status::InProgress.as_str()))
            .expression_attribute_values(":token", number(lease.token()));
        match delete.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DeleteItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(failed("DeleteItem", &self.table, error)),
        }
    }

    async fn get(&self, id: &str) -> Result<Option<KeyRecord>, StoreError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(ID, string(id))
            .consistent_read(true);
        let answer = get
            .send()
            .await
            .map_err(|error| failed("GetItem", &self.table, error))?;
        answer.item.as_ref().map(|item| self.read(item)).transpose()
    }

    fn read(&self, item: &Item) -> Result<KeyRecord, StoreError> {
        read(item, self.layout).map_err(|attribute| {
            let id = text(item, ID).unwrap_or("?");
            let table = &self.table;
            StoreError::damaged(match attribute {
                DATA => format!(
                    "the result of the record `{id}` in table `{table}` is not written as Powertools for {:?} does, which \
                     `Dynamodb::layout` says of the table",
                    self.layout
                ),
                _ => format!(
                    "the record `{id}` in table `{table}` is not an idempotency record: its `{attribute}` is missing or of another type"
                ),
            })
        })
    }

    fn write(&self, id: &str, record: &KeyRecord) -> Result<Item, StoreError> {
        let data = record
            .data
            .as_deref()
            .map(|data| self.data(id, data))
            .transpose()?;
        let attributes = [
            (ID, Some(string(id))),
            (STATUS, Some(string(record.status.as_str()))),
            (EXPIRATION, Some(number(record.expiration))),
            (IN_PROGRESS_EXPIRATION, record.in_progress_expiration.map(number)),
            (DATA, data),
            (VALIDATION, record.validation.as_deref().map(string)),
        ];
        let there = attributes
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Ok(there.collect())
    }

    /// Converts a result from JSON to the table's format.
    fn data(&self, id: &str, json: &str) -> Result<AttributeValue, StoreError> {
        data::write(json, self.layout).map_err(|error| {
            StoreError::damaged(format!("the result of the record `{id}` cannot be stored")).caused_by(error)
        })
    }
}

/// The record, or the name of the invalid attribute.
fn read(item: &Item, layout: Layout) -> Result<KeyRecord, &'static str> {
    let data = item.get(DATA).map(|data| data::read(data, layout).ok_or(DATA));
    Ok(KeyRecord {
        status: text(item, STATUS).and_then(Status::parse).ok_or(STATUS)?,
        expiration: whole_number(item, EXPIRATION).ok_or(EXPIRATION)?,
        in_progress_expiration: whole_number(item, IN_PROGRESS_EXPIRATION),
        data: data.transpose()?.map(String::into_boxed_str),
        validation: text(item, VALIDATION).map(Into::into),
    })
}

#[cfg(test)]
mod tests {
    use super::super::rule::moment;
    use super::*;
    use serde_json::{Value, json};
    use switchboard_test_support::StubTable;

    fn table(answers: impl Into<Vec<(u16, Value)>>) -> (StubTable, Dynamodb) {
        let stub = StubTable::answering(answers);
        let store = Dynamodb::new(stub.client(), "table");
        (stub, store)
    }

    fn claim() -> Claim<'static> {
        Claim {
            id: "p#k",
            validation: Some("v"),
            now: moment(1_700_000_000_123),
            lease_until: moment(1_700_000_030_456),
            expiration: moment(1_700_003_600_123),
        }
    }

    fn lease() -> Lease {
        Lease::with_token("p#k".into(), 1_700_000_030_456)
    }

    fn done() -> Done {
        Done {
            data: "{}".to_owned(),
            expiration: moment(1_700_003_600_123),
        }
    }

    fn refused(item: Option<Value>) -> (u16, Value) {
        let mut error = json!({"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
            "message": "The conditional request failed"});
        if let Some(item) = item {
            error["Item"] = item;
        }
        (400, error)
    }

    fn item(status: &str) -> Value {
        json!({"id": {"S": "p#k"}, "status": {"S": status}, "expiration": {"N": "1700003600"},
            "in_progress_expiration": {"N": "1700000030456"}, "validation": {"S": "v"}, "data": {"S": "[1]"}})
    }

    #[tokio::test]
    async fn a_claim_is_powertools_conditional_put() {
        let (stub, store) = table([(200, json!({}))]);
        assert_eq!(store.claim(&claim()).await.unwrap(), Claimed::Owned(lease()));
        let expected = json!({
            "TableName": "table",
            "Item": {"id": {"S": "p#k"}, "status": {"S": "INPROGRESS"}, "expiration": {"N": "1700003600"},
                "in_progress_expiration": {"N": "1700000030456"}, "validation": {"S": "v"}},
            "ConditionExpression": "attribute_not_exists(#id) OR #expiration < :now OR (#status = :in_progress \
                AND attribute_exists(#in_progress_expiration) AND #in_progress_expiration < :now_in_millis)",
            "ExpressionAttributeNames": {"#id": "id", "#expiration": "expiration", "#status": "status",
                "#in_progress_expiration": "in_progress_expiration"},
            "ExpressionAttributeValues": {":now": {"N": "1700000000"}, ":now_in_millis": {"N": "1700000000123"},
                ":in_progress": {"S": "INPROGRESS"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        });
        assert_eq!(stub.requests(), [("PutItem".to_owned(), expected)]);
    }

    #[tokio::test]
    async fn a_refused_claim_is_judged_by_the_record_that_is_there() {
        let mut other = item("COMPLETED");
        other["validation"]["S"] = "w".into();
        for (there, expected) in [
            (item("COMPLETED"), Claimed::Done("[1]".to_owned())),
            (item("INPROGRESS"), Claimed::InProgress(moment(1_700_000_030_456))),
            (other, Claimed::Mismatch),
        ] {
            let (_, store) = table([refused(Some(there))]);
            assert_eq!(store.claim(&claim()).await.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn a_result_is_written_and_read_as_the_layout_has_it() {
        let native = json!({"M": {"ok": {"BOOL": true}, "n": {"N": "1.5"}, "none": {"NULL": true}}});
        let mut there = item("COMPLETED");
        there["data"] = native.clone();
        let (_, store) = table([refused(Some(there.clone()))]);
        let error = store.claim(&claim()).await.unwrap_err();
        assert!(error.is_damaged());
        assert_eq!(
            error.to_string(),
            "the result of the record `p#k` in table `table` is not written as Powertools for Python does, which \
             `Dynamodb::layout` says of the table"
        );
        let (_, store) = table([refused(Some(there))]);
        let Claimed::Done(data) = store.layout(Layout::Typescript).claim(&claim()).await.unwrap() else {
            panic!("it is done");
        };
        let data: Value = serde_json::from_str(&data).unwrap();
        assert_eq!(data, json!({"ok": true, "n": 1.5, "none": null}));

        let (stub, store) = table([(200, json!({}))]);
        let store = store.layout(Layout::Typescript);
        let done = Done {
            data: data.to_string(),
            ..done()
        };
        assert!(store.finish(&lease(), &done).await.unwrap());
        assert_eq!(stub.requests()[0].1["ExpressionAttributeValues"][":data"], native);
    }

    #[tokio::test]
    async fn a_record_that_does_not_come_along_is_looked_up() {
        let there = json!({"Item": item("COMPLETED")});
        let (stub, store) = table([refused(None), (200, there)]);
        assert_eq!(
            store.claim(&claim()).await.unwrap(),
            Claimed::Done("[1]".to_owned())
        );
        let expected = json!({"TableName": "table", "Key": {"id": {"S": "p#k"}}, "ConsistentRead": true});
        assert_eq!(stub.requests()[1], ("GetItem".to_owned(), expected));
        let (_, store) = table([refused(None), (200, json!({}))]);
        let error = store.claim(&claim()).await.unwrap_err();
        assert!(error.is_busy());
        assert_eq!(
            error.to_string(),
            "the record `p#k` in table `table` has changed meanwhile"
        );
    }

    #[tokio::test]
    async fn finishing_names_the_token_and_tells_its_own_repeated_request() {
        let (stub, store) = table([(200, json!({}))]);
        assert!(store.finish(&lease(), &done()).await.unwrap());
        let expected = json!({
            "TableName": "table",
            "Key": {"id": {"S": "p#k"}},
            "UpdateExpression": "SET #data = :data, #expiration = :expiration, #status = :completed",
            "ConditionExpression": "#status = :in_progress AND #in_progress_expiration = :token",
            "ExpressionAttributeNames": {"#data": "data", "#expiration": "expiration", "#status": "status",
                "#in_progress_expiration": "in_progress_expiration"},
            "ExpressionAttributeValues": {":data": {"S": "{}"}, ":expiration": {"N": "1700003600"},
                ":completed": {"S": "COMPLETED"}, ":in_progress": {"S": "INPROGRESS"},
                ":token": {"N": "1700000030456"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        });
        assert_eq!(stub.requests(), [("UpdateItem".to_owned(), expected)]);

        let mut successor = item("COMPLETED");
        successor["in_progress_expiration"]["N"] = "1700000030457".into();
        let answers = [
            Some(item("COMPLETED")),
            Some(successor),
            Some(item("INPROGRESS")),
            None,
        ];
        for (there, own) in answers.into_iter().zip([true, false, false, false]) {
            let (_, store) = table([refused(there)]);
            assert_eq!(store.finish(&lease(), &done()).await.unwrap(), own);
        }
    }

    #[tokio::test]
    async fn releasing_names_the_token() {
        let (stub, store) = table([(200, json!({})), refused(None)]);
        assert!(store.release(&lease()).await.unwrap());
        assert!(!store.release(&lease()).await.unwrap());
        let expected = json!({
            "TableName": "table",
            "Key": {"id": {"S": "p#k"}},
            "ConditionExpression": "#status = :in_progress AND #in_progress_expiration = :token",
            "ExpressionAttributeNames": {"#status": "status", "#in_progress_expiration": "in_progress_expiration"},
            "ExpressionAttributeValues": {":in_progress": {"S": "INPROGRESS"}, ":token": {"N": "1700000030456"}},
        });
        assert_eq!(stub.requests()[0], ("DeleteItem".to_owned(), expected));
    }

    #[tokio::test]
    async fn failures_say_what_failed_and_whether_trying_again_helps() {
        let throttled =
            json!({"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"});
        let (_, store) = table([(400, throttled)]);
        assert!(store.claim(&claim()).await.unwrap_err().is_busy());
        let missing =
            json!({"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no"});
        let (_, store) = table([(400, missing)]);
        let error = store.claim(&claim()).await.unwrap_err();
        assert!(!error.is_busy());
        assert_eq!(
            error.to_string(),
            "PutItem on the table `table` failed: ResourceNotFoundException: no"
        );
        let (_, store) = table([refused(Some(json!({"id": {"S": "p#k"}})))]);
        assert!(store.claim(&claim()).await.unwrap_err().is_damaged());
    }
}
