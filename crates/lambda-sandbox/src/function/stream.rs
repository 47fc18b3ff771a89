//! Replies that are passed on before the invocation has ended: streamed while the function writes them, or in one piece as soon as it
//! has answered.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

use super::{FunctionError, Outcome, ResponseMode};
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
    /// The whole reply, which is not streamed.
    Whole(Result<Bytes, FunctionError>, ResponseMode),
}

/// Where a reply goes as soon as it comes.
#[derive(Clone, Debug)]
pub(crate) struct StreamSink {
    pieces: mpsc::Sender<Piece>,
    /// Whether a streamed reply is passed on in pieces.
    takes_streams: bool,
}

impl StreamSink {
    /// Whether a streamed reply is passed on in pieces, rather than collected.
    pub(crate) fn takes_streams(&self) -> bool {
        self.takes_streams
    }

    /// Passes an answer on, unless it is the end of a stream whose pieces have been passed on.
    pub(crate) fn answered(&self, result: Result<Bytes, FunctionError>, mode: ResponseMode) {
        let is_in_pieces = self.takes_streams && mode != ResponseMode::Buffered;
        if !is_in_pieces {
            // There is no room only behind a stream that was broken off, whose reader learns why from the outcome.
            let _ = self.pieces.try_send(Piece::Whole(result, mode));
        }
    }

    /// Passes a piece on when there is room for it. A reader that is gone misses it: Lambda finishes an invocation whose
    /// client has disconnected.
    pub(crate) async fn send(&self, piece: Piece) {
        let _ = self.pieces.send(piece).await;
    }
}

/// A sink, and the pieces that go into it.
pub(super) fn channel(takes_streams: bool) -> (StreamSink, mpsc::Receiver<Piece>) {
    let (sink, received) = mpsc::channel(PIECES);
    let sink = StreamSink {
        pieces: sink,
        takes_streams,
    };
    (sink, received)
}

/// How a function began to reply to [`Function::invoke_streaming`](crate::Function::invoke_streaming).
#[derive(Debug)]
#[non_exhaustive]
pub enum Reply {
    /// It does not stream, and has answered. The invocation may go on.
    Buffered(BufferedReply),
    /// It streams. The invocation goes on.
    Streamed {
        /// The stream's content type, as in [`ResponseMode::Streaming`](crate::ResponseMode::Streaming).
        content_type: String,
        /// The body.
        chunks: Chunks,
    },
}

/// A reply in one piece.
///
/// The invocation goes on until the function and its extensions have asked for the next event, whether or not anybody waits for that.
/// Dropping this does not end it.
#[derive(Debug)]
#[non_exhaustive]
pub struct BufferedReply {
    /// The reply, or the function error.
    pub result: Result<Bytes, FunctionError>,
    /// How the function sent the reply.
    pub mode: ResponseMode,
    pub(crate) remainder: Remainder,
}

/// What is left of an invocation that has been answered.
#[derive(Debug)]
pub(crate) enum Remainder {
    Running(JoinHandle<Result<Outcome, Error>>),
    Nothing(Outcome),
}

impl BufferedReply {
    /// Waits until the invocation has ended: its outcome has the function's lines, and those that extensions wrote afterwards.
    ///
    /// # Errors
    /// As for [`Function::invoke`](crate::Function::invoke).
    pub async fn outcome(self) -> Result<Outcome, Error> {
        self.remainder.outcome().await
    }
}

impl Remainder {
    /// The outcome, if it is there.
    pub(crate) fn ended(&self) -> Option<&Outcome> {
        match self {
            Self::Running(_) => None,
            Self::Nothing(outcome) => Some(outcome),
        }
    }

    pub(crate) async fn outcome(self) -> Result<Outcome, Error> {
        match self {
            Self::Running(invocation) => joined(invocation.await),
            Self::Nothing(outcome) => Ok(outcome),
        }
    }
}

impl From<Outcome> for BufferedReply {
    fn from(outcome: Outcome) -> Self {
        Self {
            result: outcome.result.clone(),
            mode: outcome.mode.clone(),
            remainder: Remainder::Nothing(outcome),
        }
    }
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
                // The stream was broken off, and the function has said why.
                Some(Piece::Whole(result, _)) => {
                    self.has_ended = true;
                    let error = result.err().unwrap_or_else(FunctionError::truncated);
                    return Poll::Ready(Some(Err(error)));
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
    match pieces.recv().await {
        Some(Piece::Head { content_type }) => {
            let chunks = Chunks {
                pieces,
                invocation,
                outcome: None,
                has_ended: false,
            };
            Ok(Reply::Streamed { content_type, chunks })
        }
        first => answered(first, invocation).await.map(Reply::Buffered),
    }
}

/// Waits for a reply in one piece. `first` is what came first; without it, the invocation has not been answered.
pub(super) async fn answered(
    first: Option<Piece>,
    invocation: JoinHandle<Result<Outcome, Error>>,
) -> Result<BufferedReply, Error> {
    match first {
        Some(Piece::Whole(result, mode)) => Ok(BufferedReply {
            result,
            mode,
            remainder: Remainder::Running(invocation),
        }),
        _ => joined(invocation.await).map(BufferedReply::from),
    }
}
