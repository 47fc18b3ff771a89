//! An invocation, as `invoke` prints it.

use bytes::Bytes;
use lambda_sandbox::FunctionError;

use super::super::render::Summary;

/// The result of an invocation.
pub(super) struct Invocation {
    pub(super) result: Result<Bytes, FunctionError>,
    pub(super) summary: Summary,
    /// What the function wrote, unless it was shown immediately.
    pub(super) logs: Vec<u8>,
}
