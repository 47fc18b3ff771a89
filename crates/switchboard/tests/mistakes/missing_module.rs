//! A module whose feature is off.
//~ the item is gated behind the `idempotency` feature

use switchboard::idempotency::{Idempotency, Memory};
use switchboard::{Context, Failure, Handler, Router};

async fn on_message(body: String, _cx: Context<()>) -> Result<(), Failure> {
    tracing::info!(length = body.len(), "a message");
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_message.idempotent(Idempotency::new(Memory::new())));
}
