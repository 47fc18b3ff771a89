//! SAM's policy templates: a name, parameters, and what the role is allowed.
//!
//! `policies.json` has the actions and resources of every template that the transform knows (AWS SAM 1.115.0).

use std::sync::LazyLock;

use super::super::node::{Node, NodeKind};
use super::super::parse::parse;
use crate::doctor::place::Place;

static TEMPLATES: LazyLock<Option<Node>> = LazyLock::new(|| parse(include_str!("policies.json")).ok());

/// The statements of the policy template `name` with these parameters.
pub(super) fn statements(at: Place, name: &str, parameters: &Node) -> Option<Vec<Node>> {
    let template = TEMPLATES.as_ref()?.get(name)?;
    let written = template.get("Statement").map_or(&[][..], Node::items);
    let filled = written
        .iter()
        .map(|statement| self::filled(at, statement, parameters));
    Some(filled.collect())
}

fn filled(at: Place, statement: &Node, parameters: &Node) -> Node {
    let texts = |key: &str| {
        let items = statement.get(key).map_or(&[][..], Node::items);
        items.iter().filter_map(Node::as_text).map(str::to_owned)
    };
    let actions = texts("Action").map(|action| Node::text(at, action));
    let own = || Node {
        at,
        kind: parameters.kind.clone(),
    };
    let resources = texts("Resource").map(|arn| match parameters.kind {
        NodeKind::Map(_) => Node::map(at, [("Fn::Sub", Node::list(at, [Node::text(at, arn), own()]))]),
        _ => Node::sub(at, arn),
    });
    let mut filled = Node::map(
        at,
        [
            ("Effect", Node::text(at, "Allow")),
            ("Action", Node::list(at, actions)),
            ("Resource", Node::list(at, resources)),
        ],
    );
    if statement.get("Condition").is_some() {
        filled.set("Condition", Node::map(at, []));
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_template_is_read() {
        let all = TEMPLATES.as_ref().unwrap().entries();
        assert_eq!(all.len(), 81);
        for (name, _) in all {
            assert!(
                !statements(Place::default(), name, &Node::map(Place::default(), []))
                    .unwrap()
                    .is_empty(),
                "{name}"
            );
        }
    }
}
