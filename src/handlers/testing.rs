//! What the handlers' tests share: records as they come, delivered to a journal in memory.

use super::App;
use crate::journal::{Entry, EntryQuery, Limit, Resource, ResourceQuery, Sqlite};
use std::future::Future;

/// A journal in memory.
pub(super) fn app() -> App {
    App::new(Sqlite::memory())
}

/// All entries, in journal order.
pub(super) async fn entries(app: &App) -> Vec<Entry> {
    let query = EntryQuery {
        limit: Limit::MAX,
        ..EntryQuery::default()
    };
    app.store().entries(&query).await.unwrap().items
}

/// All resources, by name.
pub(super) async fn resources(app: &App) -> Vec<Resource> {
    let query = ResourceQuery {
        limit: Limit::MAX,
        ..ResourceQuery::default()
    };
    app.store().resources(&query).await.unwrap().items
}

/// Names and states of all resources, and the identities of all entries, both sorted.
pub(super) async fn outcome(app: &App) -> (Vec<(String, String)>, Vec<String>) {
    let resources = resources(app).await;
    let states = resources
        .into_iter()
        .map(|resource| (resource.urn, resource.state))
        .collect();
    let mut identities: Vec<_> = entries(app)
        .await
        .iter()
        .map(|entry| entry.identity().into_owned())
        .collect();
    identities.sort();
    (states, identities)
}

/// Runs a future to its end.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}
