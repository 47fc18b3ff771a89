//! A function that is not async.
//~once `Result<(), Failure>` is not a future

use switchboard::{Context, Failure, Router};

fn on_message(_body: String, _cx: Context<()>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_message);
}
