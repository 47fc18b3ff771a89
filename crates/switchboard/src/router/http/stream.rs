//! The answer to an HTTP request that is sent while its body is produced.

use super::{Begun, HttpService, RequestFault, served, settle};
use crate::deadlines::within;
use crate::error::Error;
use crate::event::api_gateway::{
    HttpRequest, HttpStream, IntoResponse, InvalidResponse, Pieces, one_piece, pieces,
};
use crate::handler::{Call, Reply};
use crate::panics;
use crate::router::route::ReplyFuture;
use crate::source::Source;
use crate::telemetry;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::Response;
use lambda_http::{Body, RequestExt as _};
use std::fmt;
use std::pin::pin;
use std::time::Instant;

pub(super) fn answer<S, Svc>(call: Call<S>, service: Svc) -> ReplyFuture
where
    S: Clone + Send + Sync + 'static,
    Svc: HttpService<Response: IntoResponse<Body: 'static>, Error: fmt::Display> + Send + 'static,
{
    Box::pin(async move {
        let Begun {
            source,
            ends,
            lambda,
            read,
            ..
        } = Begun::of(call);
        let request_id = lambda.request_id.clone();
        let outcome = match read {
            Ok(HttpRequest { request, .. }) => {
                let serving = serve(service, request.with_lambda_context(lambda));
                settle(within(ends, panics::catching(pin!(serving))).await)
            }
            Err(refused) => Err(RequestFault::InvalidRequest(refused)),
        };
        let response = match outcome {
            Ok(response) => response.map(|body| watched(body, source, ends)),
            Err(fault) => one_piece(fault.respond(source, &request_id)),
        };
        Ok(Reply::stream(HttpStream::new(source, response)))
    })
}

async fn serve<Svc>(
    service: Svc,
    request: http::Request<Body>,
) -> Result<Response<Pieces<String>>, RequestFault>
where
    Svc: HttpService<Response: IntoResponse<Body: 'static>, Error: fmt::Display>,
{
    let (response, head) = served(service, request).await?;
    Ok(pieces(response, head))
}

/// The pieces until the first fault, which is logged. A panic or a deadline ends this body only.
fn watched(body: Pieces<String>, source: Source, ends: Option<Instant>) -> Pieces<Error> {
    let pieces = stream::unfold(Some(body), move |body| async move {
        let mut body = body?;
        let next = settle_piece(within(ends, panics::catching(pin!(body.next()))).await)?;
        match next {
            Ok(piece) => Some((Ok(piece), Some(body))),
            Err(fault) => Some((Err(failed(&fault, source)), None)),
        }
    });
    Box::pin(pieces)
}

type Caught<T> = Option<Result<T, panics::Panic>>;

fn settle_piece(next: Caught<Option<Result<Bytes, String>>>) -> Option<Result<Bytes, RequestFault>> {
    match next {
        Some(Ok(piece)) => {
            let off = |error| RequestFault::InvalidResponse(InvalidResponse::Off(error));
            Some(piece?.map_err(off))
        }
        Some(Err(panic)) => Some(Err(RequestFault::Panicked(panic))),
        None => Some(Err(RequestFault::OutOfTime)),
    }
}

fn failed(fault: &RequestFault, source: Source) -> Error {
    telemetry::record_failed(source, false);
    fault.log(source);
    Error::stream_failed(fault.to_string())
}
