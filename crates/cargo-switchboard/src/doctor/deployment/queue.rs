//! Queues that trigger a function or receive failed events, and the other resources events are kept in.

use super::Setting;
use crate::doctor::place::Place;

#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    pub(crate) label: String,
    pub(crate) at: Option<Place>,
    pub(crate) arn: String,
    pub(crate) fifo: bool,
    /// Seconds; 30 if absent.
    pub(crate) visibility: Setting<u64>,
    /// How long it keeps messages, in seconds; 4 days if absent.
    pub(crate) retention: Setting<u64>,
    /// The ARN of the dead-letter queue.
    pub(crate) dead_letters: Setting<String>,
    /// How often a message is received before it goes there.
    pub(crate) receives: Setting<u64>,
    /// The key of one's own that encrypts it.
    pub(crate) key: Setting<String>,
}

/// A stream that triggers a function, or a topic or bucket that receives failed events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    pub(crate) arn: String,
    pub(crate) fifo: bool,
    /// How long a stream keeps records, in seconds; a day if absent.
    pub(crate) retention: Setting<u64>,
    /// The key of one's own that encrypts it.
    pub(crate) key: Setting<String>,
}
