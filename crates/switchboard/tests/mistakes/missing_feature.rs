//! A source whose feature is off.
//~ `Router::kafka` needs the feature `kafka` of `lambda-switchboard`
//~ add it: `cargo add lambda-switchboard --features kafka`

use switchboard::{Context, Failure, Router};

async fn on_record(body: String, _cx: Context<()>) -> Result<(), Failure> {
    tracing::info!(length = body.len(), "a record");
    Ok(())
}

fn main() {
    let _ = Router::new(()).kafka(on_record);
}
