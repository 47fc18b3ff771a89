//! Start-up: from starting the process to its first poll of the Runtime API.

use crate::pin::{self, Place};
use crate::report::{Limit, Report, median};
use crate::target::Target;
use std::time::Duration;

const ROUNDS: usize = 100;

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

/// The build that is deployed, with its journal in DynamoDB at this endpoint.
pub(crate) async fn deployed(report: &mut Report, endpoint: &str) -> Result<(), Box<dyn std::error::Error>> {
    let target = Target::Deployed(endpoint.to_owned());
    pair(
        report,
        "start: deployed build, DynamoDB / bare",
        target,
        Limit::AtMost(1.5),
    )
    .await
}

async fn pair(
    report: &mut Report,
    what: &str,
    ours: Target,
    limit: Limit,
) -> Result<(), Box<dyn std::error::Error>> {
    against(report, what, (ours, Target::Bare), limit).await
}

/// Two functions, started in turns.
pub(crate) async fn against(
    report: &mut Report,
    what: &str,
    (ours, other): (Target, Target),
    limit: Limit,
) -> Result<(), Box<dyn std::error::Error>> {
    if !report.wants(what) {
        return Ok(());
    }
    let (mut our_times, mut other_times) = (Vec::new(), Vec::new());
    pin::to(Place::Anywhere)?;
    for round in 0..ROUNDS {
        // In turns, and each goes first in every second round.
        if round % 2 == 0 {
            our_times.push(start(&ours).await?);
            other_times.push(start(&other).await?);
        } else {
            other_times.push(start(&other).await?);
            our_times.push(start(&ours).await?);
        }
    }
    report.times(what, &[(median(&mut our_times), median(&mut other_times))], limit);
    Ok(())
}

async fn start(target: &Target) -> Result<Duration, Box<dyn std::error::Error>> {
    let function = target.builder().start().await?;
    let time = function.init_duration();
    function.shutdown().await;
    Ok(time)
}
