//! `Globals`: what all functions or APIs of the template share.

use super::super::node::{Node, NodeKind};
use super::super::resource::Resource;

/// Merges the `Globals` for this type into `resource`.
pub(super) fn apply(root: &Node, resource: &mut Resource) {
    let Some(section) = resource.kind.strip_prefix("AWS::Serverless::") else {
        return;
    };
    let Some(globals) = root.get("Globals").and_then(|globals| globals.get(section)) else {
        return;
    };
    let ignored = resource.ignored.as_ref().map_or(&[][..], Node::items);
    let ignores = |key: &str| {
        ignored
            .iter()
            .any(|name| matches!(name.as_text(), Some(name) if name == "*" || name == key))
    };
    let used = globals.entries().iter().filter(|(key, _)| !ignores(key));
    let used = Node {
        at: globals.at,
        kind: NodeKind::Map(used.cloned().collect()),
    };
    resource.properties = merged(&used, &resource.properties);
}

/// Maps are merged and lists joined; otherwise the resource's own value wins.
fn merged(global: &Node, own: &Node) -> Node {
    let kind = match (&global.kind, &own.kind) {
        _ if global.function().is_some() || own.function().is_some() => own.kind.clone(),
        (NodeKind::Map(_), NodeKind::Map(_)) => {
            let mut all = global.clone();
            for (key, node) in own.entries() {
                let node = global
                    .get(key)
                    .map_or_else(|| node.clone(), |global| merged(global, node));
                all.set(key, node);
            }
            all.kind
        }
        (NodeKind::List(global), NodeKind::List(own)) => NodeKind::List([&global[..], &own[..]].concat()),
        _ => own.kind.clone(),
    };
    Node { at: own.at, kind }
}

#[cfg(test)]
mod tests {
    use super::super::super::parse::parse;
    use super::*;

    #[test]
    fn what_a_resource_ignores_is_left_out() {
        let of = |ignored: &str| {
            let text = format!(
                "Globals: {{Function: {{Timeout: 5, MemorySize: 9}}}}
Resources: {{F: {{Type: AWS::Serverless::Function, IgnoreGlobals: {ignored}}}}}"
            );
            let root = parse(&text).unwrap();
            let mut resource = Resource::all(&root).remove(0);
            apply(&root, &mut resource);
            resource
                .properties
                .entries()
                .iter()
                .map(|(key, _)| key.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(of("[Timeout]"), ["MemorySize"]);
        assert!(of("'*'").is_empty());
    }

    #[test]
    fn maps_are_merged_lists_joined_and_functions_replaced() {
        let text = "Globals: {Function: {Timeout: 5, Tags: {a: 1, b: 2}, Layers: [x], Role: !Ref A}}
Resources: {F: {Type: AWS::Serverless::Function, Properties: {Tags: {b: 3}, Layers: [y], Role: !Ref B}}}";
        let root = parse(text).unwrap();
        let mut resource = Resource::all(&root).remove(0);
        apply(&root, &mut resource);
        let of = |key: &str| resource.properties.get(key).unwrap();
        assert_eq!(of("Timeout").as_text(), Some("5"));
        assert_eq!(of("Tags").get("a").unwrap().as_text(), Some("1"));
        assert_eq!(of("Tags").get("b").unwrap().as_text(), Some("3"));
        assert_eq!(of("Layers").items().len(), 2);
        assert_eq!(of("Role").get("Ref").unwrap().as_text(), Some("B"));
    }
}
