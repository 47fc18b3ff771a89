//! A parsed template: a tree whose nodes know their positions.

use crate::doctor::place::Place;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Node {
    /// The position; for an entry of a map, that of its key.
    pub(super) at: Place,
    pub(super) kind: NodeKind,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum NodeKind {
    Null,
    /// Text, numbers and booleans: CloudFormation treats `"30"` as 30.
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    pub(super) fn text(at: Place, text: impl Into<String>) -> Self {
        let kind = NodeKind::Text(text.into());
        Self { at, kind }
    }

    pub(super) fn list(at: Place, items: impl IntoIterator<Item = Node>) -> Self {
        let kind = NodeKind::List(items.into_iter().collect());
        Self { at, kind }
    }

    pub(super) fn map<'k>(at: Place, entries: impl IntoIterator<Item = (&'k str, Node)>) -> Self {
        let entries = entries.into_iter().map(|(key, node)| (key.to_owned(), node));
        let kind = NodeKind::Map(entries.collect());
        Self { at, kind }
    }

    /// `{ Ref: id }`.
    pub(super) fn reference(at: Place, id: &str) -> Self {
        Self::map(at, [("Ref", Self::text(at, id))])
    }

    /// `{ Fn::GetAtt: [id, attribute] }`.
    pub(super) fn attribute(at: Place, id: &str, attribute: &str) -> Self {
        let of = Self::list(at, [Self::text(at, id), Self::text(at, attribute)]);
        Self::map(at, [("Fn::GetAtt", of)])
    }

    /// `{ Fn::Sub: text }`.
    pub(super) fn sub(at: Place, text: impl Into<String>) -> Self {
        Self::map(at, [("Fn::Sub", Self::text(at, text))])
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let (_, node) = self.entries().iter().find(|(name, _)| name == key)?;
        Some(node)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let NodeKind::Map(entries) = &mut self.kind else {
            return None;
        };
        let (_, node) = entries.iter_mut().find(|(name, _)| name == key)?;
        Some(node)
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list, or a single value in place of a list.
    pub(super) fn items(&self) -> &[Node] {
        match &self.kind {
            NodeKind::List(items) => items,
            NodeKind::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The entries, if this is a map.
    pub(super) fn entries(&self) -> &[(String, Node)] {
        match &self.kind {
            NodeKind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Sets an entry. A node of another kind becomes a map.
    pub(super) fn set(&mut self, key: &str, node: Node) {
        if !matches!(self.kind, NodeKind::Map(_)) {
            self.kind = NodeKind::Map(Vec::new());
        }
        let NodeKind::Map(entries) = &mut self.kind else {
            return;
        };
        match entries.iter_mut().find(|(name, _)| name == key) {
            Some((_, place)) => *place = node,
            None => entries.push((key.to_owned(), node)),
        }
    }

    /// Removes an entry, if this is a map that has it.
    pub(super) fn remove(&mut self, key: &str) {
        if let NodeKind::Map(entries) = &mut self.kind {
            entries.retain(|(name, _)| name != key);
        }
    }

    /// The function and its argument, if this is one of CloudFormation's intrinsic functions.
    pub(super) fn function(&self) -> Option<(&str, &Node)> {
        match self.entries() {
            [(name, argument)] if name.starts_with("Fn::") || name == "Ref" || name == "Condition" => {
                Some((name, argument))
            }
            _ => None,
        }
    }
}
