//! What unpacks to much more than it is costs the stock function that record, and no more memory than it has.

use crate::support::{Stock, batch, bomb, kinesis, logs};
use serde_json::{Value, json};

#[tokio::test]
async fn in_the_stock_function_it_costs_that_record_only() {
    let stock = Stock::start().await;
    let pid = stock.function.pid();
    let small = logs(&json!({"level": "INFO"}), 2);
    // More entries than there is room for, though their text is no megabyte.
    let many = logs(&json!("x"), 40_000);
    for bad in [bomb(), many] {
        let before = stock.count();
        let records = [
            kinesis(before + 1, b"good"),
            kinesis(before + 2, &small),
            kinesis(before + 3, &bad),
        ];
        let named = records[2]["kinesis"]["sequenceNumber"].clone();
        let outcome = stock.invoke(batch(records)).await;
        let reply: Value = serde_json::from_slice(&outcome.result.unwrap()).unwrap();
        assert_eq!(reply, json!({"batchItemFailures": [{"itemIdentifier": named}]}));
        assert!(
            outcome
                .logs
                .iter()
                .any(|line| line.contains("the bound follows the function's memory")),
            "{:?}",
            outcome.logs
        );
        assert!(stock.count() > before);
    }
    let peak = stock.function.peak_memory().unwrap();
    assert!(peak < 96 << 20, "{peak} bytes");
    assert_eq!(stock.function.pid(), pid);
}

/// Envelope in envelope, each a copy of what is in it: quotes in quotes make them grow, too.
#[tokio::test]
async fn events_in_one_another_are_bounded_together() {
    let stock = Stock::start().await;
    let large = "x".repeat(4_000_000);
    let record = kinesis(1, json!({"large": large}).to_string().as_bytes());
    let outcome = stock.invoke(batch([record])).await;
    assert!(outcome.result.is_ok());
    let peak = stock.function.peak_memory().unwrap();
    assert!(peak < 64 << 20, "{peak} bytes");
}
