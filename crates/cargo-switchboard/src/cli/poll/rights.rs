//! The rights that `poll` needs.

use serde_json::{Value, json};

use super::args::Poll;

const QUEUE: &[&str] = &[
    "sqs:GetQueueUrl",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
];

const KINESIS: &[&str] = &[
    "kinesis:DescribeStreamSummary",
    "kinesis:ListShards",
    "kinesis:GetShardIterator",
    "kinesis:GetRecords",
];

const DYNAMODB: &[&str] = &[
    "dynamodb:DescribeStream",
    "dynamodb:GetShardIterator",
    "dynamodb:GetRecords",
];

/// The policy with the rights that these arguments need. It is made without calling AWS: what is named without an account has any, in the
/// partition `aws`.
pub(super) fn policy(args: &Poll) -> Value {
    let mut statements = Vec::new();
    let mut allow = |actions: &[&str], resource: String| {
        statements.push(json!({"Effect": "Allow", "Action": actions, "Resource": resource}));
    };
    if let Some(queue) = &args.source.queue {
        allow(QUEUE, resource(queue, "sqs", ""));
        allow(&["lambda:ListEventSourceMappings"], "*".to_owned());
    }
    if let Some(stream) = &args.source.stream {
        allow(KINESIS, resource(stream, "kinesis", "stream/"));
    }
    if let Some(table) = &args.source.table {
        let table = table.split("/stream/").next().unwrap_or(table);
        let table = resource(table, "dynamodb", "table/");
        allow(DYNAMODB, format!("{table}/stream/*"));
        allow(&["dynamodb:DescribeTable"], table);
    }
    if args.source.mapping.is_some() {
        allow(
            &["lambda:GetEventSourceMapping", "lambda:ListEventSourceMappings"],
            "*".to_owned(),
        );
        let all = [QUEUE, KINESIS, DYNAMODB].concat();
        allow(&all, "*".to_owned());
    }
    if let Some(arn) = args
        .mapping
        .on_failure
        .as_deref()
        .filter(|to| to.starts_with("arn:"))
    {
        allow(
            &["sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:SendMessage"],
            arn.to_owned(),
        );
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// The ARN of what is named by its ARN, URL or name.
fn resource(named: &str, service: &str, kind: &str) -> String {
    if named.starts_with("arn:") {
        return named.to_owned();
    }
    let name = named.rsplit('/').next().unwrap_or(named);
    format!("arn:aws:{service}:*:*:{kind}{name}")
}
