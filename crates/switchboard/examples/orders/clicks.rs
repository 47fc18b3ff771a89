//! Clicks of visitors, from a stream: eight visitors at once, the clicks of each in their order.

use crate::app::App;
use serde::{Deserialize, Serialize};
use switchboard::event::RecordKey;
use switchboard::{Context, Failure, Json};

#[derive(Deserialize, Serialize)]
pub(crate) struct Click {
    pub(crate) page: String,
}

pub(crate) async fn on_click(
    (Json(click), RecordKey(visitor)): (Json<Click>, RecordKey),
    cx: Context<App>,
) -> Result<(), Failure> {
    cx.state().note(format!("{visitor} saw {}", click.page));
    Ok(())
}
