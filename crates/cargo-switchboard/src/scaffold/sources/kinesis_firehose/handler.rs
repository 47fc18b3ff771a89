use aws_lambda_events::firehose::KinesisFirehoseEventRecord;
use switchboard::event::Transformed;
use switchboard::{Context, Failure};

/// Called for each record, and returns what becomes of it. Firehose keeps a record that failed in its error output.
pub async fn on_data(
    record: KinesisFirehoseEventRecord,
    _cx: Context<App>,
) -> Result<Transformed, Failure> {
    match std::str::from_utf8(&record.data)?.trim() {
        "" => Ok(Transformed::dropped()),
        line => Ok(Transformed::ok(format!("{}\n", line.to_uppercase()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::firehose::KinesisFirehoseEvent;
    use switchboard::testing::deliver;

    #[tokio::test]
    async fn data_that_is_no_text_is_an_error() {
        let record =
            r#"{"recordId":"1","approximateArrivalTimestamp":1791204303218,"data":"aGVsbG8K"}"#;
        let outcome = deliver::<KinesisFirehoseEvent, _, _, _>(&App, on_data, record).await;
        assert!(outcome.is_ok());
        let record = record.replace("aGVsbG8K", "/w==");
        let outcome = deliver::<KinesisFirehoseEvent, _, _, _>(&App, on_data, &record).await;
        assert!(outcome.is_err());
    }
}
