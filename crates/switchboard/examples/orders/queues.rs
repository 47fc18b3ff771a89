//! Orders and refunds, each in a FIFO queue: those of one customer in their order.

use crate::app::{App, Order};
use serde::{Deserialize, Serialize};
use switchboard::{Context, Failure, Json};

/// A message of the queue `refunds.fifo`.
#[derive(Deserialize, Serialize)]
pub(crate) struct Refund {
    pub(crate) order: String,
}

/// An order is stored. Nothing behind it in its group is handled if that fails.
pub(crate) async fn on_order(Json(order): Json<Order>, cx: Context<App>) -> Result<(), Failure> {
    if order.cents == 0 {
        return Err(Failure::msg("the price is not known yet"));
    }
    cx.state()
        .with(|shop| shop.orders.insert(order.id.clone(), order));
    Ok(())
}

/// An order is forgotten. There may be none yet: then the refund comes again.
pub(crate) async fn on_refund(Json(refund): Json<Refund>, cx: Context<App>) -> Result<(), Failure> {
    let order = cx.state().with(|shop| shop.orders.remove(&refund.order));
    let order = order.ok_or("no such order yet")?;
    cx.state().note(format!("refunded {} cents", order.cents));
    Ok(())
}
