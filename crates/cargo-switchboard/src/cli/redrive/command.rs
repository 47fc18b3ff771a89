//! The command: list, or deliver once more.

use std::collections::HashSet;
use std::time::Duration;

use event_source_mapping::Record as _;
use serde_json::json;
use switchboard_aws::poll::{MessageQueue, QueueMessage};
use switchboard_aws::{Aws, ConnectOptions};

use super::super::ended::Ended;
use super::super::json;
use super::super::output::{self, OutputFormat};
use super::super::poll::{now, target::LocalTarget};
use super::super::setup::Setup;
use super::super::signals::Stop;
use super::args::Redrive;
use super::failure::StoredFailure;
use super::list;
use super::run::{RedriveSum, RedriveTarget, Redriving};
use crate::Error;

/// How long messages are hidden while they are only looked at.
const LOOK: Duration = Duration::from_secs(30);

/// How long the messages of a call are hidden that a deployed function gets, which runs for 15 minutes at most.
const DEPLOYED: Duration = Duration::from_secs(10 * 900);

/// # Errors
/// If the queue cannot be read, or the function not be built, started or invoked.
pub(in crate::cli) async fn redrive(args: Redrive) -> Result<Ended, Error> {
    let aws = Aws::connect(&ConnectOptions::from(args.place.clone())).await?;
    let queue = MessageQueue::look_up(&aws, &args.queue).await?;
    if args.list {
        return list_all(&queue, &args).await;
    }
    let mut local = None;
    let mut hidden = LOOK;
    let target = match args.to.as_str() {
        _ if args.dry_run => RedriveTarget::None,
        "local" => {
            let setup = Setup::new(&args.function).await?;
            let target = LocalTarget::start(&setup, args.format, 1).await?;
            hidden += target.timeout() * 10;
            local = Some((target.clone(), setup));
            RedriveTarget::Local(target)
        }
        function => {
            hidden += DEPLOYED;
            RedriveTarget::Deployed {
                client: aws.lambda(),
                function: function.to_owned(),
            }
        }
    };
    let mut stop = Stop::new()?;
    let redriving = Redriving {
        aws: &aws,
        queue: &queue,
        target,
        args: &args,
        hidden,
    };
    let (mut sum, mut left) = (RedriveSum::default(), Vec::new());
    // An invocation that is broken off is one that is not done.
    let done = tokio::select! {
        done = redriving.run(&mut sum, &mut left) => done,
        () = stop.asked() => Ok(()),
    };
    if let Some((target, _)) = local {
        target.end().await;
    }
    let released = queue.release(&left, Duration::ZERO).await;
    show(&sum, &args);
    done?;
    released?;
    let is_good = sum.failed == 0 && sum.expired == 0;
    Ok(if is_good { Ended::Success } else { Ended::Failed })
}

async fn list_all(queue: &MessageQueue, args: &Redrive) -> Result<Ended, Error> {
    let (mut all, mut seen): (Vec<QueueMessage>, HashSet<String>) = (Vec::new(), HashSet::new());
    let received = loop {
        match queue.receive(10, Duration::from_secs(1), LOOK).await {
            Ok(messages) => {
                let before = all.len();
                let new = messages
                    .into_iter()
                    .filter(|message| seen.insert(message.identifier().to_owned()));
                all.extend(new);
                if all.len() == before {
                    break Ok(());
                }
            }
            Err(failure) => break Err(failure),
        }
    };
    let released = queue.release(&all, Duration::ZERO).await;
    let failures: Vec<StoredFailure> = all.into_iter().map(StoredFailure::read).collect();
    let wanted: Vec<StoredFailure> = failures
        .into_iter()
        .filter(|failure| failure.is_wanted(&args.conditions))
        .collect();
    list::show(&wanted, now(), args.format);
    if wanted.is_empty() {
        output::note(&format!(
            "queue {} has no such failure that is visible",
            queue.name()
        ));
    }
    received?;
    released?;
    Ok(Ended::Success)
}

fn show(sum: &RedriveSum, args: &Redrive) {
    let RedriveSum {
        done,
        failed,
        expired,
        planned,
    } = sum;
    match args.format {
        OutputFormat::Json => {
            json::print(
                &json!({"type": "sum", "done": done, "failed": failed, "expired": expired, "planned": planned}),
            );
        }
        OutputFormat::Text if args.dry_run => {
            output::note(&format!("{planned} would be delivered, {expired} have expired"))
        }
        OutputFormat::Text => output::note(&format!("{done} done, {failed} failed, {expired} expired")),
    }
}
