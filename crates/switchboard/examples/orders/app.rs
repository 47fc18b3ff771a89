//! What all handlers share. A real shop has clients of a database here.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use switchboard::DeadLetter;

/// An order, as it stands in messages, in the table and in answers.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, utoipa::ToSchema)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) customer: String,
    pub(crate) cents: u64,
}

/// The application's state.
#[derive(Clone, Default)]
pub(crate) struct App {
    shop: Arc<Mutex<Shop>>,
}

/// What the shop knows.
#[derive(Debug, Default)]
pub(crate) struct Shop {
    pub(crate) orders: BTreeMap<String, Order>,
    /// What happened, in order.
    pub(crate) log: Vec<String>,
}

impl App {
    /// Does something with what the shop knows.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut Shop) -> R) -> R {
        work(&mut self.shop.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that something happened.
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.with(|shop| shop.log.push(what.into()));
    }

    /// An order, if it is known.
    pub(crate) fn order(&self, id: &str) -> Option<Order> {
        self.with(|shop| shop.orders.get(id).cloned())
    }
}

/// Where messages go that will never be orders. A real shop sends them to a queue.
pub(crate) async fn bury(letter: DeadLetter) -> Result<(), Infallible> {
    tracing::warn!(source = %letter.source, id = letter.id, reason = letter.reason, "rejected");
    Ok(())
}
