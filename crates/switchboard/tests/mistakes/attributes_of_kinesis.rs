//! Attributes of a source whose records have none.
//~ the records of `KinesisEvent` have no attributes
//~ a handler of it cannot ask for `Attributes`

use switchboard::event::Attributes;
use switchboard::{Context, Failure, Router};

async fn on_record(attributes: Attributes, _cx: Context<()>) -> Result<(), Failure> {
    tracing::info!(tenant = attributes.get("tenant").as_deref(), "a record");
    Ok(())
}

fn main() {
    let _ = Router::new(()).kinesis(on_record);
}
