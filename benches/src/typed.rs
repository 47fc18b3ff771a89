//! Handlers whose arguments are types of the application, against functions by hand that read the same types.

use crate::memory;
use crate::payloads;
use crate::report::{Limit, Report};
use crate::target::Target;
use crate::warm::Row;

pub(crate) async fn measure(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    for (source, what, payload, limit) in [
        ("kinesis", "1,000 Kinesis records", payloads::clicks(1_000), 0.45),
        (
            "dynamodb",
            "1,000 DynamoDB records",
            payloads::dynamodb(1_000),
            0.30,
        ),
        ("sqs", "1,000 SQS messages", payloads::orders(1_000), 0.50),
    ] {
        let row = Row {
            what: format!("typed {what} / by hand"),
            ours: Target::Typed,
            other: Target::TypedPlain(source),
            payload,
            rounds: 20,
            limit: Limit::AtMost(limit),
        };
        row.measure(report).await?;
    }
    for (source, what, payload) in [
        ("kinesis", "6 MB of Kinesis", payloads::clicks(7_500)),
        ("dynamodb", "6 MB of DynamoDB", payloads::dynamodb(6_500)),
    ] {
        let what = format!("typed peak memory, {what} / by hand");
        let targets = (Target::Typed, Target::TypedPlain(source));
        memory::pair(report, &what, targets, &payload, Limit::AtMost(0.5)).await?;
    }
    Ok(())
}
