//! The Lambda Runtime API, through `lambda_runtime`'s client: fetches the next event, and sends its answer.
//!
//! Lambda Developer Guide, “Using the Lambda runtime API for custom runtimes”.

use super::answer_to::{AnswerTo, INVOCATION_ID};
use super::streaming::OutgoingStream;
use crate::error::{Chain, Error};
use crate::handler::{Reply, ReplyStream};
use bytes::{Bytes, BytesMut};
use futures_util::future::join;
use http::response::Parts;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body::Frame;
use http_body_util::BodyExt as _;
use hyper_util::client::legacy;
use lambda_runtime::{Diagnostic, Error as BoxError};
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{PooledClient, build_request};
use std::fmt;
use std::mem::take;

/// The header of a failure. It has the same value for every failed invocation; the error type is in the body.
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");
const UNHANDLED: HeaderValue = HeaderValue::from_static("unhandled");

/// How many bytes are reserved at most for an event that says its length; a larger one grows its buffer as it arrives.
/// Lambda Developer Guide, “Lambda quotas”: 6 MB.
const LARGEST_EVENT: usize = 8 << 20;

/// The two kinds of answer.
enum AnswerKind {
    Response,
    Error,
}

/// The Runtime API's client, shared by the whole process.
pub(super) struct Api {
    client: PooledClient,
}

/// Why polling returned no event.
pub(super) enum PollFailure {
    /// There was no connection.
    Unreached(BoxError),
    /// The connection broke before the answer, or in the middle of the event: then there is an invocation to fail.
    Broken(BoxError, Option<AnswerTo>),
    /// The API answered with an error.
    Refused(StatusCode),
    /// The event has no request id, so it cannot be answered.
    Nameless,
}

impl Api {
    /// At this address, with this many pooled connections.
    pub(super) fn new(endpoint: Uri, connections: u32) -> Self {
        let connections = usize::try_from(connections).unwrap_or(usize::MAX);
        let builder = PooledClient::builder().with_endpoint(endpoint);
        Self {
            client: builder.with_pool_size(connections).build(),
        }
    }

    /// Waits for the next event; `None` if the API does not wait, as some emulators do.
    ///
    /// # Errors
    /// There is no event.
    pub(super) async fn next(&self) -> Result<Option<(Parts, Bytes)>, PollFailure> {
        let request =
            get("/2018-06-01/runtime/invocation/next").map_err(|error| PollFailure::Broken(error, None))?;
        let response = self.client.call(request).await.map_err(PollFailure::of)?;
        let (parts, body) = response.into_parts();
        match parts.status {
            StatusCode::NO_CONTENT => return Ok(None),
            status if !status.is_success() => return Err(PollFailure::Refused(status)),
            _ => {}
        }
        match received(body).await {
            Ok(body) => Ok(Some((parts, body))),
            Err(error) => Err(PollFailure::Broken(error.into(), AnswerTo::of(&parts.headers))),
        }
    }

    /// Sends an invocation's answer. If that fails, it is only logged: there is no one to report it to, and the next
    /// event is waiting.
    pub(super) async fn answer(&self, to: &AnswerTo, answer: Result<Reply, Error>) {
        let answer = match answer {
            Ok(reply) => match reply.into_stream() {
                // In a box, because it is large, and most replies are not streamed.
                Ok(stream) => return log_failure(Box::pin(self.stream(to, stream)).await),
                Err(reply) => Ok(reply),
            },
            Err(error) => Err(error),
        };
        let reply = answer.and_then(|reply| reply.into_bytes().map_err(Error::reply));
        let (error, refused) = match reply {
            Ok(reply) => {
                let size = reply.len();
                match self.post(to, AnswerKind::Response, reply).await {
                    Ok(StatusCode::PAYLOAD_TOO_LARGE) => (Error::reply_too_large(size), true),
                    sent => return log_failure(sent),
                }
            }
            Err(error) => (error, false),
        };
        if !error.is_logged() {
            tracing::error!("{error}");
        }
        let diagnostic = serde_json::to_vec(&Diagnostic::from(error)).unwrap_or_default();
        let sent = self.post(to, AnswerKind::Error, diagnostic).await;
        // If the reply was too large, Lambda may have ended the invocation.
        if !refused {
            log_failure(sent);
        }
    }

    /// Sends a reply while its body is produced.
    async fn stream(&self, to: &AnswerTo, stream: ReplyStream) -> Result<StatusCode, BoxError> {
        let mut sending = OutgoingStream::of(stream)?;
        let (sender, body) = Body::channel();
        let path = format!("/2018-06-01/runtime/invocation/{}/response", to.request_id);
        let mut request = build_request().method(Method::POST).uri(path).body(body)?;
        let headers = request.headers_mut();
        headers.extend(take(&mut sending.headers));
        headers.extend(to.invocation_id.clone().map(|id| (INVOCATION_ID, id)));
        // Here, and not in the connection's task, so that the log lines of the body belong to the invocation.
        let (answer, ()) = join(self.client.call(request), sending.pump(sender)).await;
        Ok(answer?.status())
    }

