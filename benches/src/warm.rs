//! Warm invocations, whole: from handing out the event to receipt of the response.

use crate::payloads;
use crate::pin::{self, Place};
use crate::report::{Limit, Report, median};
use crate::target::Target;
use lambda_sandbox::Function;
use std::sync::Arc;
use std::time::Duration;

/// How many pairs of processes a row is measured with. Where a process happens to lie in memory is good or bad for it
/// by a few hundredths as long as it lives, which no number of rounds averages out.
pub(crate) const PAIRS: usize = 15;

/// Two functions that get the same events in turns.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) ours: Target,
    pub(crate) other: Target,
    pub(crate) payload: Vec<u8>,
    /// With each pair of processes.
    pub(crate) rounds: usize,
    pub(crate) limit: Limit,
}

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    let rows = cases().into_iter().map(Case::by_hand);
    let rows = rows.chain(cases().into_iter().map(Case::untagged));
    for row in rows.chain([trivial(), lanes()]) {
        row.measure(report).await?;
    }
    Ok(())
}

/// What is measured against both the function for one source and the untagged enum.
struct Case {
    source: &'static str,
    what: &'static str,
    payload: Vec<u8>,
    rounds: usize,
    limit: f64,
}

impl Case {
    fn by_hand(self) -> Row {
        Row {
            what: format!("{} / by hand", self.what),
            ours: Target::FiveSources,
            other: Target::Plain(self.source),
            payload: self.payload,
            rounds: self.rounds,
            limit: Limit::AtMost(self.limit),
        }
    }

    fn untagged(self) -> Row {
        Row {
            what: format!("{} / untagged enum", self.what),
            ours: Target::FiveSources,
            other: Target::Untagged,
            payload: self.payload,
            rounds: self.rounds,
            limit: Limit::Below(1.0),
        }
    }
}

fn cases() -> Vec<Case> {
    let case = |source, what, payload, rounds, limit| Case {
        source,
        what,
        payload,
        rounds,
        limit,
    };
    let kinesis = payloads::kinesis(1_000, 200);
    let dynamodb = payloads::dynamodb(1_000);
    vec![
        case("kinesis", "1,000 Kinesis records", kinesis, 20, 0.95),
        case("dynamodb", "1,000 DynamoDB records", dynamodb, 20, 0.85),
        case("s3", "an S3 event", payloads::s3(), 400, 1.05),
        case(
            "cloudwatch_events",
            "a CloudWatch event",
            payloads::cloudwatch_event(),
            400,
            1.05,
        ),
        case("api_gateway", "an HTTP API request", payloads::http(), 400, 1.05),
        case(
            "kinesis",
            "a Kinesis record",
            payloads::kinesis(1, 200),
            400,
            1.05,
        ),
        case("dynamodb", "a DynamoDB record", payloads::dynamodb(1), 400, 1.05),
    ]
}

/// The largest batch Kinesis delivers, of records that cost nothing to handle.
fn trivial() -> Row {
    Row {
        what: "10,000 Kinesis records / by hand".to_owned(),
        ours: Target::FiveSources,
        other: Target::Plain("kinesis"),
        payload: payloads::kinesis(10_000, 12),
        rounds: 4,
        limit: Limit::AtMost(1.05),
    }
}

/// Records that are waited for, 16 at once; with fewer of them than a full batch has, because one after another they
/// take seconds as it is.
fn lanes() -> Row {
    Row {
        what: "100 records of 2 ms in 16 lanes / in one".to_owned(),
        ours: Target::Lanes("16"),
        other: Target::Lanes("1"),
        payload: payloads::kinesis(100, 12),
        rounds: 1,
        limit: Limit::AtMost(1.0 / 12.0),
    }
}

impl Row {
    pub(crate) async fn measure(&self, report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
        if !report.wants(&self.what) {
            return Ok(());
        }
        let mut pairs = Vec::new();
        for _ in 0..PAIRS {
            pairs.push(pair(&self.ours, &self.other, &self.payload, self.rounds).await?);
        }
        report.times(&self.what, &pairs, self.limit);
        Ok(())
    }
}

/// The medians of one pair of processes. Both run on the same processor, this one on another: else the system puts
/// one of them beside the harness for as long as it likes, which makes that one slower or faster.
async fn pair(
    ours: &Target,
    other: &Target,
    payload: &[u8],
    rounds: usize,
) -> Result<(Duration, Duration), Box<dyn std::error::Error>> {
    pair_by(ours, other, rounds, async |function| {
        invoke(function, payload).await
    })
    .await
}

/// The medians of one pair of processes, by another measure of an invocation.
pub(crate) async fn pair_by(
    ours: &Target,
    other: &Target,
    rounds: usize,
    measure: impl AsyncFn(&Arc<Function>) -> Result<Duration, Box<dyn std::error::Error>>,
) -> Result<(Duration, Duration), Box<dyn std::error::Error>> {
    pin::to(Place::Function)?;
    let ours = Arc::new(ours.builder().start().await?);
    let other = Arc::new(other.builder().start().await?);
    pin::to(Place::Harness)?;
    for _ in 0..rounds.div_ceil(10) {
        measure(&ours).await?;
        measure(&other).await?;
    }
    let (mut our_times, mut other_times) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        // In turns, and each goes first in every second round.
        if round % 2 == 0 {
            our_times.push(measure(&ours).await?);
            other_times.push(measure(&other).await?);
        } else {
            other_times.push(measure(&other).await?);
            our_times.push(measure(&ours).await?);
        }
    }
    ours.shutdown().await;
    other.shutdown().await;
    Ok((median(&mut our_times), median(&mut other_times)))
}

/// One invocation; an answer that is an error would make the figure worthless.
pub(crate) async fn invoke(
    function: &Function,
    payload: &[u8],
) -> Result<Duration, Box<dyn std::error::Error>> {
    let outcome = function.invoke(payload.to_vec()).await?;
    match &outcome.result {
        Ok(_) => Ok(outcome.duration),
        Err(error) => Err(format!("a measured function failed: {error}").into()),
    }
}
