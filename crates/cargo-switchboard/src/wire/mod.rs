//! Triggers put on an existing function, taken off again, and listed. Feature `aws`.
//!
//! A trigger is a list of [`Resource`](plan::Resource)s, in the order in which they have to be made. A [`Plan`] compares them with what is
//! there, and carries out the difference. Taking off goes through the same list, backwards.

mod plan;
pub(crate) use plan::{Action, Plan, Wiring};

mod carry_out;
pub(crate) use carry_out::{Broken, Done};

mod slot;
pub(crate) use slot::Slot;

mod patience;

mod function;
pub(crate) use function::Function;

mod mark;

mod permission;
mod policy;

mod notification;
pub(crate) mod s3;
pub(crate) use notification::Watched;

mod mapping;
pub(crate) use mapping::{Settings, Start, StreamSettings};
pub(crate) mod dynamodb;
pub(crate) mod kinesis;
mod queue;
mod role;
pub(crate) mod sqs;
pub(crate) use queue::Queue;

pub(crate) mod cloudwatch_events;
pub(crate) use cloudwatch_events::Wanted;
mod rule;
pub(crate) use rule::When;
mod queue_policy;
mod target;

pub(crate) mod api_gateway;
pub(crate) use api_gateway::Kind;

pub(crate) mod function_url;

mod list;
pub(crate) use list::{Trigger, list};
