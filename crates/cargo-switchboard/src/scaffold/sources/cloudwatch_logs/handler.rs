use switchboard::aws_lambda_events::cloudwatch_logs::LogData;
use switchboard::{Context, Failure};

/// Called for each delivery of a subscription, with all its log events. After an error it is delivered again.
pub async fn on_logs(logs: LogData, _cx: Context<App>) -> Result<(), Failure> {
    for event in &logs.log_events {
        tracing::info!(
            group = logs.log_group,
            id = event.id,
            bytes = event.message.len(),
            "a log event arrived"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{App, router};
    use switchboard::testing::Logs;

    #[tokio::test]
    async fn log_events_are_handled() {
        let lines = Logs::lines("/aws/lambda/checkout", ["started", "ended"]);
        router(App).deliver(lines).await.assert_done();
    }
}
