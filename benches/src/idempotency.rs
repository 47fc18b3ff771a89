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

/// How many stores are measured: where one lies in memory is good or bad for it by a few hundredths.
const STORES: usize = 9;

async fn on_record(_record: KinesisEventRecord, _cx: Context<()>) -> Result<(), Failure> {
    Ok(())
}

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    let what = "idempotency layer, memory store: a record";
    if !report.wants(what) {
        return Ok(());
    }
    let mut added = Vec::with_capacity(STORES);
    for _ in 0..STORES {
        added.push(one_store().await?);
    }
    added.sort_unstable();
    report.limited(what, added[STORES / 2], Duration::from_micros(2));
    Ok(())
}

/// What a record takes more with the layer than without.
async fn one_store() -> Result<Duration, Box<dyn std::error::Error>> {
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
    Ok(best[1].saturating_sub(best[0]) / u32::try_from(RECORDS)?)
}
