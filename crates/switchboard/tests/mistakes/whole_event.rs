//! The event in the place of one record.
//~ `S3Event` cannot be read from a record of `S3Event`
//~ a handler gets one record, not the whole event

use switchboard::aws_lambda_events::s3::S3Event;
use switchboard::{Context, Failure, Router};

async fn on_object(_event: S3Event, _cx: Context<()>) -> Result<(), Failure> {
    Ok(())
}

fn main() {
    let _ = Router::new(()).s3(on_object);
}
