//! Measures Switchboard side by side with functions written by hand: in each row both take turns, and its figure is the
//! ratio of their medians, so that a noisy machine is noisy for both.
//!
//! `make bench` builds everything in release mode, copies it to `target/bench` and runs this there; `make bench
//! ROWS=Kinesis` measures the rows whose name holds that text. It ends with status 1 if a target is missed. `make soak` runs
//! it with the word `soak` instead: what a million invocations leave behind.

mod deployed;
mod detect;
mod idempotency;
mod journal;
mod memory;
mod payloads;
mod pin;
mod report;
mod soak;
mod start;
mod streamed;
mod target;
mod telemetry;
mod typed;
mod warm;

use report::Report;
use std::process::ExitCode;

// One thread: the harness then wakes for the function alone, and the other processor is the function's.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut told = std::env::args().skip(1).peekable();
    if told.next_if(|word| word == "soak").is_some() {
        return soak::run(told).await;
    }
    match measure(told.next().unwrap_or_default()).await {
        Ok(report) => report.conclude(),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

async fn measure(rows: String) -> Result<Report, Box<dyn std::error::Error>> {
    let mut report = Report::new(rows);
    detect::measure(&mut report);
    idempotency::measure(&mut report).await?;
    journal::measure(&mut report).await?;
    start::measure(&mut report).await?;
    deployed::measure(&mut report).await?;
    warm::measure(&mut report).await?;
    typed::measure(&mut report).await?;
    streamed::measure(&mut report).await?;
    telemetry::measure(&mut report).await?;
    memory::measure(&mut report).await?;
    Ok(report)
}
