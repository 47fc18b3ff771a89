//! The event that a function is invoked with.

use bytes::Bytes;

use super::StreamSink;

/// An event for [`Function::invoke`](crate::Function::invoke): the payload, and what a caller may send with it.
///
/// ```
/// let plain = lambda_sandbox::InvokeEvent::from("{}");
/// let mobile = plain.clone().client_context(r#"{"client":{"app_title":"demo"}}"#);
/// assert_eq!(plain.payload, mobile.payload);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct InvokeEvent {
    /// The payload, which the function receives byte for byte. Lambda itself accepts only JSON.
    pub payload: Bytes,
    /// The client context as JSON text.
    pub client_context: Option<String>,
    /// The caller's Cognito identity as JSON text.
    pub cognito_identity: Option<String>,
    /// The X-Ray trace header to continue. Without one a new trace starts.
    pub trace_id: Option<String>,
    /// The request id. Without one a new id is generated.
    pub request_id: Option<String>,
    /// The tenant, for a function with [tenant isolation](crate::Builder::tenant_isolation).
    pub tenant_id: Option<String>,
    /// Whether it is the envelope of a durable execution, which may be larger than the event in it.
    pub(crate) is_envelope: bool,
    /// Where a streamed reply goes while it is written.
    pub(crate) sink: Option<StreamSink>,
}

impl InvokeEvent {
    /// Sets the client context, as JSON text.
    #[must_use]
    pub fn client_context(mut self, json: impl Into<String>) -> Self {
        self.client_context = Some(json.into());
        self
    }

    /// Sets the caller's Cognito identity: `{"cognitoIdentityId":…,"cognitoIdentityPoolId":…}`.
    #[must_use]
    pub fn cognito_identity(mut self, json: impl Into<String>) -> Self {
        self.cognito_identity = Some(json.into());
        self
    }

    /// Sets the X-Ray trace header, `Root=1-…;Parent=…;Sampled=0`.
    #[must_use]
    pub fn trace_id(mut self, header: impl Into<String>) -> Self {
        self.trace_id = Some(header.into());
        self
    }

    /// Sets the request id: a retry has the id of the first attempt.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// Sets the tenant on whose behalf the function is invoked.
    #[must_use]
    pub fn tenant_id(mut self, id: impl Into<String>) -> Self {
        self.tenant_id = Some(id.into());
        self
    }
}

impl<P: Into<Bytes>> From<P> for InvokeEvent {
    fn from(payload: P) -> Self {
        let payload = payload.into();
        Self {
            payload,
            ..Self::default()
        }
    }
}
