//! A task of a state machine. It catches `CardDeclined` by its name: `"Catch": [{"ErrorEquals": ["CardDeclined"], "Next": …}]`.

use crate::app::App;
use serde::{Deserialize, Serialize};
use switchboard::{Context, Failure};

#[derive(Deserialize)]
pub(crate) struct Charge {
    order: String,
}

#[derive(Serialize)]
pub(crate) struct Receipt {
    order: String,
    cents: u64,
}

pub(crate) async fn charge(task: Charge, cx: Context<App>) -> Result<Receipt, Failure> {
    let order = cx
        .state()
        .order(&task.order)
        .ok_or_else(|| Failure::named("NoSuchOrder"))?;
    match order.cents {
        100_001.. => Err(Failure::named("CardDeclined").because("the card's limit is exceeded")),
        cents => Ok(Receipt {
            order: order.id,
            cents,
        }),
    }
}
