//! The tracing header in calls of the AWS SDK.

use super::tracing_header;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Sends the tracing header, by which Lambda detects recursive loops. The AWS SDK would take it from `_X_AMZN_TRACE_ID`, which
/// [`run`](crate::run) does not set.
#[derive(Debug)]
pub(crate) struct TracingHeader;

impl Intercept for TracingHeader {
    fn name(&self) -> &'static str {
        "TracingHeader"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(header) = tracing_header() {
            // If the value is not a valid header, the call is made without it.
            let _ = context
                .request_mut()
                .headers_mut()
                .try_insert("x-amzn-trace-id", header);
        }
        Ok(())
    }
}
