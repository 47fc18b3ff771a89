//! What the idempotency layer adds to a record, in this process: a handler with it and without it in turns.

use crate::payloads;
use crate::report::Report;
use aws_lambda_events::kinesis::KinesisEventRecord;
use lambda_runtime::{LambdaEvent, Service};
use std::time::{Duration, Instant};
use switchboard::idempotency::{Idempotency, Memory};
use switchboard::{Context, Failure, Handler, Payload, Router};

/// Records of a batch, and batches: all their keys fit into the store as it is by default.
const RECORDS: usize = 100;
const ROUNDS: usize = 150;

async fn on_record(_record: KinesisEventRecord, _cx: Context<()>) -> Result<(), Failure> {
    Ok(())
}

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    let what = "idempotency layer, memory store: a record";
    if !report.wants(what) {
        return Ok(());
    }
    let mut without = Router::new(()).kinesis(on_record);
    let mut with = Router::new(()).kinesis(on_record.idempotent(Idempotency::new(Memory::new())));
    let mut best = [Duration::MAX; 2];
    for round in 0..ROUNDS {
        let payload = payloads::kinesis_from(round * RECORDS, RECORDS, 200);
        for (router, best) in [&mut without, &mut with].into_iter().zip(&mut best) {
            let payload = Payload::new(payload.clone());
            let event = LambdaEvent::new(payload, lambda_runtime::Context::default());
            let start = Instant::now();
            let reply = router.call(event).await?;
            *best = start.elapsed().min(*best);
            drop(reply);
        }
    }
    let added = best[1].saturating_sub(best[0]) / u32::try_from(RECORDS)?;
    report.limited(what, added, Duration::from_micros(2));
    Ok(())
}
