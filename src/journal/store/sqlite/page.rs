//! One page of a table: conditions, order, and where to stop.

use super::super::StoreError;
use super::super::page::PAGE_BYTES;
use super::connection::failed;
use crate::journal::Limit;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

/// A query for one page.
pub(super) struct PageQuery {
    select: &'static str,
    /// The column that orders the rows and tells each from all others.
    order: &'static str,
    limit: Limit,
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl PageQuery {
    pub(super) fn new(select: &'static str, order: &'static str, limit: Limit) -> Self {
        Self {
            select,
            order,
            limit,
            conditions: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Adds a condition, such as `type =`, if there is a value to compare with.
    pub(super) fn filter(mut self, comparison: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.values.push(value.into());
            self.conditions
                .push(format!("{comparison} ?{}", self.values.len()));
        }
        self
    }

    /// Goes on behind the row where the page before ended.
    pub(super) fn after(self, position: Option<impl Into<Value>>) -> Self {
        let comparison = format!("{} >", self.order);
        self.filter(&comparison, position)
    }

    /// The rows of the page, and whether there are more. `size` is how many bytes a row adds to the answer.
    pub(super) fn rows<T>(
        self,
        connection: &Connection,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
        size: impl Fn(&T) -> usize,
    ) -> Result<(Vec<T>, bool), StoreError> {
        let mut statement = connection.prepare_cached(&self.sql()).map_err(failed)?;
        let found = statement
            .query_map(params_from_iter(self.values), read)
            .map_err(failed)?;
        let (mut rows, mut bytes) = (Vec::new(), 0);
        for row in found {
            let row = row.map_err(failed)?;
            bytes += size(&row);
            // A page without any row would lead nowhere, so the first always fits.
            if rows.len() == self.limit.get() || (bytes > PAGE_BYTES && !rows.is_empty()) {
                return Ok((rows, true));
            }
            rows.push(row);
        }
        Ok((rows, false))
    }

    /// It asks for one row more than the limit, which says whether there are more.
    fn sql(&self) -> String {
        let mut sql = self.select.to_owned();
        for (index, condition) in self.conditions.iter().enumerate() {
            sql.push_str(if index == 0 { " WHERE " } else { " AND " });
            sql.push_str(condition);
        }
        sql.push_str(&format!(
            " ORDER BY {} LIMIT {}",
            self.order,
            self.limit.get() + 1
        ));
        sql
    }
}
