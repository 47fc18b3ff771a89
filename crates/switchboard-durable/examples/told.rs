//! A durable function for tests, which does what each of its records tells it: `{"do":"wait","id":"7"}`.
//!
//! Every step writes a line to the file of `TOLD_LEDGER`, as often as it is done.

use serde::Deserialize;
use std::io::{self, Write as _};
use std::time::Duration;
use switchboard::{Context, DeadLetter, Error, Failure, Json, Router};
use switchboard_durable::{DurableContext, durable};

#[derive(Deserialize)]
struct Told {
    r#do: String,
    id: String,
}

fn note(what: &str, id: &str) -> io::Result<()> {
    let path = std::env::var_os("TOLD_LEDGER").ok_or_else(|| io::Error::other("TOLD_LEDGER is not set"))?;
    let mut ledger = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    ledger.write_all(format!("{what} {id}\n").as_bytes())
}

async fn step(d: &DurableContext, what: &'static str, id: &str) -> Result<(), Failure> {
    let id = id.to_owned();
    let step = d.step(move |_| async move { Ok(note(what, &id)?) });
    Ok(step.name(what).await?)
}

async fn obey(Told { r#do, id }: Told, d: DurableContext, _cx: Context<()>) -> Result<String, Failure> {
    tracing::info!(told = id, "begun");
    step(&d, "first", &id).await?;
    match &*r#do {
        "fail" => return Err(Failure::msg("told to fail")),
        "decline" => return Err(Failure::named("CardDeclined").because("told to")),
        "reject" => return Err(Failure::reject("told to reject")),
        "panic" => panic!("told to panic"),
        "wait" => {
            d.wait(Duration::from_secs(3600)).name("an hour").await?;
            tracing::info!(told = id, "gone on");
            step(&d, "second", &id).await?;
        }
        // Lambda ends the invocation once, and invokes the function again.
        "hang" => {
            let known = id.clone();
            d.step(move |_| async move {
                note("hang", &known)?;
                let path = std::env::var_os("TOLD_LEDGER").unwrap_or_default();
                let hung = std::fs::read_to_string(path)?.matches("hang").count();
                match hung {
                    1 => std::future::pending().await,
                    _ => Ok(()),
                }
            })
            .name("hang")
            .await?;
        }
        _ => {}
    }
    Ok(id)
}

async fn on_record(Json(told): Json<Told>, d: DurableContext, cx: Context<()>) -> Result<(), Failure> {
    obey(told, d, cx).await.map(drop)
}

async fn bury(letter: DeadLetter) -> io::Result<()> {
    note("dead", letter.id.as_deref().unwrap_or_default())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    switchboard::init(async { switchboard::telemetry::init() }).await?;
    let router = Router::new(())
        .sqs(durable(on_record))
        .kinesis(durable(on_record))
        .direct::<Told>(durable(obey))
        .dead_letters(bury);
    switchboard::run(router).await
}
