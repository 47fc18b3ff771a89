//! Warm invocations, whole: from handing out the event to receipt of the response.

use crate::payloads;
use crate::report::{Limit, Report};
use crate::target::Target;
use cargo_switchboard::Function;
use std::time::Duration;

struct Case {
    source: &'static str,
    what: &'static str,
    payload: Vec<u8>,
    rounds: usize,
    limit: f64,
}

fn cases() -> Vec<Case> {
    let case = |source, what, payload, rounds, limit| Case {
        source,
        what,
        payload,
        rounds,
        limit,
    };
    vec![
        case(
            "kinesis",
            "1,000 Kinesis records",
            payloads::kinesis(1_000, 200),
            150,
            0.95,
        ),
        case(
            "dynamodb",
            "1,000 DynamoDB records",
            payloads::dynamodb(1_000),
            150,
            0.85,
        ),
        case("s3", "an S3 event", payloads::s3(), 3_000, 1.05),
        case(
            "cloudwatch_events",
            "a CloudWatch event",
            payloads::cloudwatch_event(),
            3_000,
            1.05,
        ),
        case(
            "api_gateway",
            "an HTTP API request",
            payloads::http(),
            3_000,
            1.05,
        ),
        case(
            "kinesis",
            "a Kinesis record",
            payloads::kinesis(1, 200),
            3_000,
            1.05,
        ),
        case(
            "dynamodb",
            "a DynamoDB record",
            payloads::dynamodb(1),
            3_000,
            1.05,
        ),
    ]
}

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    for case in cases() {
        let what = format!("{} / by hand", case.what);
        pair(
            report,
            &what,
            &case,
            Target::Plain(case.source),
            Limit::AtMost(case.limit),
        )
        .await?;
    }
    for case in cases() {
        let what = format!("{} / untagged enum", case.what);
        pair(report, &what, &case, Target::Untagged, Limit::Below(1.0)).await?;
    }
    Ok(())
}

async fn pair(
    report: &mut Report,
    what: &str,
    case: &Case,
    other: Target,
    limit: Limit,
) -> Result<(), Box<dyn std::error::Error>> {
    if !report.wants(what) {
        return Ok(());
    }
    let ours = Target::FiveSources.builder().start().await?;
    let other = other.builder().start().await?;
    for _ in 0..case.rounds.div_ceil(10) {
        invoke(&ours, &case.payload).await?;
        invoke(&other, &case.payload).await?;
    }
    let (mut our_times, mut other_times) = (Vec::new(), Vec::new());
    for _ in 0..case.rounds {
        our_times.push(invoke(&ours, &case.payload).await?);
        other_times.push(invoke(&other, &case.payload).await?);
    }
    report.times(what, &mut our_times, &mut other_times, limit);
    ours.shutdown().await;
    other.shutdown().await;
    Ok(())
}

/// One invocation; an answer that is an error would make the figure worthless.
async fn invoke(function: &Function, payload: &[u8]) -> Result<Duration, Box<dyn std::error::Error>> {
    let outcome = function.invoke(payload.to_vec()).await?;
    match &outcome.result {
        Ok(_) => Ok(outcome.duration),
        Err(error) => Err(format!("a measured function failed: {error}").into()),
    }
}
