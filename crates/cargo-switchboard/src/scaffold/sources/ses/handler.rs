use switchboard::aws_lambda_events::ses::SimpleEmailRecord;
use switchboard::{Context, Failure};

/// Called for each mail. After an error it is delivered again. The event has the mail's headers, not its body.
pub async fn on_mail(record: SimpleEmailRecord, _cx: Context<App>) -> Result<(), Failure> {
    let mail = record.ses.mail;
    let message = mail.message_id.ok_or("the mail has no message id")?;
    tracing::info!(message, "a mail arrived");
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{App, router};
    use switchboard::testing::Ses;

    #[tokio::test]
    async fn a_mail_is_handled() {
        let mail = Ses::mail("jane@example.com", "orders@example.org").subject("Order 17");
        router(App).deliver(mail).await.assert_done();
    }
}
