//! The command: what to read, whether that is safe, and the polling.

use event_source_mapping::destination::StreamKind;
use serde_json::to_string_pretty;
use switchboard_aws::poll::{
    DeployedMapping, MessageQueue, ReadStart, ReadableStream, deployed_mapping, mappings_of,
};
use switchboard_aws::wire::Start;
use switchboard_aws::{Arn, Aws, ConnectOptions};

use super::super::ask::{agreed, may_ask};
use super::super::ended::Ended;
use super::super::output;
use super::super::setup::Setup;
use super::super::signals::Stop;
use super::args::{Poll, PollSource};
use super::checkpoints::Checkpoints;
use super::queue::QueuePolling;
use super::sink::FailureSink;
use super::stream::{StreamPolling, now};
use super::tally::Tally;
use super::target::LocalTarget;
use super::{peek, rights};
use crate::Error;

/// What is read.
enum PolledSource {
    Queue(MessageQueue),
    Stream(ReadableStream),
}

/// # Errors
/// If the source cannot be read, or the function not be built, started or invoked.
pub(in crate::cli) async fn poll(args: Poll) -> Result<Ended, Error> {
    if args.print_policy {
        let policy = to_string_pretty(&rights::policy(&args)).map_err(|e| Error::other(e.to_string()))?;
        output::line(&policy);
        return Ok(Ended::Success);
    }
    let aws = Aws::connect(&ConnectOptions::from(args.place.clone())).await?;
    let deployed = match &args.source.mapping {
        Some(uuid) => deployed_mapping(&aws, uuid).await?,
        None => DeployedMapping::default(),
    };
    match source(&aws, &args.source, &deployed).await? {
        PolledSource::Queue(queue) => poll_queue(&aws, queue, &deployed, &args).await,
        PolledSource::Stream(stream) => poll_stream(&aws, stream, &deployed, &args).await,
    }
}

async fn source(aws: &Aws, source: &PollSource, deployed: &DeployedMapping) -> Result<PolledSource, Error> {
    if let Some(queue) = &source.queue {
        return Ok(PolledSource::Queue(MessageQueue::look_up(aws, queue).await?));
    }
    if let Some(stream) = &source.stream {
        return Ok(PolledSource::Stream(ReadableStream::kinesis(aws, stream).await?));
    }
    if let Some(table) = &source.table {
        return Ok(PolledSource::Stream(ReadableStream::of_table(aws, table).await?));
    }
    let arn = &deployed.source_arn;
    match arn.parse::<Arn>().map(|arn| arn.service).as_deref() {
        Ok("sqs") => Ok(PolledSource::Queue(MessageQueue::look_up(aws, arn).await?)),
        Ok("kinesis" | "dynamodb") => Ok(PolledSource::Stream(ReadableStream::by_arn(aws, arn).await?)),
        _ => Err(Error::other(format!(
            "mapping {} reads neither a queue nor a stream of Kinesis or DynamoDB",
            deployed.uuid
        ))),
    }
}

async fn poll_queue(
    aws: &Aws,
    queue: MessageQueue,
    deployed: &DeployedMapping,
    args: &Poll,
) -> Result<Ended, Error> {
    let settings = args.mapping.of_queue(deployed, queue.is_fifo())?;
    let filters = args.mapping.filters(deployed)?;
    if !args.yes && !is_ours_to_read(aws, &queue).await? {
        output::line("nothing was done");
        return Ok(Ended::Failed);
    }
    if args.peek {
        return peek::queue(&queue, limit(args), args.format).await;
    }
    let setup = Setup::new(&args.function).await?;
    let mut stop = Stop::new()?;
    let environments = u32::try_from(settings.maximum_concurrency).unwrap_or(1);
    let target = LocalTarget::start(&setup, args.format, environments).await?;
    let name = format!("queue {}", queue.name());
    output::note(&format!("polling {name}; Ctrl-C ends it"));
    let polling = QueuePolling {
        queue,
        filters,
        target: target.clone(),
        format: args.format,
        exit_when_empty: args.exit_when_empty,
    };
    let polled = polling.poll(settings, &mut stop).await;
    target.end().await;
    Ok(concluded(polled?, &name, args))
}

