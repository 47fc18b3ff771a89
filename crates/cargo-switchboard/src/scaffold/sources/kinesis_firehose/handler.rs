use switchboard::event::Transformed;
use switchboard::{Context, Failure};

/// Called with each record's data, and returns its result. Firehose keeps a record that failed in its error output.
pub async fn on_line(line: String, _cx: Context<App>) -> Result<Transformed, Failure> {
    match line.trim() {
        "" => Ok(Transformed::dropped()),
        line => Ok(Transformed::ok(format!("{}\n", line.to_uppercase()))),
    }
}

#[cfg(test)]
mod tests {
    use crate::{App, router};
    use switchboard::testing::Firehose;

    #[tokio::test]
    async fn each_record_has_its_result() {
        // The last one is not UTF-8.
        let records = [&b"hello\n"[..], b"\n", b"\xff"].map(Firehose::bytes);
        let delivered = router(App).deliver(Firehose::batch(records)).await;
        let results: Vec<_> = (0..3)
            .map(|record| delivered.reply()["records"][record]["result"].as_str())
            .collect();
        assert_eq!(
            results,
            [Some("Ok"), Some("Dropped"), Some("ProcessingFailed")]
        );
    }
}
