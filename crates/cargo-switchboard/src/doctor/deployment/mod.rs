//! The model of a deployment. Templates and live functions are read into it, and the rules check it.

mod derive;
mod function;
mod policy;
mod queue;
mod setting;
mod trigger;

pub(crate) use derive::derive;
pub(crate) use function::{Async, Function, Logs, Permission, named};
pub(crate) use policy::{Role, Statement, any};
pub(crate) use queue::Queue;
pub(crate) use setting::Setting;
pub(crate) use trigger::{
    Mapping, Notification, Origin, PAYLOAD_FORMATS, Payload, Target, Trigger, TriggerKind,
};

use super::text::{Certainty, Symbols, same};

/// Functions, their triggers, and their queues.
#[derive(Debug, Default)]
pub(crate) struct Deployment {
    pub(crate) functions: Vec<Function>,
    pub(crate) queues: Vec<Queue>,
    pub(crate) symbols: Symbols,
}

impl Deployment {
    /// The queue with this ARN, if it is part of the deployment.
    pub(crate) fn queue(&self, arn: &str) -> Option<&Queue> {
        self.queues
            .iter()
            .find(|queue| same(&queue.arn, arn) == Certainty::Yes)
    }
}
