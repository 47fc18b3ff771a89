//! Custom resources of CloudFormation: the handler's outcome is sent to the address in the event, also after a failure, a panic, or
//! when the time is nearly over.

mod provider;
mod put;

pub(super) use provider::Provider;
