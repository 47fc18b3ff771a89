//! The time to the first byte of a streamed response: from handing out the event to the first byte of the body.

use crate::payloads;
use crate::report::{Limit, Report};
use crate::target::Target;
use crate::warm::{PAIRS, pair_by};
use lambda_sandbox::{Function, Reply};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// With each pair of processes.
const ROUNDS: usize = 400;

/// What ends the prelude of a streamed response.
const SEPARATOR: [u8; 8] = [0; 8];

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    let what = "first byte of a streamed response / by hand";
    if !report.wants(what) {
        return Ok(());
    }
    let payload = payloads::function_url();
    let mut pairs = Vec::new();
    for _ in 0..PAIRS {
        let (ours, other) = (Target::Streamed, Target::StreamedByHand);
        pairs.push(
            pair_by(&ours, &other, ROUNDS, async |function| {
                first_byte(function, &payload).await
            })
            .await?,
        );
    }
    report.times(what, &pairs, Limit::AtMost(1.15));
    Ok(())
}

async fn first_byte(
    function: &Arc<Function>,
    payload: &[u8],
) -> Result<Duration, Box<dyn std::error::Error>> {
    let begun = Instant::now();
    let Reply::Streamed { mut chunks, .. } = Arc::clone(function).invoke_streaming(payload.to_vec()).await?
    else {
        return Err("a measured function did not stream".into());
    };
    let mut read = Vec::new();
    while !has_body(&read) {
        read.extend_from_slice(&chunks.next().await.ok_or("a measured stream has no body")??);
    }
    let time = begun.elapsed();
    chunks
        .outcome()
        .await?
        .result
        .map_err(|error| error.to_string())?;
    Ok(time)
}

/// Whether something of the body follows the prelude.
fn has_body(read: &[u8]) -> bool {
    let prelude = read
        .windows(SEPARATOR.len())
        .position(|window| window == SEPARATOR);
    prelude.is_some_and(|end| read.len() > end + SEPARATOR.len())
}
