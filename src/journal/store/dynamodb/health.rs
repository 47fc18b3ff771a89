//! Whether the table can be read and written, by trying both.

use super::super::StoreError;
use super::connection::Dynamodb;
use super::item::{self, PK, key_of};
use super::key;
use super::log::log_key;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use switchboard::store::dynamodb::{failed, refused};

/// The key of an item that is in no index and has no content.
const TRIED: &str = "health";

/// A condition that is never met.
const NEVER: &str = "attribute_exists(#pk) AND attribute_not_exists(#pk)";

impl Dynamodb {
    /// Looks for an item, inserts it unless it exists, and writes a state and a log on a condition that is never met.
    /// Missing rights and throttling are reported before the condition is checked.
    pub(super) async fn try_all(&self) -> Result<(), StoreError> {
        self.get_item(TRIED).await?;
        self.insert_all(vec![item::empty(TRIED, self.moment())]).await?;
        let put = self.client().await.put_item().table_name(&self.table);
        let put = put
            .set_item(Some(key_of(&key::resource(TRIED))))
            .condition_expression(NEVER)
            .expression_attribute_names("#pk", PK);
        if let Err(error) = put.send().await {
            refused(&self.table, error)?;
        }
        let update = self.client().await.update_item().table_name(&self.table);
        let update = update
            .set_key(Some(key_of(&log_key(TRIED))))
            .update_expression("REMOVE #tried")
            .expression_attribute_names("#tried", TRIED)
            .condition_expression(NEVER)
            .expression_attribute_names("#pk", PK);
        match update.send().await {
            Err(error)
                if error
                    .as_service_error()
                    .is_none_or(|error| !UpdateItemError::is_conditional_check_failed_exception(error)) =>
            {
                Err(failed("UpdateItem", &self.table, error))
            }
            _ => Ok(()),
        }
    }
}
