//! A function that is not async, with a condition.
//~once the method `when` exists for fn item
//~ Handler<_, _>`

use switchboard::when::queue;
use switchboard::{Context, Failure, Handler, Router};

fn on_message(_body: String, _cx: Context<()>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_message.when(queue("orders")));
}
