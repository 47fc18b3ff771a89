//! Prices in Avro, from a topic of Kafka. A tombstone means that an article is no longer sold.

use crate::app::App;
use serde::Deserialize;
use switchboard::event::{Avro, AvroRecord, RecordKey};
use switchboard::{Context, Failure};

#[derive(Deserialize)]
pub(crate) struct Price {
    cents: i64,
}

impl AvroRecord for Price {
    const SCHEMA: &'static str =
        r#"{"type": "record", "name": "Price", "fields": [{"name": "cents", "type": "long"}]}"#;
}

pub(crate) async fn on_price(
    (price, RecordKey(article)): (Option<Avro<Price>>, RecordKey),
    cx: Context<App>,
) -> Result<(), Failure> {
    cx.state().note(match price {
        Some(Avro(price)) => format!("{article} costs {}", price.cents),
        None => format!("{article} is no longer sold"),
    });
    Ok(())
}
