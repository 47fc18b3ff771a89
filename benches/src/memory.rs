//! Peak memory for a batch of the largest size that Lambda delivers.

use crate::payloads;
use crate::report::{Limit, Report};
use crate::target::Target;

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    let kinesis = payloads::kinesis(1_000, 4_000);
    let ours = peak(Target::FiveSources, &kinesis).await?;
    let other = peak(Target::Plain("kinesis"), &kinesis).await?;
    report.sizes(
        "peak memory, 6 MB of Kinesis / by hand",
        ours,
        other,
        Limit::AtMost(1.0),
    );
    let dynamodb = payloads::dynamodb(7_800);
    let ours = peak(Target::FiveSources, &dynamodb).await?;
    let other = peak(Target::Plain("dynamodb"), &dynamodb).await?;
    report.sizes(
        "peak memory, 6 MB of DynamoDB / by hand",
        ours,
        other,
        Limit::AtMost(1.0),
    );
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
