//! An entry of a function's `Events`.

use super::super::node::Node;
use crate::doctor::place::Place;

/// An entry of `Events`.
pub(super) struct SamEvent<'f> {
    /// The function's logical id.
    pub(super) function: &'f str,
    /// The logical id that SAM generates: the function's followed by the event's.
    pub(super) id: String,
    pub(super) at: Place,
    pub(super) kind: &'f str,
    pub(super) properties: &'f Node,
}

impl SamEvent<'_> {
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.properties.get(key)
    }

    /// A required property.
    pub(super) fn need(&self, key: &str) -> Node {
        self.get(key).cloned().unwrap_or_else(|| Node::text(self.at, ""))
    }

    pub(super) fn function_arn(&self) -> Node {
        Node::attribute(self.at, self.function, "Arn")
    }
}
