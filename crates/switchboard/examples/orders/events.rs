//! Events of the warehouse, from EventBridge: each type of event has a handler with its own `detail`.

use crate::app::App;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use switchboard::{Context, Failure, Json};

#[derive(Deserialize, Serialize)]
pub(crate) struct Parcel {
    pub(crate) order: String,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Stock {
    pub(crate) article: String,
    pub(crate) pieces: u32,
}

pub(crate) async fn on_shipped(Json(parcel): Json<Parcel>, cx: Context<App>) -> Result<(), Failure> {
    cx.state().note(format!("{} was shipped", parcel.order));
    Ok(())
}

pub(crate) async fn on_returned(Json(parcel): Json<Parcel>, cx: Context<App>) -> Result<(), Failure> {
    cx.state().note(format!("{} came back", parcel.order));
    Ok(())
}

pub(crate) async fn on_stock(Json(stock): Json<Stock>, cx: Context<App>) -> Result<(), Failure> {
    if stock.pieces == 0 {
        cx.state().note(format!("{} is sold out", stock.article));
    }
    Ok(())
}

/// Types of events that are not the shop's concern.
pub(crate) async fn on_other(_detail: Json<IgnoredAny>, _cx: Context<App>) -> Result<(), Failure> {
    tracing::info!("nothing to do");
    Ok(())
}
