//! Handlers whose arguments are types of the application. What they get of a record is what `typed_plain`
//! reads by hand.

use std::hint::black_box;
use switchboard::{Change, Context, Error, Failure, Json, Router};
use types::{Click, Line, Order};

#[path = "../types.rs"]
mod types;

async fn on_click(Json(click): Json<Click>, _cx: Context<()>) -> Result<(), Failure> {
    black_box(&click);
    Ok(())
}

async fn on_change(change: Change<Line>, _cx: Context<()>) -> Result<(), Failure> {
    black_box(&change);
    Ok(())
}

async fn on_order(Json(order): Json<Order>, _cx: Context<()>) -> Result<(), Failure> {
    black_box(&order);
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    switchboard::init(async { switchboard::telemetry::init() }).await?;
    let router = Router::new(())
        .kinesis(on_click)
        .dynamodb(on_change)
        .sqs(on_order);
    switchboard::run(router).await
}
