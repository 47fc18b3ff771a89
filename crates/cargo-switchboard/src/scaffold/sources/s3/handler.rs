use switchboard::aws_lambda_events::s3::S3EventRecord;
use switchboard::event::s3::decode_key;
use switchboard::{Context, Failure};

/// Called for each object. After an error S3's event is delivered again.
pub async fn on_object(record: S3EventRecord, _cx: Context<App>) -> Result<(), Failure> {
    let key = record.s3.object.key.ok_or("the record names no object")?;
    let bucket = record.s3.bucket.name.ok_or("the record names no bucket")?;
    tracing::info!(bucket, key = %decode_key(&key), event = record.event_name, "an object has changed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{App, router};
    use switchboard::testing::S3;

    #[tokio::test]
    async fn a_record_without_an_object_is_an_error() {
        let photo = S3::put("photos", "summer 2026/lake.jpg");
        router(App).deliver(photo.clone()).await.assert_done();
        let nothing = photo.without("/s3/object/key");
        assert!(router(App).deliver(nothing).await.error().is_some());
    }
}
