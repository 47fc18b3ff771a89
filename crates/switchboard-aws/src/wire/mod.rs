//! Adds triggers to an existing function, removes them and lists them.
//!
//! A trigger is a list of resources, in the order in which they must be created. A [`Plan`] compares them with
//! the account and applies the differences. Removing a trigger goes through the same list in reverse.

mod plan;
pub use plan::{Action, Plan, Wiring};

mod apply;
pub use apply::{ApplyError, StepResult};

mod slot;
pub use slot::Slot;

mod wait;

mod function;
pub use function::Function;

mod mark;

mod permission;
mod policy;

mod notification;
pub mod s3;
pub use notification::EventFilter;

mod mapping;
pub use mapping::{KafkaSettings, Pollers, SchemaRegistry, Settings, SourceAccess, Start, StreamSettings};
pub mod dynamodb;
pub mod kinesis;
mod queue;
mod role;
pub mod sqs;
pub use queue::Queue;
pub mod kafka;
pub use kafka::KafkaCluster;

pub mod cloudwatch_events;
pub use cloudwatch_events::RuleOptions;
mod rule;
pub use rule::RuleMatch;
mod queue_policy;
mod target;

pub mod api_gateway;
pub use api_gateway::ApiKind;

pub mod alb;
pub use alb::{AlbOptions, ListenerRule};

mod function_tag;
pub mod function_url;

pub mod sns;
pub use sns::SubscriptionOptions;

pub mod cloudwatch_logs;

mod list;
pub use list::{Trigger, list};
