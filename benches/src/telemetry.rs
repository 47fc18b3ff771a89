//! What log lines and metrics cost: one function that writes them and one that does not, in turns.

use crate::payloads;
use crate::report::{Limit, Report};
use crate::start;
use crate::target::Target;
use crate::warm::{PAIRS, Until, pair};
use std::time::Duration;

const RECORDS: usize = 10_000;

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    start::against(
        report,
        "start: with telemetry / without",
        (Target::Told(true), Target::Told(false)),
        Limit::AtMost(1.05),
    )
    .await?;
    let event = payloads::cloudwatch_event();
    let what = "a log line and metrics: an invocation";
    added(report, what, &event, 400, 1, Duration::from_micros(10)).await?;
    let records = payloads::kinesis(RECORDS, 12);
    let what = "log lines and metrics: a record that succeeds";
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
        let (with, without) = pair(
            Until::Poll,
            &Target::Told(true),
            &Target::Told(false),
            payload,
            rounds,
        )
        .await?;
        added.push(with.saturating_sub(without) / u32::try_from(things)?);
    }
    added.sort_unstable();
    report.limited(what, added[PAIRS / 2], limit);
    Ok(())
}
