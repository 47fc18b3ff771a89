//! Whether the table can be read and written: it is tried.

use super::super::StoreError;
use super::connection::Dynamodb;
use super::item::{self, PK, key_of};
use super::key;
use switchboard::store::dynamodb::refused;

/// The key of an item that stands on no index, and says nothing.
const TRIED: &str = "health";

impl Dynamodb {
    /// Looks for an item, inserts it unless it is there, and puts the state of a resource on a condition that does not hold:
    /// who may not write, or writes too much, is told so before it is looked what is there.
    pub(super) async fn try_both(&self) -> Result<(), StoreError> {
        self.get_item(TRIED).await?;
        self.insert_all(vec![item::empty(TRIED, self.moment())]).await?;
        let put = self.client().await.put_item().table_name(&self.table);
        let put = put
            .set_item(Some(key_of(&key::resource(TRIED))))
            .condition_expression("attribute_exists(#pk) AND attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", PK);
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) => refused(&self.table, error).map(|_| ()),
        }
    }
}
