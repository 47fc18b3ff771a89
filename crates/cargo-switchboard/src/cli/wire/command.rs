//! The commands: plan, show, ask, apply.

use super::super::ask::{agreed, may_ask};
use super::super::ended::Ended;
use super::super::output::{self, OutputFormat};
use super::args::{Common, Events, List, Unwire, UnwireEvents, UnwireS3, UnwireTrigger, Wire, WireTrigger};
use super::{settings, show};
use crate::Error;
use switchboard_aws::wire::{
    self, EventFilter, Function, Plan, RuleOptions, Settings, StreamSettings, Wiring,
};
use switchboard_aws::{Aws, ConnectOptions, Failure};

/// # Errors
/// For wrong usage.
pub(in crate::cli) async fn wire(args: Wire) -> Result<Ended, Error> {
    let trigger = match args.trigger {
        WireTrigger::List(args) => return Ok(reported(list(args).await)),
        trigger => trigger,
    };
    let common = trigger.common().expect("a list has been answered");
    usable(common)?;
    if let WireTrigger::Events(args) = &trigger
        && args.when.when()?.is_none()
    {
        return Err(Error::other("pass --pattern FILE or --schedule EXPR"));
    }
    let planned = async {
        let (aws, function) = connect(common).await?;
        Plan::to_wire(wiring(&aws, &function, &trigger).await?).await
    };
    match planned.await {
        Ok(plan) => carry_out(plan, common).await,
        Err(failure) => Ok(reported(Err(failure))),
    }
}

/// # Errors
/// For wrong usage.
pub(in crate::cli) async fn unwire(args: Unwire) -> Result<Ended, Error> {
    let common = args.trigger.common();
    usable(common)?;
    if let UnwireTrigger::Events(args) = &args.trigger {
        args.when.when()?;
    }
    let planned = async {
        let (aws, function) = connect(common).await?;
        Plan::to_unwire(unwiring(&aws, &function, &args.trigger).await?).await
    };
    match planned.await {
        Ok(plan) => carry_out(plan, common).await,
        Err(failure) => Ok(reported(Err(failure))),
    }
}

fn reported(done: Result<Ended, Failure>) -> Ended {
    done.unwrap_or_else(|failure| {
        show::failure(&failure);
        Ended::Failed
    })
}

/// # Errors
/// If the command must ask but stdin is not a terminal.
fn usable(common: &Common) -> Result<(), Error> {
    match common.yes || common.dry_run || may_ask() {
        true => Ok(()),
        false => Err(Error::other(
            "stdin is not a terminal; pass --yes to apply the plan, or --dry-run to see it",
        )),
    }
}

async fn connect(common: &Common) -> Result<(Aws, Function), Failure> {
    let aws = Aws::connect(&ConnectOptions::from(common.place.clone())).await?;
    let function = Function::look_up(&aws, &common.function).await?;
    Ok((aws, function))
}

async fn wiring(aws: &Aws, function: &Function, trigger: &WireTrigger) -> Result<Wiring, Failure> {
    Ok(match trigger {
        WireTrigger::S3(args) => {
            let watched = EventFilter {
                events: args.events.clone(),
                prefix: args.prefix.clone(),
                suffix: args.suffix.clone(),
            };
            let bucket = wire::s3::bucket(function, &args.bucket, args.bucket_owner.as_deref());
            wire::s3::wiring(aws, function, &bucket, watched)
        }
        WireTrigger::Dynamodb(args) => {
            let settings = settings::of_stream(aws, &args.stream).await?;
            wire::dynamodb::wiring(aws, function, &args.table, settings).await?
        }
        WireTrigger::Kinesis(args) => {
            let settings = settings::of_stream(aws, &args.settings).await?;
            wire::kinesis::wiring(aws, function, &args.stream, settings).await?
        }
        WireTrigger::Sqs(args) => {
            wire::sqs::wiring(aws, function, &args.queue, settings::of_queue(args)?).await?
        }
        WireTrigger::Kafka(args) => {
            let settings = settings::of_kafka(aws, args).await?;
            wire::kafka::wiring(aws, function, &(&args.topic).into(), &args.topic.topic, settings)?
        }
        WireTrigger::Sns(args) => wire::sns::wiring(aws, function, &args.topic, &args.into()).await?,
        WireTrigger::Logs(args) => {
            wire::cloudwatch_logs::wiring(aws, function, &args.log_group, &args.filter_pattern)?
        }
        WireTrigger::Alb(args) => wire::alb::wiring(aws, function, &args.into()).await?,
        WireTrigger::Events(args) => wire::cloudwatch_events::wiring(aws, function, &wanted(args)?).await?,
        WireTrigger::Http(args) => {
            wire::api_gateway::wiring(aws, function, &(&args.kind).into(), args.auth.is_anybody())
        }
        WireTrigger::Url(args) => wire::function_url::wiring(aws, function, args.auth.is_anybody())?,
        WireTrigger::List(_) => unreachable!("listing has been done"),
    })
}

