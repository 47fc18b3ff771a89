//! Peak memory for a batch of the largest size that Lambda delivers.

use crate::payloads;
use crate::report::{Limit, Report};
use crate::target::Target;

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    pair(
        report,
        "peak memory, 6 MB of Kinesis / by hand",
        "kinesis",
        &payloads::kinesis(1_000, 4_000),
    )
    .await?;
    pair(
        report,
        "peak memory, 6 MB of DynamoDB / by hand",
        "dynamodb",
        &payloads::dynamodb(6_500),
    )
    .await
}

async fn pair(
    report: &mut Report,
    what: &str,
    source: &'static str,
    payload: &[u8],
) -> Result<(), Box<dyn std::error::Error>> {
    if report.wants(what) {
        let ours = peak(Target::FiveSources, payload).await?;
        let other = peak(Target::Plain(source), payload).await?;
        report.sizes(what, ours, other, Limit::AtMost(1.0));
    }
    Ok(())
}

/// Bytes.
async fn peak(target: Target, payload: &[u8]) -> Result<u64, Box<dyn std::error::Error>> {
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
