//! The handler is called in the place where it is registered.
//~once `impl Future<Output = Result<(), Failure>>` is not a handler
//~ register the function itself, without calling it

use switchboard::{Context, Failure, Router};

async fn on_message(_body: String, _cx: Context<()>) -> Result<(), Failure> {
    Ok(())
}

fn register(cx: Context<()>) {
    let _ = Router::new(()).sqs(on_message(String::new(), cx));
}

fn main() {
    let _ = register;
}
