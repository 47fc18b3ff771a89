//! A bucket's notification configuration. Each call names the account that must own the bucket.
//!
//! A bucket's name does not identify its account, and after a bucket is deleted another account can take its name. S3's document
//! "Verifying bucket ownership with bucket owner condition" says that a call with an expected account fails with AccessDenied
//! if the bucket belongs to another account.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::NotificationConfiguration;

use super::{CallContext as _, Failure};

const READ: &str = "s3:GetBucketNotification";
const WRITE: &str = "s3:PutBucketNotification";

/// A bucket, and the account that must own it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bucket {
    /// The bucket's name, unique in its partition.
    pub name: String,
    /// The account that must own the bucket, or `None` to accept any account.
    pub owner: Option<String>,
}

impl Bucket {
    /// Reads the whole notification configuration, so that a caller can merge into it.
    ///
    /// # Errors
    /// If the configuration cannot be read, or if the bucket belongs to another account.
    pub async fn notifications(&self, s3: &Client) -> Result<NotificationConfiguration, Failure> {
        let asked = s3
            .get_bucket_notification_configuration()
            .bucket(&self.name)
            .set_expected_bucket_owner(self.owner.clone())
            .send()
            .await;
        let there = asked
            .call_context(READ, format!("bucket {}", self.name))
            .map_err(|failure| self.explain(failure, READ))?;
        Ok(NotificationConfiguration::builder()
            .set_topic_configurations(there.topic_configurations)
            .set_queue_configurations(there.queue_configurations)
            .set_lambda_function_configurations(there.lambda_function_configurations)
            .set_event_bridge_configuration(there.event_bridge_configuration)
            .build())
    }

    /// Replaces the whole notification configuration. `what` names the changed part in an error.
    ///
    /// # Errors
    /// If S3 refuses the configuration, or if the bucket belongs to another account.
    pub async fn set_notifications(
        &self,
        s3: &Client,
        configuration: NotificationConfiguration,
        what: String,
    ) -> Result<(), Failure> {
        let put = s3
            .put_bucket_notification_configuration()
            .bucket(&self.name)
            .set_expected_bucket_owner(self.owner.clone())
            .notification_configuration(configuration)
            .send()
            .await;
        put.call_context(WRITE, what)
            .map(drop)
            .map_err(|failure| self.explain(failure, WRITE))
    }

    /// S3 answers AccessDenied both if a permission is missing and if the bucket belongs to another account.
    fn explain(&self, failure: Failure, call: &str) -> Failure {
        match &self.owner {
            Some(owner) if failure.code() == Some("AccessDenied") => failure.advise(format!(
                "this command requires the {call} permission, and the bucket must be account {owner}'s; if another \
                 account owns it, pass --bucket-owner to wire or unwire"
            )),
            _ => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};

    use super::*;

    /// A server on this machine that refuses one request and returns the request it received.
    fn refusing() -> (Client, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut asked, mut some) = (Vec::new(), [0; 4096]);
            while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                let read = stream.read(&mut some).unwrap();
                assert_ne!(read, 0, "the request broke off");
                asked.extend_from_slice(&some[..read]);
            }
            let body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
            let length = body.len();
            let head = "HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-type: application/xml\r\n";
            write!(stream, "{head}content-length: {length}\r\n\r\n{body}").unwrap();
            String::from_utf8_lossy(&asked).to_lowercase()
        });
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .force_path_style(true)
            .endpoint_url(url)
            .build();
        (Client::from_conf(config), server)
    }

    fn bucket(owner: Option<&str>) -> Bucket {
        Bucket {
            name: "photos".to_owned(),
            owner: owner.map(str::to_owned),
        }
    }

    #[tokio::test]
    async fn reading_names_the_owner() {
        let (s3, server) = refusing();
        let failure = bucket(Some("123456789012")).notifications(&s3).await.unwrap_err();
        let asked = server.join().unwrap();
        assert!(asked.starts_with("get /photos"), "{asked}");
        assert!(
            asked.contains("x-amz-expected-bucket-owner: 123456789012\r\n"),
            "{asked}"
        );
        let failure = failure.to_string();
        assert!(
            failure.contains("s3:GetBucketNotification on bucket photos: AccessDenied"),
            "{failure}"
        );
        assert!(
            failure.contains("account 123456789012's") && failure.contains("--bucket-owner"),
            "{failure}"
        );
    }

    #[tokio::test]
    async fn writing_names_the_owner() {
        let (s3, server) = refusing();
        let nothing = NotificationConfiguration::builder().build();
        let bucket = bucket(Some("123456789012"));
        let put = bucket.set_notifications(&s3, nothing, "notification n".to_owned());
        let failure = put.await.unwrap_err().to_string();
        let asked = server.join().unwrap();
        assert!(asked.starts_with("put /photos"), "{asked}");
        assert!(
            asked.contains("x-amz-expected-bucket-owner: 123456789012\r\n"),
            "{asked}"
        );
        assert!(
            failure.contains("s3:PutBucketNotification on notification n"),
            "{failure}"
        );
        assert!(failure.contains("account 123456789012's"), "{failure}");
    }

    #[tokio::test]
    async fn without_an_owner_the_request_names_none() {
        let (s3, server) = refusing();
        let failure = bucket(None).notifications(&s3).await.unwrap_err().to_string();
        assert!(!server.join().unwrap().contains("expected-bucket-owner"));
        assert!(!failure.contains("--bucket-owner"), "{failure}");
    }
}
