//! A handler that takes no context, with a condition.
//~once the method `when` exists for fn item
//~ `fn(String) -> impl Future<Output = Result<(), Failure>> {on_message}: Fn<(_, switchboard::Context<_>)>`

use switchboard::when::queue;
use switchboard::{Failure, Handler, Router};

async fn on_message(body: String) -> Result<(), Failure> {
    tracing::info!(length = body.len(), "a message");
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_message.when(queue("orders")));
}
