//! What the handlers' tests share: records as they come, delivered to a journal in memory.

use super::App;
use crate::batch::single;
use crate::event::{Essence, Event, read};
use crate::journal::{Entry, EntryQuery, Limit, Resource, ResourceQuery, Sqlite};
use crate::router::{Invocation, Record};
use crate::source::Source;
use crate::{Batch, Context, Failure};
use chrono::{DateTime, Utc};
use std::future::Future;
use std::sync::Arc;

/// A journal in memory.
pub(super) fn app() -> App {
    App::new(Sqlite::memory())
}

/// Reads a record, or a single event, as the router does, and hands it to the handler.
pub(super) async fn deliver<E, F>(
    app: &App,
    handler: impl Fn(E::Item, Context<App>) -> F,
    raw: &str,
) -> Result<(), Failure>
where
    E: Event,
    F: Future<Output = Result<(), Failure>>,
{
    let read = read::<E>(raw.as_bytes(), received()).unwrap();
    handler(*read.item, context::<E>(app, raw, read.filled)).await
}

/// Reads a record as the router does, and hands it to the handler as a batch.
pub(super) async fn deliver_batch<E, F>(
    app: &App,
    handler: impl Fn(Batch<E::Item>, Context<App>) -> F,
    raw: &str,
) -> Result<(), Failure>
where
    E: Event<Reply = ()>,
    F: Future<Output = Result<(), Failure>>,
{
    let read = read::<E>(raw.as_bytes(), received()).unwrap();
    let (batch, outcome) = single(read, raw.as_bytes().to_vec().into());
    handler(batch, context::<E>(app, raw, Vec::new())).await?;
    outcome().unwrap()
}

fn received() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn context<E: Event>(app: &App, raw: &str, filled: Vec<&'static str>) -> Context<App> {
    let invocation = Invocation {
        source: E::SOURCES.first().copied().unwrap_or(Source::Unknown),
        lambda: lambda_runtime::Context::default(),
        received: received(),
        ends: None,
        state: app.clone(),
        table: Arc::default(),
        metrics: crate::telemetry::Metrics::of(crate::source::Source::Unknown),
        depth: 0,
        unpacked: 0,
        told: Arc::default(),
        sent: None,
    };
    let record = Record {
        raw: raw.as_bytes().to_vec().into(),
        identify: |_, _| None,
        essence: const { &Essence::of::<E>() },
        filled,
        place: None,
    };
    Context::new(Arc::new(invocation), record)
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
