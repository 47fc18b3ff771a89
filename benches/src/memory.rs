//! Peak memory for a batch of the largest size that Lambda delivers.

use crate::payloads;
use crate::report::{Limit, Report, median};
use crate::target::Target;

/// How many processes of each are looked at: how much of an event has come in when it is asked for differs from one to the
/// next.
const PROCESSES: usize = 7;

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    pair(
        report,
        "peak memory, 6 MB of Kinesis / by hand",
        (Target::FiveSources, Target::Plain("kinesis")),
        &payloads::kinesis(1_000, 4_000),
        Limit::AtMost(1.0),
    )
    .await?;
    pair(
        report,
        "peak memory, 6 MB of DynamoDB / by hand",
        (Target::FiveSources, Target::Plain("dynamodb")),
        &payloads::dynamodb(6_500),
        Limit::AtMost(1.0),
    )
    .await
}

pub(crate) async fn pair(
    report: &mut Report,
    what: &str,
    targets: (Target, Target),
    payload: &[u8],
    limit: Limit,
) -> Result<(), Box<dyn std::error::Error>> {
    if report.wants(what) {
        let (mut ours, mut other) = (Vec::new(), Vec::new());
        for _ in 0..PROCESSES {
            ours.push(peak(&targets.0, payload).await?);
            other.push(peak(&targets.1, payload).await?);
        }
        report.sizes(what, median(&mut ours), median(&mut other), limit);
    }
    Ok(())
}

/// Bytes.
async fn peak(target: &Target, payload: &[u8]) -> Result<u64, Box<dyn std::error::Error>> {
    let function = target.builder().start().await?;
    for _ in 0..5 {
        function
            .invoke(payload.to_vec())
            .await?
            .result
            .map_err(|error| error.to_string())?;
    }
    let peak = function
        .peak_memory()
        .ok_or("the process does not tell its peak memory")?;
    function.shutdown().await;
    Ok(peak)
}
