//! Fields of an AppSync API: `Query.order`, and `Order.parcels`, which AppSync asks for in batches.

use crate::app::{App, Order};
use serde::Deserialize;
use switchboard::event::Resolve;
use switchboard::{Context, Failure};

#[derive(Deserialize)]
pub(crate) struct ById {
    id: String,
}

pub(crate) async fn order(field: Resolve<ById>, cx: Context<App>) -> Result<Option<Order>, Failure> {
    Ok(cx.state().order(&field.arguments.id))
}

/// One parcel for every started hundred; none for an order that is unknown, which is that field's error.
pub(crate) async fn parcels(
    field: Resolve<serde_json::Value, ById>,
    cx: Context<App>,
) -> Result<Vec<String>, Failure> {
    let id = field.source.ok_or("the field belongs to an order")?.id;
    let order = cx
        .state()
        .order(&id)
        .ok_or_else(|| Failure::named("NoSuchOrder"))?;
    let parcels = order.cents.div_ceil(10_000);
    Ok((1..=parcels).map(|number| format!("{id}-{number}")).collect())
}
