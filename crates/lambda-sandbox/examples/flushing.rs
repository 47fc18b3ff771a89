//! A function for tests that flushes after each invocation, in an extension inside its process.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use lambda_extension::{Extension, NextEvent};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (done, finished) = unbounded_channel();
    let finished = Arc::new(Mutex::new(finished));
    let flush = lambda_extension::service_fn(move |event| flush(Arc::clone(&finished), event));
    // Before the runtime polls: that ends the time in which extensions may register.
    let extension = Extension::new()
        .with_events(&["INVOKE"])
        .with_extension_name("flushing")
        .with_events_processor(flush)
        .register()
        .await?;
    let handler = service_fn(move |event| handle(done.clone(), event));
    tokio::select! {
        ended = lambda_runtime::run(handler) => ended,
        ended = extension.run() => ended,
    }
}

async fn handle(done: UnboundedSender<()>, event: LambdaEvent<Value>) -> Result<Value, Error> {
    done.send(())?;
    Ok(event.payload)
}

/// Takes its time after the answer, as an exporter of telemetry does: until the test hangs up that listens at `FLUSHING_AT`.
async fn flush(
    finished: Arc<Mutex<UnboundedReceiver<()>>>,
    event: lambda_extension::LambdaEvent,
) -> Result<(), Error> {
    if let NextEvent::Invoke(invocation) = event.next {
        finished.lock().await.recv().await;
        match std::env::var("FLUSHING_AT") {
            Ok(address) => {
                TcpStream::connect(address)
                    .await?
                    .read_to_end(&mut Vec::new())
                    .await?;
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        writeln!(std::io::stderr(), "flushed {}", invocation.request_id)?;
    }
    Ok(())
}
