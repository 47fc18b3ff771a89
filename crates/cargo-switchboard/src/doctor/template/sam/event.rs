//! An entry of a function's `Events`.

use super::super::node::Node;
use crate::doctor::place::Place;

/// An entry of `Events`.
pub(super) struct SamEvent<'f> {
    /// What is invoked: the function or its alias.
    pub(super) target: &'f SamTarget,
    /// The logical id that SAM generates: the function's followed by the event's.
    pub(super) id: String,
    pub(super) at: Place,
    pub(super) kind: &'f str,
    pub(super) properties: &'f Node,
}

/// What a function's events invoke: with `AutoPublishAlias` the alias, else the function.
pub(super) struct SamTarget {
    /// The function's logical id.
    pub(super) function: String,
    /// The name of the alias.
    pub(super) alias: Option<Node>,
}

impl SamTarget {
    /// The name of the function, or the ARN of its alias.
    pub(super) fn name(&self, at: Place) -> Node {
        match &self.alias {
            Some(_) => Node::reference(at, &self.alias_id()),
            None => Node::reference(at, &self.function),
        }
    }

    pub(super) fn arn(&self, at: Place) -> Node {
        match &self.alias {
            Some(_) => Node::reference(at, &self.alias_id()),
            None => Node::attribute(at, &self.function, "Arn"),
        }
    }

    /// The name by which templates refer to the alias.
    pub(super) fn alias_id(&self) -> String {
        format!("{}.Alias", self.function)
    }
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
        self.target.arn(self.at)
    }
}
