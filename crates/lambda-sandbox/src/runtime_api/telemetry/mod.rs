//! The Telemetry API and the Logs API: what happens in an execution environment, sent to the extensions that subscribe to it.
//!
//! See “Lambda Telemetry API” and “Lambda Logs API” in the AWS Lambda Developer Guide.

mod buffer;
mod destination;
mod record;
mod route;
mod stream;
mod subscription;

pub(crate) use record::{Event, Status};
pub(super) use route::{LOGS, TELEMETRY, route};
pub(crate) use stream::Telemetry;
pub(super) use subscription::Api;
