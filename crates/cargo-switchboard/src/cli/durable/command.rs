//! Runs `durable`.

use std::io::Read as _;
use std::path::Path;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::super::ended::Ended;
use super::super::json;
use super::super::output::{self, OutputFormat};
use super::args::{CallbackEnd, DurableCommand, Verb};
use super::client::Client;
use super::show;
use super::span::readable;
use super::tree::operations;
use crate::Error;

pub(in crate::cli) async fn durable(args: DurableCommand) -> Result<Ended, Error> {
    let client = Client::new(&args.endpoint)?;
    let is_text = args.format == OutputFormat::Text;
    let say = |text: &str, object: Value| match is_text {
        true => output::line(text),
        false => json::print(&object),
    };
    match args.verb {
        Verb::Start {
            input,
            name,
            function,
        } => {
            let input = input.as_deref().map_or(Ok(Bytes::from_static(b"{}")), read)?;
            let arn = client.start(&function, name.as_deref(), input).await?;
            say(&arn, json!({"DurableExecutionArn": arn}));
        }
        Verb::List { statuses, function } => {
            let statuses: Vec<_> = statuses.into_iter().map(super::args::Status::name).collect();
            let found = client.list(function.as_deref(), &statuses).await?;
            match is_text {
                true => show::list(&found),
                false => found.iter().for_each(json::print),
            }
        }
        Verb::Show { execution } => {
            let arn = client.find(execution.as_deref()).await?;
            let (mut execution, events) = (client.describe(&arn).await?, client.history(&arn).await?);
            if is_text {
                show::execution(&execution, &events);
            } else {
                let tree = operations(&events);
                execution["Operations"] = tree.iter().map(super::tree::OperationNode::json).collect();
                json::print(&execution);
            }
        }
        Verb::History { execution } => {
            let arn = client.find(execution.as_deref()).await?;
            let events = client.history(&arn).await?;
            match is_text {
                true => show::history(&events),
                false => events.iter().for_each(json::print),
            }
        }
        Verb::Callback { end } => {
            callback(&client, end).await?;
            say("done", json!({}));
        }
        Verb::Stop { execution, message } => {
            let arn = client.find(Some(&execution)).await?;
            let error = json!({"ErrorMessage": message.unwrap_or_else(|| "stopped by hand".to_owned())});
            let stopped = client.stop(&arn, &error).await?;
            say("stopped", stopped);
        }
        Verb::NextTimer => {
            let jumped = client.next_timer().await?;
            let text = match jumped["SkippedSeconds"].as_f64() {
                Some(seconds) => format!("skipped {}", readable(seconds)),
                None => "nothing is waited for that happens by itself".to_owned(),
            };
            say(&text, jumped);
        }
    }
    Ok(Ended::Success)
}

async fn callback(client: &Client, end: CallbackEnd) -> Result<(), Error> {
    match end {
        CallbackEnd::Succeed { id, result } => {
            let result = match result.as_deref() {
                Some("-") => read(Path::new("-"))?,
                result => Bytes::from(result.unwrap_or_default().to_owned()),
            };
            client.callback(&id, "succeed", result).await?
        }
        CallbackEnd::Fail {
            id,
            error_type,
            message,
            data,
        } => {
            let members = [
                ("ErrorType", error_type),
                ("ErrorMessage", message),
                ("ErrorData", data),
            ];
            let given = members
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
            let error = Value::Object(given.collect::<Map<_, _>>());
            client.callback(&id, "fail", error.to_string().into()).await?
        }
        CallbackEnd::Heartbeat { id } => client.callback(&id, "heartbeat", Bytes::new()).await?,
    };
    Ok(())
}

/// Reads a file, or stdin for `-`.
fn read(file: &Path) -> Result<Bytes, Error> {
    let mut bytes = Vec::new();
    let read = match file == Path::new("-") {
        true => std::io::stdin().read_to_end(&mut bytes).map(|_| bytes),
        false => std::fs::read(file),
    };
    let read = read.map_err(|e| Error::io(format!("cannot read {}", file.display()), e))?;
    Ok(read.into())
}