fn wanted(args: &Events) -> Result<RuleOptions, Failure> {
    let when = args
        .when
        .when()
        .map_err(|error| Failure::new(error.to_string()))?;
    Ok(RuleOptions {
        when: when.ok_or_else(|| Failure::new("neither a pattern nor a schedule"))?,
        bus: args.when.bus.clone(),
        rule: args.when.rule.clone(),
        maximum_retry_attempts: args.max_retries,
        maximum_event_age: args.max_age,
        dead_letter_queue: args.dead_letter_queue.clone(),
    })
}

async fn unwiring(aws: &Aws, function: &Function, trigger: &UnwireTrigger) -> Result<Wiring, Failure> {
    let of_stream = || Settings {
        stream: Some(StreamSettings::default()),
        ..Settings::default()
    };
    let mut wiring = match trigger {
        UnwireTrigger::S3(args) => {
            let bucket = wire::s3::bucket(function, &args.bucket, args.bucket_owner.as_deref());
            wire::s3::unwiring(aws, function, &bucket, filter(args)).await?
        }
        UnwireTrigger::Dynamodb(args) => {
            wire::dynamodb::wiring(aws, function, &args.table, of_stream()).await?
        }
        UnwireTrigger::Kinesis(args) => {
            wire::kinesis::wiring(aws, function, &args.stream, of_stream()).await?
        }
        UnwireTrigger::Sqs(args) => wire::sqs::unwiring(aws, function, &args.queue).await?,
        UnwireTrigger::Kafka(args) => {
            wire::kafka::unwiring(aws, function, &(&args.topic).into(), &args.topic.topic)
        }
        UnwireTrigger::Sns(args) => wire::sns::unwiring(aws, function, &args.topic).await?,
        UnwireTrigger::Logs(args) => wire::cloudwatch_logs::unwiring(aws, function, &args.log_group)?,
        UnwireTrigger::Alb(args) => wire::alb::unwiring(aws, function, args.listener.as_deref()).await?,
        UnwireTrigger::Events(UnwireEvents { when, .. }) => {
            let which = when.when().map_err(|error| Failure::new(error.to_string()))?;
            wire::cloudwatch_events::unwiring(aws, function, when.bus.clone(), when.rule.clone(), which)
                .await?
        }
        UnwireTrigger::Http(args) => wire::api_gateway::unwiring(aws, function, &(&args.kind).into()),
        UnwireTrigger::Url(_) => wire::function_url::unwiring(aws, function)?,
    };
    wiring.notes.clear();
    Ok(wiring)
}

fn filter(args: &UnwireS3) -> Option<(String, String)> {
    let given = args.prefix.is_some() || args.suffix.is_some();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    given.then(|| (text(&args.prefix), text(&args.suffix)))
}

async fn carry_out(mut plan: Plan, common: &Common) -> Result<Ended, Error> {
    show::plan(&plan);
    if plan.is_empty() {
        output::line("nothing to do");
    } else if common.dry_run {
        output::line("nothing was done (--dry-run)");
        return Ok(Ended::Success);
    } else if !common.yes && !agreed("Apply this plan?")? {
        output::line("nothing was done");
        return Ok(Ended::Failed);
    } else if let Err(broken) = plan.apply(&mut show::done).await {
        show::broken(&broken);
        return Ok(Ended::Failed);
    }
    if let Some(url) = plan.url.and_then(|url| url.get()) {
        output::line(&url);
    }
    Ok(Ended::Success)
}

async fn list(args: List) -> Result<Ended, Failure> {
    let aws = Aws::connect(&ConnectOptions::from(args.place)).await?;
    let function = Function::look_up(&aws, &args.function).await?;
    let triggers = wire::list(&aws, &function).await?;
    match args.format {
        OutputFormat::Text if triggers.is_empty() => {
            output::note(&format!("function {} has no triggers", function.label()))
        }
        OutputFormat::Text => show::triggers(&triggers),
        OutputFormat::Json => {
            for trigger in &triggers {
                let line = serde_json::to_string(trigger).map_err(|error| Failure::new(error.to_string()))?;
                output::line(&line);
            }
        }
    }
    Ok(Ended::Success)
}
