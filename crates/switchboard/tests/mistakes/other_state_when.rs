//! The context of another application state, with a condition.
//~once is not a handler
//~ with the state that `Router::new` was given as its `S`, which is `App`
//~ expected `Other`, found `App`

use switchboard::when::queue;
use switchboard::{Context, Failure, Handler, Router};

#[derive(Clone)]
struct App;

#[derive(Clone)]
struct Other;

async fn on_message(_body: String, _cx: Context<Other>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = Other;
    let _ = Router::new(App).sqs(on_message.when(queue("orders")));
}