async fn poll_stream(
    aws: &Aws,
    stream: ReadableStream,
    deployed: &DeployedMapping,
    args: &Poll,
) -> Result<Ended, Error> {
    let settings = args.mapping.of_stream(deployed)?;
    let filters = args.mapping.filters(deployed)?;
    let start = match &args.mapping.start {
        // There is nothing to look at that has not arrived.
        None if args.peek => ReadStart::TrimHorizon,
        None | Some(Start::Latest) => ReadStart::Latest,
        Some(Start::TrimHorizon) => ReadStart::TrimHorizon,
        Some(Start::At(_)) if stream.kind() == StreamKind::Dynamodb => {
            return Err(Error::other("a stream of DynamoDB has no times to start at"));
        }
        Some(Start::At(seconds)) => ReadStart::At(*seconds),
    };
    if args.peek {
        return peek::stream(&stream, &start, limit(args), args.format).await;
    }
    let arn = stream.arn.to_string();
    let seconds = i64::try_from(now().as_secs()).unwrap_or(i64::MAX);
    let checkpoints = Checkpoints::open(args.mapping.checkpoints.as_deref(), arn, seconds)?;
    let sink = FailureSink::open(aws, args.mapping.on_failure.as_deref()).await?;
    let setup = Setup::new(&args.function).await?;
    let mut stop = Stop::new()?;
    let shards = stream
        .shards()
        .await?
        .iter()
        .filter(|shard| !shard.is_closed)
        .count();
    let environments = settings.parallelization_factor * shards.max(1);
    let target = LocalTarget::start(&setup, args.format, u32::try_from(environments).unwrap_or(1)).await?;
    let name = match stream.kind() {
        StreamKind::Kinesis => format!("stream {}", stream.name),
        StreamKind::Dynamodb => format!("the stream of table {}", stream.name),
    };
    output::note(&format!("polling {name}; Ctrl-C ends it"));
    let polling = StreamPolling {
        stream,
        settings,
        filters,
        target: target.clone(),
        checkpoints,
        sink,
        format: args.format,
        exit_when_empty: args.exit_when_empty,
    };
    let polled = polling.poll(start, &mut stop).await;
    target.end().await;
    Ok(concluded(polled?, &name, args))
}

/// Whether no deployed mapping reads the queue, or the person agrees.
///
/// # Errors
/// If nobody can be asked.
async fn is_ours_to_read(aws: &Aws, queue: &MessageQueue) -> Result<bool, Error> {
    let name = queue.name();
    let problem = match mappings_of(aws, &queue.arn()).await {
        Ok(mappings) => {
            let mut live = mappings.iter().filter(|mapping| mapping.is_live());
            let Some(mapping) = live.next() else {
                return Ok(true);
            };
            format!(
                "queue {name} is read for function {}, too: a message goes to only one of the two",
                mapping.function_arn
            )
        }
        Err(failure) if failure.is_denied() => {
            format!("cannot see whether a deployed mapping reads queue {name}, too ({failure})")
        }
        Err(failure) => return Err(failure.into()),
    };
    if !may_ask() {
        return Err(Error::other(format!(
            "{problem}; pass --yes to take messages anyway"
        )));
    }
    output::note(&problem);
    agreed("Take messages from it?")
}

fn limit(args: &Poll) -> usize {
    usize::try_from(args.limit).unwrap_or(1)
}

fn concluded(tally: Tally, name: &str, args: &Poll) -> Ended {
    tally.show(args.format, name);
    let failed = tally.again > 0 || tally.discarded > 0;
    match args.exit_when_empty && failed {
        true => Ended::Failed,
        false => Ended::Success,
    }
}
