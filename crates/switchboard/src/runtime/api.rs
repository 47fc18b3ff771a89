//! The Lambda Runtime API, by `lambda_runtime`'s own client: the next event is asked for, and answered.
//!
//! Lambda Developer Guide, “Using the Lambda runtime API for custom runtimes”.

use super::answer_to::{AnswerTo, INVOCATION_ID};
use crate::error::Error;
use crate::handler::Reply;
use bytes::{Bytes, BytesMut};
use http::response::Parts;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body::Frame;
use http_body_util::BodyExt as _;
use hyper_util::client::legacy;
use lambda_runtime::{Diagnostic, Error as BoxError};
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{PooledClient, build_request};
use std::fmt;

/// The header of a failure, and what it says of every failed invocation: the type is in the body.
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");
const UNHANDLED: HeaderValue = HeaderValue::from_static("unhandled");

/// How much room is made for an event that says how large it is, in bytes; a larger one has it made as it comes. Lambda Developer
/// Guide, “Lambda quotas”: 6 MB.
const LARGEST_EVENT: usize = 8 << 20;

/// The two kinds of answer.
enum AnswerKind {
    Response,
    Error,
}

/// The Runtime API's client, for all of the process.
pub(super) struct Api {
    client: PooledClient,
}

/// Why no event has come.
pub(super) enum PollFailure {
    /// There was no connection.
    Unreached(BoxError),
    /// The connection broke, before the answer or in the middle of the event: then there is an invocation to fail.
    Broken(BoxError, Option<AnswerTo>),
    /// The answer was none.
    Refused(StatusCode),
    /// The event cannot be answered: nobody knows which it is.
    Nameless,
}

impl Api {
    /// At this address, with so many connections that are kept.
    pub(super) fn new(endpoint: Uri, connections: u32) -> Self {
        let connections = usize::try_from(connections).unwrap_or(usize::MAX);
        let builder = PooledClient::builder().with_endpoint(endpoint);
        Self {
            client: builder.with_pool_size(connections).build(),
        }
    }

    /// Waits for the next event; `None` if the API would not wait, as emulators do.
    ///
    /// # Errors
    /// None has come.
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

    /// Sends an invocation's answer. What becomes of it is a line in the log at most: there is nobody to tell, and the next
    /// event to be asked for.
    pub(super) async fn answer(&self, to: &AnswerTo, answer: Result<Reply, Error>) {
        let reply = answer.and_then(|reply| reply.into_bytes().map_err(Error::reply));
        let (error, refused) = match reply {
            Ok(reply) => {
                let size = reply.len();
                match self.post(to, AnswerKind::Response, reply).await {
                    Ok(StatusCode::PAYLOAD_TOO_LARGE) => (Error::reply_too_large(size), true),
                    sent => return tell(sent),
                }
            }
            Err(error) => (error, false),
        };
        if !error.is_told() {
            tracing::error!("{error}");
        }
        let diagnostic = serde_json::to_vec(&Diagnostic::from(error)).unwrap_or_default();
        let sent = self.post(to, AnswerKind::Error, diagnostic).await;
        // With the reply that was too large, Lambda may have ended the invocation.
        if !refused {
            tell(sent);
        }
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

    /// Tells Lambda that start-up is over with, and waits until the snapshot that is taken then is restored.
    ///
    /// # Errors
    /// It is not.
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
    /// It cannot be reported.
    pub(super) async fn init_failed(&self, error: &Error) -> Result<(), BoxError> {
        let path = Uri::from_static("/2018-06-01/runtime/init/error");
        self.report(path, error).await
    }

    /// Reports that what was restored from a snapshot cannot go on.
    ///
    /// # Errors
    /// It cannot be reported.
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

/// An event's bytes. Collected piece by piece they would be there twice for a moment, once in their pieces and once together.
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

/// Says what became of an answer, if it did not arrive.
fn tell(sent: Result<StatusCode, BoxError>) {
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
        StatusCode::GONE => "the invocation is over: its time has run out",
        StatusCode::BAD_REQUEST => "the invocation is not, or no longer, under way",
        _ if status.is_server_error() => "the Runtime API has failed",
        _ => "the Runtime API did not take it",
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
            Self::Broken(error, Some(_)) => write!(f, "an event broke off: {}", Chain(&**error)),
            Self::Refused(status) => write!(f, "the Runtime API answered {status}"),
            Self::Nameless => f.write_str("an event came without a request id, and cannot be answered"),
        }
    }
}

/// An error and its causes.
struct Chain<'e>(&'e (dyn std::error::Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::error::write_chain(f, self.0)
    }
}
