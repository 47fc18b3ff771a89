//! The query for one page of a table: its conditions, and the order of its rows.

use rusqlite::types::Value;

/// A query whose rows are read until the page is full.
pub(super) struct Select {
    sql: String,
    conditions: usize,
    pub(super) values: Vec<Value>,
}

impl Select {
    /// A query without conditions, such as `SELECT urn FROM resource`.
    pub(super) fn new(select: &str) -> Self {
        Self {
            sql: select.to_owned(),
            conditions: 0,
            values: Vec::new(),
        }
    }

    /// Adds a condition, such as `type =`, if there is a value to compare with.
    pub(super) fn filter(mut self, comparison: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.values.push(value.into());
            self.sql
                .push_str(if self.conditions == 0 { " WHERE " } else { " AND " });
            self.sql.push_str(&format!("{comparison} ?{}", self.values.len()));
            self.conditions += 1;
        }
        self
    }

    /// The statement, which returns its rows in the order of this column.
    pub(super) fn by(&self, order: &str) -> String {
        format!("{} ORDER BY {order}", self.sql)
    }
}
