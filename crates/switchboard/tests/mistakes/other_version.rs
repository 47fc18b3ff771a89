//! The struct of another version of `aws_lambda_events`.
//~ `sqs::SqsMessage` cannot be read from a record of `SqsEvent`
//~ the structs of another version of `aws_lambda_events` are other types: use `switchboard::aws_lambda_events`

use switchboard::{Context, Failure, Router};

/// As another version has it.
mod sqs {
    #[derive(serde::Deserialize)]
    pub struct SqsMessage {
        pub body: Option<String>,
    }
}

async fn on_message(_message: sqs::SqsMessage, _cx: Context<()>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = Router::new(()).sqs(on_message);
}
