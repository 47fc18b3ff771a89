//! `wire kinesis`: the event source mapping of a stream.
//!
//! Follows Lambda's document "How Lambda processes records from Amazon Kinesis Data Streams".

use super::mapping::{Mapping, PolledSource, Settings};
use super::mark::mark;
use super::plan::Wiring;
use super::role::{self, RequiredAccess};
use super::{Function, Slot};
use crate::{Aws, CallContext as _, Failure};

/// Sends a stream, given by its name or ARN, to the function.
///
/// # Errors
/// If the stream cannot be described.
pub async fn wiring(
    aws: &Aws,
    function: &Function,
    stream: &str,
    settings: Settings,
) -> Result<Wiring, Failure> {
    let (name, arn) = match stream.starts_with("arn:") {
        true => (None, Some(stream.to_owned())),
        false => (Some(stream.to_owned()), None),
    };
    let call = aws
        .kinesis()
        .describe_stream_summary()
        .set_stream_name(name)
        .set_stream_arn(arn);
    let there = call
        .send()
        .await
        .call_context("kinesis:DescribeStreamSummary", format!("stream {stream}"))?;
    let summary = there.stream_description_summary();
    let arn = summary
        .map(|summary| summary.stream_arn())
        .unwrap_or_default()
        .to_owned();
    let name = summary.map(|summary| summary.stream_name()).unwrap_or(stream);
    let mut needed = vec![RequiredAccess {
        actions: &[
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
        ],
        resource: arn.clone(),
    }];
    needed.extend(settings.on_failure().into_iter().flat_map(role::destination));
    let advice = role::advice(function, &mark("kinesis", &[&function.target(), &arn]), &needed);
    let source = PolledSource::Arn(Slot::of("the stream's ARN", arn));
    let mapping = Mapping::new(aws, function, format!("stream {name}"), source, settings, advice);
    Ok(
        Wiring::new(format!("stream {name} → function {}", function.label()))
            .with(mapping)
            .note(role::note(function, &needed)),
    )
}
