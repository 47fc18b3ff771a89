//! An external extension for tests, made with the crate `lambda-extension`: as OpenTelemetry's collector for Lambda does, it
//! subscribes to telemetry, and exports a span for each invocation and the lines of the function before the invocation ends.

use std::sync::Arc;

use lambda_extension::{
    Error, Extension, LambdaEvent, LambdaTelemetry, LambdaTelemetryRecord, LogBuffering, NextEvent,
    SharedService, service_fn,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (sender, receiver) = unbounded_channel();
    let records = Arc::new(Mutex::new(receiver));
    let port: u16 = std::env::var("COLLECTOR_PORT")?.parse()?;
    Extension::new()
        .with_events(&["INVOKE", "SHUTDOWN"])
        .with_events_processor(service_fn(move |event| on_event(Arc::clone(&records), event)))
        .with_telemetry_types(&["platform", "function"])
        .with_telemetry_buffering(LogBuffering {
            timeout_ms: 25,
            ..LogBuffering::default()
        })
        .with_telemetry_port_number(port)
        .with_telemetry_processor(SharedService::new(service_fn(move |records| {
            collect(sender.clone(), records)
        })))
        .run()
        .await
}

async fn collect(to: UnboundedSender<LambdaTelemetry>, records: Vec<LambdaTelemetry>) -> Result<(), Error> {
    for record in records {
        to.send(record)?;
    }
    Ok(())
}

/// Exports an invocation as soon as the runtime has finished it.
async fn on_event(
    records: Arc<Mutex<UnboundedReceiver<LambdaTelemetry>>>,
    event: LambdaEvent,
) -> Result<(), Error> {
    let NextEvent::Invoke(invocation) = event.next else {
        return Ok(());
    };
    let mut records = records.lock().await;
    let (mut lines, mut begun) = (Vec::new(), None);
    while let Some(LambdaTelemetry { time, record }) = records.recv().await {
        let nanoseconds = time.timestamp_nanos_opt().unwrap_or_default().to_string();
        match record {
            LambdaTelemetryRecord::Function(line) => lines.push(json!({
                "timeUnixNano": nanoseconds,
                "body": {"stringValue": line},
            })),
            LambdaTelemetryRecord::PlatformStart { .. } => begun = Some(nanoseconds),
            LambdaTelemetryRecord::PlatformRuntimeDone {
                request_id, status, ..
            } if request_id == invocation.request_id => {
                let code = match status {
                    lambda_extension::Status::Success => 1,
                    _ => 2,
                };
                let attribute = json!({"key": "faas.invocation_id", "value": {"stringValue": request_id}});
                let span = json!({
                    "name": "invocation",
                    "startTimeUnixNano": begun,
                    "endTimeUnixNano": nanoseconds,
                    "attributes": [attribute],
                    "status": {"code": code},
                });
                return export(json!({
                    "resourceSpans": [{"scopeSpans": [{"spans": [span]}]}],
                    "resourceLogs": [{"scopeLogs": [{"logRecords": lines}]}],
                }))
                .await;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Posts to the backend, and waits for its answer.
async fn export(data: Value) -> Result<(), Error> {
    let endpoint = std::env::var("OTEL_EXPORTER_OTLP_ENDPOINT")?;
    let body = data.to_string();
    let mut stream = TcpStream::connect(&endpoint).await?;
    let head = format!(
        "POST /v1/data HTTP/1.1\r\nhost: {endpoint}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.read_to_end(&mut Vec::new()).await?;
    Ok(())
}
