//! The task that polls.

use crate::error::Error;
use crate::router::ReplyFuture;
use lambda_runtime::BoxFuture;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::task::{JoinHandle, yield_now};
use tracing::Instrument;

/// Polls in a task of its own, for as long as its end is awaited.
///
/// The connection's task then wakes this one directly. If `main`'s future polled instead, each wake-up would go through
/// the operating system: one more `epoll_wait` for each event, and one for each answer.
pub(super) struct Polling(JoinHandle<Result<(), Error>>);

impl Polling {
    /// In the current span, as if it were polled here.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub(super) fn start(poll: BoxFuture<'static, Result<(), Error>>) -> Self {
        Self(tokio::spawn(poll.in_current_span()))
    }
}

/// Completes when polling ends. A panic there is resumed here.
impl Future for Polling {
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ended = ready!(Pin::new(&mut self.0).poll(cx));
        Poll::Ready(ended.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(cancelled) => Err(Error::runtime(cancelled.into())),
        }))
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Larger events arrive in several pieces: hyper first reads 8 KiB, and headers precede the event.
const ONE_PIECE: usize = 4096;

/// The answer to an event of this many bytes, delayed until its connection is back in the pool.
///
/// When an event arrives in several pieces, this task receives the last one before the connection's own tasks know that
/// it was the last. An immediate answer would open another connection.
pub(super) fn in_turn(size: usize, answer: ReplyFuture) -> ReplyFuture {
    if size <= ONE_PIECE {
        return answer;
    }
    Box::pin(async move {
        yield_now().await;
        answer.await
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn it_ends_as_polling_ends() {
        assert!(Polling::start(Box::pin(async { Ok(()) })).await.is_ok());
        let failed = Polling::start(Box::pin(async { Err(Error::runtime("no API".into())) })).await;
        assert_eq!(
            failed.map_err(|error| error.to_string()),
            Err("no API".to_owned())
        );
    }

    #[tokio::test]
    #[should_panic(expected = "a bug")]
    async fn a_panic_goes_on() {
        let _ = Polling::start(Box::pin(async { panic!("a bug") })).await;
    }

    #[tokio::test]
    async fn the_span_around_it_is_the_span_it_is_in() {
        let _guard = tracing::subscriber::set_default(tracing_subscriber::registry());
        let span = tracing::info_span!("application");
        let id = span.id();
        assert!(id.is_some());
        let polled = async {
            let (told, tells) = oneshot::channel();
            let poll = async {
                let _ = told.send(tracing::Span::current().id());
                Ok(())
            };
            Polling::start(Box::pin(poll)).await.unwrap();
            tells.await.unwrap()
        };
        assert_eq!(polled.instrument(span).await, id);
    }

    #[tokio::test]
    async fn it_ends_when_its_caller_stops_waiting() {
        struct Ended(Arc<AtomicBool>);
        impl Drop for Ended {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let ended = Arc::new(AtomicBool::new(false));
        let witness = Ended(Arc::clone(&ended));
        let polling = Polling::start(Box::pin(async move {
            std::future::pending::<()>().await;
            drop(witness);
            Ok(())
        }));
        yield_now().await;
        assert!(!ended.load(Ordering::Relaxed));
        drop(polling);
        yield_now().await;
        assert!(ended.load(Ordering::Relaxed));
    }
}
