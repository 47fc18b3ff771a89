use aws_lambda_events::ses::SimpleEmailRecord;
use switchboard::{Context, Failure};

/// Called for each mail. After an error it is delivered again. The event has the mail's headers, not its body.
pub async fn on_mail(record: SimpleEmailRecord, _cx: Context<App>) -> Result<(), Failure> {
    let message = record
        .ses
        .mail
        .message_id
        .ok_or("the mail has no message id")?;
    tracing::info!(message, "a mail arrived");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::ses::SimpleEmailEvent;
    use switchboard::testing::deliver;

    #[tokio::test]
    async fn a_mail_is_handled() {
        let record = r#"{"eventSource":"aws:ses","ses":{"mail":{"messageId":"m-1"},"receipt":{}}}"#;
        let outcome = deliver::<SimpleEmailEvent, _, _, _>(&App, on_mail, record).await;
        assert!(outcome.is_ok());
    }
}
