//! The answer to an HTTP request that is sent while its body is produced.

use super::{Begun, HttpService, RequestFault, served, settle};
use crate::deadlines::within;
use crate::error::Error;
use crate::event::api_gateway::{HttpRequest, HttpStream, IntoResponse, InvalidResponse, one_piece, pieces};
use crate::event::pieces::{BodyFault, Pieces, until_fault};
use crate::handler::{Call, Reply};
use crate::panics;
use crate::router::route::ReplyFuture;
use crate::source::Source;
use crate::telemetry;
use http::Response;
use lambda_http::{Body, RequestExt as _};
use std::fmt;
use std::pin::pin;

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
            Ok(response) => response.map(|body| until_fault(body, ends, move |fault| failed(fault, source))),
            Err(fault) => one_piece(fault.respond(source, &request_id)),
        };
        Ok(Reply::http_stream(HttpStream::new(source, response)))
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

/// What the invocation fails with. The fault is logged.
fn failed(fault: BodyFault<String>, source: Source) -> Error {
    let fault = match fault {
        BodyFault::Failed(error) => RequestFault::InvalidResponse(InvalidResponse::Off(error)),
        BodyFault::Panicked(panic) => RequestFault::Panicked(panic),
        BodyFault::OutOfTime => RequestFault::OutOfTime,
    };
    telemetry::record_failed(source, false);
    fault.log(source);
    Error::stream_failed(None, fault.to_string())
}
