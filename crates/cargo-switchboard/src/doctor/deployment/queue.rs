//! A queue: what the rules ask of queues that wake a function or take what failed.

use super::{Setting, Statement};
use crate::doctor::place::Place;

#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    pub(crate) label: String,
    pub(crate) at: Option<Place>,
    pub(crate) arn: String,
    pub(crate) fifo: bool,
    /// Seconds; 30 if absent.
    pub(crate) visibility: Setting<u64>,
    /// The ARN of the queue that takes what was received too often.
    pub(crate) dead_letters: Setting<String>,
    /// What its policy allows to services; nothing where the policy cannot be known.
    pub(crate) policy: Option<Vec<Statement>>,
}
