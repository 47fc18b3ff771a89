//! An invocation, as `invoke` prints it.

use bytes::Bytes;
use lambda_sandbox::FunctionError;

use super::super::render::Summary;

/// The result of an invocation.
pub(super) struct Invocation {
    pub(super) result: Result<Bytes, FunctionError>,
    pub(super) summary: Summary,
    /// The lines that a function wrote which was started here. Unless they are wanted as JSON, they have been shown.
    pub(super) lines: Vec<String>,
    /// What a function wrote that is served elsewhere.
    pub(super) logs: Vec<u8>,
}
