//! The tracing header of the current invocation, for requests on its behalf.

use futures_util::future::Either;
use http::HeaderValue;
use std::future::Future;

tokio::task_local! {
    static HEADER: HeaderValue;
}

/// The tracing header of the current invocation as Lambda sent it, `Root=1-…;Parent=…;Sampled=…`: the value of the
/// header `X-Amzn-Trace-Id` for requests that you send on the invocation's behalf. `None` outside an invocation, and if
/// Lambda sent none.
///
/// Other runtimes put it into the environment as `_X_AMZN_TRACE_ID`. [`run`](crate::run) does not, because a process
/// never frees the memory of a variable's old value. The AWS SDK reads that variable and sends the header, so that
/// Lambda can detect recursive loops. This interceptor does the same:
///
/// ```
/// use aws_smithy_runtime_api::box_error::BoxError;
/// use aws_smithy_runtime_api::client::interceptors::{Intercept, context::BeforeTransmitInterceptorContextMut};
/// use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
/// use aws_smithy_types::config_bag::ConfigBag;
///
/// #[derive(Debug)]
/// struct TracingHeader;
///
/// impl Intercept for TracingHeader {
///     fn name(&self) -> &'static str {
///         "TracingHeader"
///     }
///
///     fn modify_before_signing(
///         &self,
///         context: &mut BeforeTransmitInterceptorContextMut<'_>,
///         _: &RuntimeComponents,
///         _: &mut ConfigBag,
///     ) -> Result<(), BoxError> {
///         if let Some(header) = switchboard::telemetry::tracing_header() {
///             // An invalid header value is left out: the request matters more than its trace.
///             let _ = context.request_mut().headers_mut().try_insert("x-amzn-trace-id", header);
///         }
///         Ok(())
///     }
/// }
/// ```
///
/// Add it to a client's configuration: `aws_sdk_sqs::config::Builder::from(&config).interceptor(TracingHeader)`. Each
/// of the SDK's crates exports its traits, for example `aws_sdk_sqs::config::Intercept`.
#[must_use]
pub fn tracing_header() -> Option<String> {
    let text = |header: &HeaderValue| String::from_utf8_lossy(header.as_bytes()).into_owned();
    HEADER.try_with(text).ok()
}

/// The header, to be moved to another task.
pub(super) fn current() -> Option<HeaderValue> {
    HEADER.try_with(HeaderValue::clone).ok()
}

/// Runs the future in the trace of an invocation.
pub(crate) fn in_trace<F: Future>(header: Option<HeaderValue>, future: F) -> impl Future<Output = F::Output> {
    match header {
        Some(header) => Either::Left(HEADER.scope(header, future)),
        None => Either::Right(future),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::in_scope;

    #[tokio::test]
    async fn it_is_the_invocation_s_and_goes_along() {
        let header = Some(HeaderValue::from_static("Root=1-2-3"));
        let seen = in_trace(header, async {
            let elsewhere = tokio::spawn(in_scope(async { tracing_header() })).await.unwrap();
            (tracing_header(), elsewhere)
        });
        let expected = Some("Root=1-2-3".to_owned());
        assert_eq!(seen.await, (expected.clone(), expected));
        assert_eq!(in_trace(None, async { tracing_header() }).await, None);
    }
}
