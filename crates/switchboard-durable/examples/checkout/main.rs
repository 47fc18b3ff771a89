//! An order from SQS is charged, packed by a warehouse that says so days later, shipped and announced; or refunded.
//!
//! ```text
//! FAULTY_LEDGER=/tmp/ledger cargo switchboard run --durable --manifest-path crates/switchboard-durable/Cargo.toml --example checkout
//! cargo switchboard durable start order.json --name order-7
//! cargo switchboard durable show order-7                     # the callback id that the warehouse was given
//! curl localhost:9000/packed/CALLBACK-ID --json true         # or false: sold out
//! ```
//!
//! `order.json` is an event of SQS with bodies such as `{"id":"7","cents":4200}`.

mod effects;
mod warehouse;

use effects::{Effects, Ledger};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use switchboard::{Context, Error, Failure, Json, Router};
use switchboard_durable::{DurableContext, durable};

/// How long the warehouse may take.
const A_WEEK: Duration = Duration::from_secs(7 * 86_400);

#[derive(Clone)]
struct App {
    effects: Arc<Ledger>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Order {
    id: String,
    cents: u64,
}

/// The workflow: its steps are recorded, so each happens once, however often the function is invoked for it.
async fn on_order(Json(order): Json<Order>, d: DurableContext, cx: Context<App>) -> Result<(), Failure> {
    if order.cents == 0 {
        return Err(Failure::reject("an order of nothing"));
    }
    let effects = &cx.state().effects;
    effect(&d, effects, "charge", &order.id).await?;
    match packed(&d, effects, &order.id).await {
        true => {
            effect(&d, effects, "ship", &order.id).await?;
            effect(&d, effects, "tell-shipped", &order.id).await
        }
        false => {
            effect(&d, effects, "refund", &order.id).await?;
            effect(&d, effects, "tell-cancelled", &order.id).await
        }
    }
}

/// An effect in a step. A step that is interrupted is done again, so each effect has the order as its key.
async fn effect(
    d: &DurableContext,
    effects: &Arc<Ledger>,
    name: &'static str,
    key: &str,
) -> Result<(), Failure> {
    let (effects, key) = (Arc::clone(effects), key.to_owned());
    let step = d.step(move |_| async move { Ok(effects.apply(name, &key).await?) });
    Ok(step.name(name).await?)
}

/// Asks the warehouse, and waits for its answer. An order that it does not pack in time is refunded, too.
async fn packed(d: &DurableContext, effects: &Arc<Ledger>, id: &str) -> bool {
    let (effects, id) = (Arc::clone(effects), id.to_owned());
    let asked = d.wait_for_callback::<bool, _, _>(move |_, callback| async move {
        tracing::info!(order = id, callback, "the warehouse is asked");
        Ok(effects.apply("ask-warehouse", &id).await?)
    });
    asked.name("packed").timeout(A_WEEK).await.unwrap_or(false)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let effects = switchboard::init(async {
        switchboard::telemetry::init()?;
        let path = std::env::var_os("FAULTY_LEDGER");
        let path = path.ok_or_else(|| Error::configuration("FAULTY_LEDGER", None, "the path of a file"))?;
        Ok::<_, Error>(Arc::new(Ledger::new(path)))
    })
    .await?;
    let router = Router::new(App { effects })
        .sqs(durable(on_order))
        .http(warehouse::api());
    switchboard::run(router).await
}
