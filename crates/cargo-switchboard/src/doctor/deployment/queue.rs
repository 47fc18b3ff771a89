//! A queue that triggers a function or receives failed events.

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
    /// The ARN of the dead-letter queue.
    pub(crate) dead_letters: Setting<String>,
    /// The statements of its policy; `None` if the policy is unknown.
    pub(crate) policy: Option<Vec<Statement>>,
}
