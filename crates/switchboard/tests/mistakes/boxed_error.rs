//! A boxed error without `Send` and `Sync`, which `?` does not convert.
//~ `?` couldn't convert the error
//~ required for `Failure` to implement `From<Box<dyn std::error::Error>>`

use switchboard::{Context, Failure, Router};

fn parse(text: &str) -> Result<u32, Box<dyn std::error::Error>> {
    Ok(text.parse()?)
}

async fn on_message(body: String, _cx: Context<()>) -> Result<(), Failure> {
    parse(&body)?;
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_message);
}