    async fn post(&self, to: &AnswerTo, kind: AnswerKind, body: Vec<u8>) -> Result<StatusCode, BoxError> {
        let (id, kind, error_type) = match kind {
            AnswerKind::Response => (&to.request_id, "response", None),
            AnswerKind::Error => (&to.request_id, "error", Some(UNHANDLED)),
        };
        let path = format!("/2018-06-01/runtime/invocation/{id}/{kind}");
        let mut request = post(path.parse()?, body)?;
        let headers = request.headers_mut();
        headers.extend(error_type.map(|value| (ERROR_TYPE, value)));
        headers.extend(to.invocation_id.clone().map(|id| (INVOCATION_ID, id)));
        Ok(self.client.call(request).await?.status())
    }

    /// Reports that start-up is complete, and waits until the snapshot that Lambda then takes is restored.
    ///
    /// # Errors
    /// It was not restored.
    pub(super) async fn restored(&self) -> Result<(), BoxError> {
        let response = self.client.call(get("/2018-06-01/runtime/restore/next")?).await?;
        if !response.status().is_success() {
            return Err(format!("/restore/next was answered by {}", response.status()).into());
        }
        // Connections do not survive the snapshot.
        self.client.reset_pool();
        Ok(())
    }

    /// Reports that start-up has failed.
    ///
    /// # Errors
    /// The report failed.
    pub(super) async fn init_failed(&self, error: &Error) -> Result<(), BoxError> {
        let path = Uri::from_static("/2018-06-01/runtime/init/error");
        self.report(path, error).await
    }

    /// Reports that the function cannot continue after the restore.
    ///
    /// # Errors
    /// The report failed.
    pub(super) async fn restore_failed(&self, error: &Error) -> Result<(), BoxError> {
        let path = Uri::from_static("/2018-06-01/runtime/restore/error");
        self.report(path, error).await
    }

    async fn report(&self, path: Uri, error: &Error) -> Result<(), BoxError> {
        let diagnostic = Diagnostic {
            error_type: error.error_type().to_owned(),
            error_message: error.to_string(),
        };
        let mut request = post(path, serde_json::to_vec(&diagnostic)?)?;
        let error_type = HeaderValue::from_static(error.error_type());
        request.headers_mut().insert(ERROR_TYPE, error_type);
        self.client.call(request).await?;
        Ok(())
    }
}

/// An event's bytes. They are copied into one buffer as they arrive: collecting the pieces first would briefly need
/// twice the memory.
async fn received<B>(mut body: B) -> Result<Bytes, B::Error>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let Some(first) = next_piece(&mut body).await? else {
        return Ok(Bytes::new());
    };
    let Some(second) = next_piece(&mut body).await? else {
        return Ok(first);
    };
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or_default();
    let size = first.len() + second.len() + announced.min(LARGEST_EVENT);
    let mut bytes = BytesMut::with_capacity(size);
    bytes.extend_from_slice(&first);
    bytes.extend_from_slice(&second);
    drop((first, second));
    while let Some(piece) = next_piece(&mut body).await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.freeze())
}

/// The next data of a body.
async fn next_piece<B>(body: &mut B) -> Result<Option<Bytes>, B::Error>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    loop {
        match body.frame().await.transpose()?.map(Frame::into_data) {
            Some(Ok(piece)) => return Ok(Some(piece)),
            // Trailers.
            Some(Err(_)) => {}
            None => return Ok(None),
        }
    }
}

fn get(path: &'static str) -> Result<Request<Body>, BoxError> {
    let request = build_request().method(Method::GET).uri(Uri::from_static(path));
    Ok(request.body(Body::empty())?)
}

fn post(path: Uri, body: Vec<u8>) -> Result<Request<Body>, BoxError> {
    let request = build_request().method(Method::POST).uri(path);
    Ok(request.body(Body::from(body))?)
}

/// Logs what happened to an answer that did not arrive.
fn log_failure(sent: Result<StatusCode, BoxError>) {
    match sent {
        Ok(status) if status.is_success() => {}
        Ok(status) => tracing::error!(
            status = status.as_u16(),
            why = why(status),
            "the answer was refused"
        ),
        Err(error) => tracing::error!(error = %Chain(&*error), "the answer could not be sent"),
    }
}

fn why(status: StatusCode) -> &'static str {
    match status {
        StatusCode::GONE => "the invocation has ended: it ran out of time",
        StatusCode::BAD_REQUEST => "the invocation is not running, or not any more",
        _ if status.is_server_error() => "the Runtime API has failed",
        _ => "the Runtime API rejected it",
    }
}

impl PollFailure {
    fn of(error: BoxError) -> Self {
        match error.downcast_ref::<legacy::Error>() {
            Some(unreached) if unreached.is_connect() => Self::Unreached(error),
            _ => Self::Broken(error, None),
        }
    }
}

impl fmt::Display for PollFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreached(error) => write!(f, "the Runtime API cannot be reached: {}", Chain(&**error)),
            Self::Broken(error, None) => write!(f, "the connection broke: {}", Chain(&**error)),
            Self::Broken(error, Some(_)) => write!(
                f,
                "the connection broke in the middle of an event: {}",
                Chain(&**error)
            ),
            Self::Refused(status) => write!(f, "the Runtime API answered {status}"),
            Self::Nameless => f.write_str("an event came without a request id, and cannot be answered"),
        }
    }
}
