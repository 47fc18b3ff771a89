use aws_lambda_events::s3::S3EventRecord;
use switchboard::event::s3::decode_key;
use switchboard::{Context, Failure};

/// Called for each object. After an error S3's event is delivered again.
pub async fn on_object(record: S3EventRecord, _cx: Context<App>) -> Result<(), Failure> {
    let key = record.s3.object.key.ok_or("the record names no object")?;
    let bucket = record.s3.bucket.name.ok_or("the record names no bucket")?;
    tracing::info!(bucket, key = %decode_key(&key), event = record.event_name, "an object changed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::s3::S3Event;
    use switchboard::testing::deliver;

    #[tokio::test]
    async fn a_record_without_an_object_is_an_error() {
        let record = r#"{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"photos"},"object":{"key":"a+b.jpg"}}}"#;
        let outcome = deliver::<S3Event, _, _, _>(&App, on_object, record).await;
        assert!(outcome.is_ok());
        let record = record.replace(r#""key":"a+b.jpg""#, r#""size":1"#);
        let outcome = deliver::<S3Event, _, _, _>(&App, on_object, &record).await;
        assert!(outcome.is_err());
    }
}
