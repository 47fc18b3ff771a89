//! Something that cannot go to another thread is kept while the handler waits.
//~ future returned by `on_message` is not `Send`
//~ which is not `Send`

use std::rc::Rc;
use switchboard::{Context, Failure, Router};

async fn on_message(body: String, _cx: Context<()>) -> Result<(), Failure> {
    let shared = Rc::new(body);
    std::future::ready(()).await;
    tracing::info!(length = shared.len(), "a message");
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_message);
}
