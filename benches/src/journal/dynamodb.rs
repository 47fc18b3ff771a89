//! What questions to the journal in DynamoDB cost: calls, and the items that they look at. Of time nothing is said.

use super::table::{Counted, Table};
use super::{ENTRIES, count, query};
use crate::report::{Limit, Report};
use std::error::Error;
use switchboard_function::journal::{Dynamodb, EntryQuery, Store};

/// What the rows begin with.
const WHAT: &str = "journal in DynamoDB, 1,000,000 entries";

pub(super) async fn measure(report: &mut Report) -> Result<(), Box<dyn Error>> {
    if !report.wants_any(WHAT) {
        return Ok(());
    }
    let table = Table::new();
    let store = Dynamodb::new(table.client(), "journal");
    let (middle, late) = (Some(ENTRIES / 2), Some(ENTRIES / 10 * 9));
    for (what, source, event_type, subject) in [
        ("source and type", Some(0), Some(1), None),
        ("source and subject", Some(0), None, Some(1)),
        ("type and subject", None, Some(0), Some(1)),
        // Of these, a third of a million entries has source and subject, and no other two.
        ("source, type and subject", Some(0), Some(1), Some(0)),
    ] {
        let first = query(source, event_type, subject, None);
        let since = query(source, event_type, subject, middle);
        let cursor = deep(&store, &since, late).await?;
        for (what, ours) in [
            (what.to_owned(), first.clone()),
            (format!("{what}, since the middle"), since),
            (format!("{what}, deep cursor"), cursor),
        ] {
            let (ours, other) = (
                page(&table, &store, &ours).await?,
                rarer(&table, &store, &ours).await?,
            );
            rows(report, &what, ours, other);
        }
        let (ours, other) = counts(&table, &store, first).await?;
        rows(report, &format!("count of {what}"), ours, other);
    }
    Ok(())
}

fn rows(report: &mut Report, what: &str, ours: Counted, other: Counted) {
    for (figure, ours, other) in [
        ("calls", ours.calls, other.calls),
        ("items looked at", ours.items, other.items),
    ] {
        report.numbers(
            &format!("{WHAT}: {what} / alone, {figure}"),
            ours,
            other,
            Limit::AtMost(5.0),
        );
    }
}

/// The query behind a page that ends late.
async fn deep(store: &Dynamodb, query: &EntryQuery, from: Option<u64>) -> Result<EntryQuery, Box<dyn Error>> {
    let late = super::query(None, None, None, from).since;
    let page = store
        .entries(&EntryQuery {
            since: late,
            limit: switchboard_function::journal::Limit::new(5)?,
            ..query.clone()
        })
        .await?;
    let cursor = page.next.ok_or("the page is the last")?;
    Ok(EntryQuery {
        cursor: Some(cursor),
        ..query.clone()
    })
}

/// The cost of a page.
async fn page(table: &Table, store: &Dynamodb, query: &EntryQuery) -> Result<Counted, Box<dyn Error>> {
    table.take();
    let page = store.entries(query).await?;
    if page.items.is_empty() {
        return Err("nothing is found, so nothing is measured".into());
    }
    Ok(table.take())
}

/// The query by each of its filters alone.
fn alone(query: &EntryQuery) -> Vec<EntryQuery> {
    let none = EntryQuery {
        source: None,
        event_type: None,
        subject: None,
        ..query.clone()
    };
    let mut alone = Vec::new();
    if query.source.is_some() {
        alone.push(EntryQuery {
            source: query.source.clone(),
            ..none.clone()
        });
    }
    if query.event_type.is_some() {
        alone.push(EntryQuery {
            event_type: query.event_type.clone(),
            ..none.clone()
        });
    }
    if query.subject.is_some() {
        alone.push(EntryQuery {
            subject: query.subject.clone(),
            ..none
        });
    }
    alone
}

/// The cost of a page by one of the filters alone: the least, as each lets through as much.
async fn rarer(table: &Table, store: &Dynamodb, query: &EntryQuery) -> Result<Counted, Box<dyn Error>> {
    let mut costs = Vec::new();
    for query in alone(query) {
        costs.push(page(table, store, &query).await?);
    }
    least(costs)
}

fn least(costs: Vec<Counted>) -> Result<Counted, Box<dyn Error>> {
    let least = costs.into_iter().min_by_key(|cost| cost.calls);
    Ok(least.ok_or("it has no filter")?)
}

/// The cost of all pages, and of as many entries by one of the filters alone.
async fn counts(
    table: &Table,
    store: &Dynamodb,
    query: EntryQuery,
) -> Result<(Counted, Counted), Box<dyn Error>> {
    table.take();
    let (_, found) = count(store, query.clone(), usize::MAX).await?;
    let (ours, mut others) = (table.take(), Vec::new());
    for query in alone(&query) {
        count(store, query, found).await?;
        others.push(table.take());
    }
    Ok((ours, least(others)?))
}
