//! What log lines and metrics cost: one function that writes them and one that does not, in turns. Metrics are written
//! after the answer, so it is not the answer's time that tells but the processor's that the function takes; and nobody reads
//! them, for waking the reader costs more than writing, and as much whatever is written.

use crate::payloads;
use crate::pin::{self, Place};
use crate::report::{Limit, Report};
use crate::start;
use crate::target::Target;
use crate::warm::{PAIRS, invoke};
use lambda_sandbox::Function;
use std::time::Duration;

const RECORDS: usize = 10_000;

/// How many invocations one function gets before the other has its turn.
const IN_A_ROW: usize = 20;

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    start::against(
        report,
        "start: with telemetry / without",
        (Target::Instrumented(true), Target::Instrumented(false)),
        Limit::AtMost(1.05),
    )
    .await?;
    let event = payloads::cloudwatch_event();
    let what = "log lines and metrics on: an invocation";
    added(report, what, &event, 400, 1, Duration::from_micros(10)).await?;
    let records = payloads::kinesis(RECORDS, 12);
    let what = "log lines and metrics on: a record";
    added(report, what, &records, 20, RECORDS, Duration::from_nanos(300)).await
}

/// What each of some things takes more with telemetry than without: the median of the pairs.
async fn added(
    report: &mut Report,
    what: &str,
    payload: &[u8],
    rounds: usize,
    things: usize,
    limit: Duration,
) -> Result<(), Box<dyn std::error::Error>> {
    if !report.wants(what) {
        return Ok(());
    }
    let mut added = Vec::with_capacity(PAIRS);
    for _ in 0..PAIRS {
        let (with, without) = pair(payload, rounds).await?;
        added.push(with.saturating_sub(without) / u32::try_from(rounds * things)?);
    }
    added.sort_unstable();
    report.limited(what, added[PAIRS / 2], limit);
    Ok(())
}

/// The processor's time that each of the two takes for all rounds.
async fn pair(payload: &[u8], rounds: usize) -> Result<(Duration, Duration), Box<dyn std::error::Error>> {
    pin::to(Place::Function)?;
    let with = Target::Unread(true).builder().start().await?;
    let without = Target::Unread(false).builder().start().await?;
    pin::to(Place::Harness)?;
    for _ in 0..rounds.div_ceil(10) {
        invoke(&with, payload).await?;
        invoke(&without, payload).await?;
    }
    let before = (processor(&with)?, processor(&without)?);
    // Some rounds of each at a time: a function on Lambda has its processor, and the processor's caches, to itself.
    for _ in 0..rounds / IN_A_ROW {
        for function in [&with, &without] {
            for _ in 0..IN_A_ROW {
                invoke(function, payload).await?;
            }
        }
    }
    let after = (processor(&with)?, processor(&without)?);
    with.shutdown().await;
    without.shutdown().await;
    Ok((after.0 - before.0, after.1 - before.1))
}

/// How long the function's only thread has been running on a processor: Linux tells.
fn processor(function: &Function) -> Result<Duration, Box<dyn std::error::Error>> {
    let pid = function.pid().ok_or("a measured function has ended")?;
    let text = std::fs::read_to_string(format!("/proc/{pid}/schedstat"))?;
    let nanoseconds = text.split_whitespace().next().unwrap_or_default().parse()?;
    Ok(Duration::from_nanos(nanoseconds))
}
