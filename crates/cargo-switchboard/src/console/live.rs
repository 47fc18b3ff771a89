//! New invocations as server-sent events (HTML Living Standard, “Server-sent events”).

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use serde_json::json;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::describe::InvocationRow;
use super::recorder::{RecordedInvocation, Recorder};

/// The most invocations in one event, and how long new ones are gathered for it.
const MOST: usize = 500;
const GATHERED: Duration = Duration::from_millis(100);

/// The body of a response: whole, or events without an end.
pub(super) enum ConsoleBody {
    /// In one piece, which is taken when it is sent.
    Whole(Option<Bytes>),
    Events(Receiver<Bytes>),
}

impl From<Bytes> for ConsoleBody {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes))
    }
}

impl Body for ConsoleBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Events(events) => events
                .poll_recv(cx)
                .map(|event| event.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }
}

/// The invocations with higher numbers than this, then the new ones as they come, until the reader is gone.
pub(super) fn events(recorder: &Arc<Recorder>, after: u64) -> ConsoleBody {
    // A slow reader makes the sender wait; what it misses meanwhile may be forgotten, not piled up.
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(send(Arc::clone(recorder), after, sender));
    ConsoleBody::Events(receiver)
}

async fn send(recorder: Arc<Recorder>, mut after: u64, sender: Sender<Bytes>) {
    let mut news = recorder.follow();
    let hello = format!(
        "retry: 1000\nevent: run\ndata: {}\n\n",
        json!({"run": recorder.run})
    );
    if sender.send(hello.into()).await.is_err() {
        return;
    }
    loop {
        news.mark_unchanged();
        loop {
            let new = recorder.after(after, MOST);
            let Some(last) = new.last().map(|invocation| invocation.id) else {
                break;
            };
            after = last;
            let Ok(rows) = tokio::task::spawn_blocking(move || rows(&new)).await else {
                return;
            };
            let event = format!(
                "id: {}-{last}\nevent: invocations\ndata: {rows}\n\n",
                recorder.run
            );
            if sender.send(event.into()).await.is_err() {
                return;
            }
        }
        tokio::select! {
            changed = news.changed() => if changed.is_err() { return },
            () = sender.closed() => return,
        }
        tokio::time::sleep(GATHERED).await;
    }
}

/// Made on another thread: a large batch takes a while to read, and invocations go on meanwhile.
fn rows(new: &[Arc<RecordedInvocation>]) -> String {
    let rows: Vec<_> = new
        .iter()
        .map(|invocation| InvocationRow::of(invocation))
        .collect();
    json!(rows).to_string()
}

/// The number after which a reader goes on that has seen this event of this run.
pub(super) fn resumed(run: &str, last_event: &str) -> Option<u64> {
    last_event.strip_prefix(run)?.strip_prefix('-')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    async fn next(body: &mut ConsoleBody) -> String {
        let frame = body.frame().await.unwrap().unwrap();
        String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_kept_comes_first_and_then_what_is_new() {
        let recorder = Arc::new(Recorder::new(10));
        recorder.note("{}", Ok("null"), &[]);
        recorder.note("{}", Ok("null"), &[]);
        let mut body = events(&recorder, 1);
        assert!(next(&mut body).await.contains("event: run\n"));
        let kept = next(&mut body).await;
        assert!(kept.starts_with(&format!("id: {}-2\n", recorder.run)), "{kept}");
        assert!(
            !kept.contains("request-1") && kept.contains("request-2"),
            "{kept}"
        );
        recorder.note("{}", Ok("null"), &[]);
        assert!(next(&mut body).await.contains("request-3"));
    }

    #[test]
    fn only_a_reader_of_the_same_run_goes_on() {
        assert_eq!(resumed("a1", "a1-7"), Some(7));
        assert_eq!(resumed("a1", "b2-7"), None);
        assert_eq!(resumed("a1", ""), None);
    }
}
