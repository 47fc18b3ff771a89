//! Start-up: from starting the process to its first poll of the Runtime API.

use crate::report::{Limit, Report};
use crate::target::Target;
use std::time::Duration;

const ROUNDS: usize = 60;

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    pair(
        report,
        "start: five_sources / bare",
        Target::FiveSources,
        Limit::AtMost(1.10),
    )
    .await?;
    pair(
        report,
        "start: stock function, SQLite / bare",
        Target::Stock,
        Limit::AtMost(2.0),
    )
    .await
}

async fn pair(
    report: &mut Report,
    what: &str,
    ours: Target,
    limit: Limit,
) -> Result<(), Box<dyn std::error::Error>> {
    if !report.wants(what) {
        return Ok(());
    }
    let (mut our_times, mut other_times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        our_times.push(start(ours).await?);
        other_times.push(start(Target::Bare).await?);
    }
    report.times(what, &mut our_times, &mut other_times, limit);
    Ok(())
}

async fn start(target: Target) -> Result<Duration, Box<dyn std::error::Error>> {
    let function = target.builder().start().await?;
    let time = function.init_duration();
    function.shutdown().await;
    Ok(time)
}
