//! Prices, from a topic of Kafka. A tombstone means that an article is no longer sold.

use crate::app::App;
use serde::{Deserialize, Serialize};
use switchboard::event::RecordKey;
use switchboard::{Context, Failure, Json};

#[derive(Deserialize, Serialize)]
pub(crate) struct Price {
    pub(crate) cents: u64,
}

pub(crate) async fn on_price(
    (price, RecordKey(article)): (Option<Json<Price>>, RecordKey),
    cx: Context<App>,
) -> Result<(), Failure> {
    cx.state().note(match price {
        Some(Json(price)) => format!("{article} costs {}", price.cents),
        None => format!("{article} is no longer sold"),
    });
    Ok(())
}
