//! A payload that serde cannot read.
//~ the trait bound `Charge: serde::de::DeserializeOwned` is not satisfied

use switchboard::{Context, Failure, Router};

struct Charge {
    cents: u32,
}

async fn charge(task: Charge, _cx: Context<()>) -> Result<u32, Failure> {
    Ok(task.cents)
}

fn main() {
    let _ = Router::new(()).direct(charge);
}
