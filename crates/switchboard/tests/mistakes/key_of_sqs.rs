//! A key of a source whose records have none.
//~ the records of `SqsEvent` have no key
//~ a handler of it cannot ask for a `RecordKey`

use switchboard::event::RecordKey;
use switchboard::{Context, Failure, Router};

async fn on_message(RecordKey(key): RecordKey, _cx: Context<()>) -> Result<(), Failure> {
    tracing::info!(key, "a message");
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_message);
}
