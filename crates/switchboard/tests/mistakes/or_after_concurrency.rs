//! `.or` behind an option: it is `Unwrap`'s, and the options come last.
//~ `Unwrap.or(…)` comes before the options
//~ write `Unwrap.or(handler.concurrency(16))`: the options are the handler's

use switchboard::aws_lambda_events::sqs::SqsMessage;
use switchboard::{Context, Failure, Router, Unwrap};

async fn on_message(_message: SqsMessage, _cx: Context<()>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(Unwrap.concurrency(16).or(on_message));
}
