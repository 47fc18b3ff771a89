//! Responses that are sent while they are produced: server-sent events, a large file, and what happens when something goes
//! wrong midway.
//!
//! To try it:
//!
//! ```text
//! cargo switchboard run --payload function-url --env SWITCHBOARD_RESPONSE_STREAM=function_url -- --example streaming
//! curl -N http://127.0.0.1:9000/ticks
//! ```
//!
//! Payloads of one's own are answered with a stream as well:
//!
//! ```text
//! echo '{"rows":3}' | cargo switchboard invoke --example streaming -
//! ```

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Query;
use axum::response::sse::{Event, Sse};
use axum::routing::get;
use futures_util::{Stream, StreamExt as _, stream};
use serde::Deserialize;
use std::convert::Infallible;
use std::time::Duration;
use switchboard::{Context, Error, Failure, StreamingFronts};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let fronts = switchboard::init(async {
        switchboard::telemetry::init()?;
        StreamingFronts::from_env()
    })
    .await?;
    let router = switchboard::Router::new(())
        .http_stream(api(), fronts)
        .direct_stream::<Report>(report);
    switchboard::run(router).await
}

#[derive(Deserialize)]
struct Report {
    rows: u32,
    /// What happens after the rows: nothing, `fail`, `decline`, `panic`, `hang`.
    then: Option<String>,
}

/// Rows of text, for a caller of `InvokeWithResponseStream`.
async fn report(
    report: Report,
    _cx: Context<()>,
) -> Result<impl Stream<Item = Result<String, Failure>>, Failure> {
    if report.rows > 1_000_000 {
        return Err(Failure::named("TooLong").because("at most a million rows"));
    }
    let end = stream::iter(report.then).then(|then| async move {
        match &*then {
            "fail" => Err(std::io::Error::other("the database is gone").into()),
            "decline" => Err(Failure::named("Declined").because("no more for you")),
            "panic" => panic!("as told"),
            _ => std::future::pending().await,
        }
    });
    let rows = (0..report.rows).map(|row| {
        tracing::info!(row, "row");
        Ok(format!("row {row}\n"))
    });
    Ok(stream::iter(rows).chain(end))
}

fn api() -> Router {
    Router::new()
        .route("/ticks", get(ticks))
        .route("/file", get(file))
        .route("/half", get(half))
}

/// Three events, one every 200 milliseconds.
async fn ticks() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let ticks = stream::iter(1..=3).then(|tick| async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        tracing::info!(tick, "tick");
        Ok(Event::default().data(tick.to_string()))
    });
    Sse::new(ticks)
}

#[derive(Deserialize)]
struct Size {
    megabytes: usize,
}

/// A file that is read piece by piece, and never in memory as a whole.
async fn file(Query(size): Query<Size>) -> Body {
    let piece = Bytes::from(vec![b'x'; 1 << 16]);
    let pieces = std::iter::repeat_n(piece, size.megabytes * 16);
    Body::from_stream(stream::iter(pieces.map(Ok::<_, Infallible>)))
}

#[derive(Deserialize)]
struct Half {
    then: String,
}

/// The first half of a response, and then what the query says: `fail`, `panic`, `hang`.
async fn half(Query(half): Query<Half>) -> Body {
    let rest = stream::once(async move {
        match &*half.then {
            "fail" => Err(std::io::Error::other("the database is gone")),
            "panic" => panic!("as told"),
            _ => std::future::pending().await,
        }
    });
    let first = stream::iter([Ok(Bytes::from_static(b"first half\n"))]);
    Body::from_stream(first.chain(rest))
}
