//! A reply to a source that takes none.
//~ a handler of `SqsEvent` gives back `()`, not `usize`
//~ the source takes no reply: return `Result<(), Failure>`

use switchboard::{Context, Failure, Router};

async fn on_message(body: String, _cx: Context<()>) -> Result<usize, Failure> {
    Ok(body.len())
}

fn main() {
    let _ = Router::new(()).sqs(on_message);
}
