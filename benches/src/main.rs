//! Measures Switchboard side by side with functions written by hand: in each row both take turns, and its figure is the
//! ratio of their medians, so that a noisy machine is noisy for both.
//!
//! `make bench` builds everything in release mode, copies it to `target/bench` and runs this there; `make bench
//! ROWS=Kinesis` measures the rows whose name holds that text. It ends with status 1 if a target is missed.

mod deployed;
mod detect;
mod idempotency;
mod memory;
mod payloads;
mod pin;
mod report;
mod start;
mod target;
mod telemetry;
mod warm;

use report::Report;
use std::process::ExitCode;

// One thread: the harness then wakes for the function alone, and the other processor is the function's.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match measure().await {
        Ok(report) => report.conclude(),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

async fn measure() -> Result<Report, Box<dyn std::error::Error>> {
    let mut report = Report::new(std::env::args().nth(1).unwrap_or_default());
    detect::measure(&mut report);
    idempotency::measure(&mut report).await?;
    start::measure(&mut report).await?;
    deployed::measure(&mut report).await?;
    warm::measure(&mut report).await?;
    telemetry::measure(&mut report).await?;
    memory::measure(&mut report).await?;
    Ok(report)
}
