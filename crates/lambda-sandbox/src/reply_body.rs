//! The body of a response: whole, or streamed while the function writes it.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::function::Remainder;
use crate::report::{Fault, GatewayEvent, OnEvent};
use crate::{Chunks, FunctionError, Outcome};

/// The body of a response.
pub(crate) struct ReplyBody {
    content: Content,
    aftermath: Option<Aftermath>,
}

enum Content {
    /// In one piece, which is taken when it is sent.
    Whole(Option<Bytes>),
    /// Streamed.
    Streamed(Box<StreamedBody>),
}

/// What is left of an invocation whose response does not wait for it.
pub(crate) struct Aftermath {
    pub(crate) remainder: Remainder,
    /// What is to be reported of it.
    pub(crate) fault: Option<Fault>,
}

impl Aftermath {
    /// Waits until the invocation has ended, and reports its fault.
    pub(crate) async fn over(self, report: &OnEvent) {
        // What it says has been answered.
        let _ = self.remainder.outcome().await;
        if let Some(fault) = self.fault {
            report(&fault.event());
        }
    }
}

/// A body that follows a function's stream.
pub(crate) struct StreamedBody {
    /// What is sent before the next chunk.
    ready: VecDeque<Bytes>,
    chunks: Chunks,
    framing: Framing,
    /// Hears of an error midway.
    report: OnEvent,
    stage: Stage,
}

enum Stage {
    /// Chunks follow.
    Streaming,
    /// The last chunk has come.
    Ending(Option<FunctionError>),
    /// Nothing follows.
    Ended,
}

/// How the chunks of a stream are sent.
pub(crate) enum Framing {
    /// As they are. An error breaks the connection off, which is how HTTP shows that a body is incomplete.
    Plain,
    /// As messages, with one more at the end.
    Messages {
        chunk: fn(Bytes) -> Bytes,
        /// Whether the last one waits for the end of the invocation.
        with_outcome: bool,
        end: Box<LastMessage>,
    },
}

type LastMessage = dyn Fn(Option<&FunctionError>, Option<&Outcome>) -> Bytes + Send + Sync;

impl Framing {
    fn framed(&self, chunk: Bytes) -> Bytes {
        match self {
            Self::Plain => chunk,
            Self::Messages { chunk: message, .. } => message(chunk),
        }
    }
}

impl ReplyBody {
    /// `first`, and then what follows in the stream.
    pub(crate) fn streamed(first: Bytes, chunks: Chunks, framing: Framing, report: OnEvent) -> Self {
        let ready = match first.is_empty() {
            true => VecDeque::new(),
            false => VecDeque::from([framing.framed(first)]),
        };
        let streamed = StreamedBody {
            ready,
            chunks,
            framing,
            report,
            stage: Stage::Streaming,
        };
        Self {
            content: Content::Streamed(Box::new(streamed)),
            aftermath: None,
        }
    }

    /// The body, and what comes after it.
    pub(crate) fn and_then(self, aftermath: Aftermath) -> Self {
        let aftermath = Some(aftermath);
        Self { aftermath, ..self }
    }

    /// Takes out what comes after it.
    pub(crate) fn aftermath(&mut self) -> Option<Aftermath> {
        self.aftermath.take()
    }
}

impl From<Bytes> for ReplyBody {
    fn from(bytes: Bytes) -> Self {
        let content = Content::Whole(Some(bytes));
        Self {
            content,
            aftermath: None,
        }
    }
}

/// The function failed after the response had begun.
#[derive(Debug)]
pub(crate) struct BrokenOff;

impl std::fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the function failed after its reply had begun")
    }
}

impl std::error::Error for BrokenOff {}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match &mut self.get_mut().content {
            Content::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Content::Streamed(streamed) => streamed.poll(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Content::Streamed(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Content::Streamed(_) => SizeHint::default(),
        }
    }
}

impl StreamedBody {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(Frame::data(ready))));
            }
            match (&self.stage, &self.framing) {
                (Stage::Ended, _) => return Poll::Ready(None),
                (Stage::Streaming, _) => match ready!(self.chunks.poll_next(context)) {
                    Some(Ok(chunk)) => self.ready.push_back(self.framing.framed(chunk)),
                    Some(Err(error)) => {
                        (self.report)(&GatewayEvent::FunctionError(&error));
                        self.stage = Stage::Ending(Some(error));
                    }
                    None => self.stage = Stage::Ending(None),
                },
                (Stage::Ending(error), Framing::Plain) => {
                    let is_whole = error.is_none();
                    self.stage = Stage::Ended;
                    if !is_whole {
                        return Poll::Ready(Some(Err(BrokenOff)));
                    }
                }
                (
                    Stage::Ending(error),
                    Framing::Messages {
                        end, with_outcome, ..
                    },
                ) => {
                    let outcome = match with_outcome {
                        true => ready!(self.chunks.poll_outcome(context)),
                        false => None,
                    };
                    self.ready.push_back(end(error.as_ref(), outcome));
                    self.stage = Stage::Ended;
                }
            }
        }
    }
}
