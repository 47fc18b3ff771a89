//! Whether the table can be read and written: it is tried.

use super::super::StoreError;
use super::connection::Dynamodb;
use super::item::{PK, key_of};
use crate::store::dynamodb::refused;

/// The key of an item that there is none of.
const NONE: &str = "health";

impl Dynamodb {
    /// Looks for an item that is not there, and puts one on a condition that does not hold: who may not write, or writes too
    /// much, is told so before the condition is looked at.
    pub(super) async fn try_both(&self) -> Result<(), StoreError> {
        self.get_item(NONE).await?;
        let put = self.client().await.put_item().table_name(&self.table);
        let put = put
            .set_item(Some(key_of(NONE)))
            .condition_expression("attribute_exists(#pk) AND attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", PK);
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) => refused(&self.table, error).map(|_| ()),
        }
    }
}
