//! Invoices in a bucket. Its notifications come through a topic and a queue, so this handler hears of the object only.

use crate::app::App;
use aws_lambda_events::s3::S3EventRecord;
use switchboard::event::s3::decode_key;
use switchboard::{Context, Failure};

pub(crate) async fn on_invoice(record: S3EventRecord, cx: Context<App>) -> Result<(), Failure> {
    let key = record.s3.object.key.ok_or("the record names no object")?;
    match record.s3.object.size {
        Some(0) => Err(Failure::msg("the invoice is empty")),
        _ => {
            cx.state().note(format!("invoice {}", decode_key(&key)));
            Ok(())
        }
    }
}
