//! A shard in tumbling windows: the state goes from answer to answer, and the end of a window is an invocation of its own.
//!
//! Lambda Developer Guide, “Implementing stateful Kinesis Data Streams processing in Lambda”.

use serde_json::json;
use tokio::time::sleep_until;

use super::delivery::{Failed, Invocable, PATIENCE, Poller};
use super::payload::WindowFrame;
use super::stream::{Shard, sent};
use crate::Error;

/// How long a window is.
const SECONDS: u32 = 2;

/// Delivers all `records`, window by window.
///
/// # Errors
/// If the function cannot be invoked or the ledger cannot be read.
pub(super) async fn play<T: Invocable>(mapping: &Poller<T>, records: &[usize]) -> Result<(), Error> {
    let mut shard = Shard::new(mapping);
    for records in records.chunk_by(|a, b| number(*a) == number(*b)) {
        let mut window = WindowFrame {
            number: number(records[0]),
            seconds: SECONDS.into(),
            state: json!({}),
            is_final: false,
        };
        shard.deliver(records, Some(&mut window)).await?;
        window.is_final = true;
        end(mapping, &window).await?;
    }
    Ok(())
}

/// The number of the window that this record belongs to.
fn number(record: usize) -> i64 {
    let window = sent(record).as_secs() / u64::from(SECONDS);
    i64::try_from(window).unwrap_or(i64::MAX)
}

/// Tells the function that the window has ended, until it knows.
async fn end<T: Invocable>(mapping: &Poller<T>, window: &WindowFrame) -> Result<(), Error> {
    for failures in 0..=mapping.simulation.max_retries.unwrap_or(PATIENCE) {
        mapping.back_off(failures).await;
        let verdict = mapping.deliver_in(&[], Some(window)).await?;
        if verdict.failed != Failed::All {
            break;
        }
        sleep_until(verdict.not_before).await;
    }
    Ok(())
}
