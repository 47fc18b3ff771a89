//! Triggers put on an existing function, taken off again, and listed.
//!
//! A trigger is a list of [`Resource`](plan::Resource)s, in the order in which they have to be made. A [`Plan`] compares them with what is
//! there, and carries out the difference. Taking off goes through the same list, backwards.

mod plan;
pub use plan::{Action, Plan, Wiring};

mod carry_out;
pub use carry_out::{Broken, Done};

mod slot;
pub use slot::Slot;

mod patience;

mod function;
pub use function::Function;

mod mark;

mod permission;
mod policy;

mod notification;
pub mod s3;
pub use notification::Watched;

mod mapping;
pub use mapping::{Settings, Start, StreamSettings};
pub mod dynamodb;
pub mod kinesis;
mod queue;
mod role;
pub mod sqs;
pub use queue::Queue;

pub mod cloudwatch_events;
pub use cloudwatch_events::Wanted;
mod rule;
pub use rule::When;
mod queue_policy;
mod target;

pub mod api_gateway;
pub use api_gateway::Kind;

pub mod function_url;

mod list;
pub use list::{Trigger, list};
