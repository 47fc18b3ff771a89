//! The context of another application state.
//~once type mismatch in function arguments
//~ expected function signature `fn(String, switchboard::Context<App>) -> _`
//~ found function signature `fn(String, switchboard::Context<Other>) -> _`

use switchboard::{Context, Failure, Router};

#[derive(Clone)]
struct App;

#[derive(Clone)]
struct Other;

async fn on_message(_body: String, _cx: Context<Other>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = Other;
    let _ = Router::new(App).sqs(on_message);
}
