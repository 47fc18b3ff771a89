//! A streamed reply, passed on while the function still writes it.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

use super::{FunctionError, Outcome};
use crate::Error;

/// How many pieces may wait. A client that reads slowly slows the function down.
const PIECES: usize = 16;

/// A piece of a streamed reply.
#[derive(Debug)]
pub(crate) enum Piece {
    /// The stream begins.
    Head { content_type: String },
    /// Part of the body.
    Data(Bytes),
    /// The stream has ended.
    End(Result<(), FunctionError>),
}

/// Where the pieces of a streamed reply go.
#[derive(Clone, Debug)]
pub(crate) struct StreamSink(mpsc::Sender<Piece>);

impl StreamSink {
    /// Passes a piece on when there is room for it. A reader that is gone misses it: Lambda finishes an invocation whose
    /// client has disconnected.
    pub(crate) async fn send(&self, piece: Piece) {
        let _ = self.0.send(piece).await;
    }
}

/// A sink, and the pieces that go into it.
pub(super) fn channel() -> (StreamSink, mpsc::Receiver<Piece>) {
    let (sink, pieces) = mpsc::channel(PIECES);
    (StreamSink(sink), pieces)
}

/// How a function began to reply to [`Function::invoke_streaming`](crate::Function::invoke_streaming).
#[derive(Debug)]
#[non_exhaustive]
pub enum Reply {
    /// It does not stream. The invocation has ended.
    Buffered(Outcome),
    /// It streams. The invocation goes on.
    Streamed {
        /// The stream's content type, as in [`ResponseMode::Streaming`](crate::ResponseMode::Streaming).
        content_type: String,
        /// The body.
        chunks: Chunks,
    },
}

/// The body of a streamed reply, as the function writes it.
///
/// Dropping it does not end the invocation.
#[derive(Debug)]
pub struct Chunks {
    pieces: mpsc::Receiver<Piece>,
    invocation: JoinHandle<Result<Outcome, Error>>,
    /// The outcome of an invocation that ended before its stream did.
    outcome: Option<Result<Outcome, Error>>,
    has_ended: bool,
}

impl Chunks {
    /// The next chunk; `None` after the last one.
    ///
    /// # Errors
    /// If the function fails midway: it reports an error, crashes or times out. Nothing follows.
    pub async fn next(&mut self) -> Option<Result<Bytes, FunctionError>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// Waits until the invocation has ended. What is left of the body is dropped. The reply in the outcome is empty.
    ///
    /// # Errors
    /// As for [`Function::invoke`](crate::Function::invoke).
    pub async fn outcome(mut self) -> Result<Outcome, Error> {
        while self.next().await.is_some() {}
        match self.outcome {
            Some(outcome) => outcome,
            None => joined(self.invocation.await),
        }
    }

    /// The outcome once the invocation has ended, after the last chunk.
    pub(crate) fn poll_outcome(&mut self, context: &mut Context<'_>) -> Poll<Option<&Outcome>> {
        if self.outcome.is_none() {
            let ended = ready!(Pin::new(&mut self.invocation).poll(context));
            self.outcome = Some(joined(ended));
        }
        Poll::Ready(self.outcome.as_ref().and_then(|outcome| outcome.as_ref().ok()))
    }

    pub(crate) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, FunctionError>>> {
        while !self.has_ended {
            match ready!(self.pieces.poll_recv(context)) {
                Some(Piece::Data(data)) => return Poll::Ready(Some(Ok(data))),
                Some(Piece::Head { .. }) => {}
                Some(Piece::End(ended)) => {
                    self.has_ended = true;
                    return Poll::Ready(ended.err().map(Err));
                }
                None => {
                    let outcome = joined(ready!(Pin::new(&mut self.invocation).poll(context)));
                    self.has_ended = true;
                    let error = why(&outcome);
                    self.outcome = Some(outcome);
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        Poll::Ready(None)
    }
}

/// Why a stream has no end: the process exited, or its time is over.
fn why(outcome: &Result<Outcome, Error>) -> FunctionError {
    match outcome {
        Ok(outcome) => match &outcome.result {
            Ok(_) => FunctionError::truncated(),
            Err(error) => error.clone(),
        },
        Err(error) => FunctionError::new("Sandbox.Failure", error.to_string()),
    }
}

fn joined(invocation: Result<Result<Outcome, Error>, JoinError>) -> Result<Outcome, Error> {
    invocation.unwrap_or_else(|panicked| Err(Error::other(panicked.to_string())))
}

/// Waits for the beginning of a reply.
pub(super) async fn begun(
    mut pieces: mpsc::Receiver<Piece>,
    invocation: JoinHandle<Result<Outcome, Error>>,
) -> Result<Reply, Error> {
    if let Some(Piece::Head { content_type }) = pieces.recv().await {
        let chunks = Chunks {
            pieces,
            invocation,
            outcome: None,
            has_ended: false,
        };
        return Ok(Reply::Streamed { content_type, chunks });
    }
    joined(invocation.await).map(Reply::Buffered)
}
