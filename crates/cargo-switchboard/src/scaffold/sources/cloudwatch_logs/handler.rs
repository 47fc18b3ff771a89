use aws_lambda_events::cloudwatch_logs::LogData;
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
    use super::*;
    use aws_lambda_events::cloudwatch_logs::LogsEvent;
    use switchboard::testing::deliver;

    #[tokio::test]
    async fn log_events_are_handled() {
        let event = include_str!("../events/cloudwatch_logs/errors.json");
        let outcome = deliver::<LogsEvent, _, _, _>(&App, on_logs, event).await;
        assert!(outcome.is_ok());
    }
}
