//! Parts of a template that are in files of their own: what `AWS::Include` adds, and the OpenAPI documents of APIs.

use std::collections::HashMap;

use super::node::{Node, NodeKind};
use super::parse::parse;
use super::resource::Resource;
use super::scope::Scope;
use crate::doctor::deployment::Unread;
use crate::doctor::place::Place;
use crate::doctor::text::is_known;

/// The text of a local file, by its path from the directory of the template, or why it cannot be read.
pub(crate) type Files<'f> = &'f dyn Fn(&str) -> Result<String, String>;

/// The key of a macro in the middle of a template.
pub(super) const TRANSFORM: &str = "Fn::Transform";
const INCLUDE: &str = "AWS::Include";
/// The APIs that take a document from elsewhere, and the property that says from where.
const APIS: [&str; 2] = ["AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"];
pub(super) const LOCATION: &str = "BodyS3Location";

/// Whether this names the macro that includes files.
pub(super) fn is_include(node: &Node) -> bool {
    node.get("Name").and_then(Node::as_text) == Some(INCLUDE)
}

/// The template with everything that it includes from local files, and what could not be included.
pub(super) fn expand(
    root: Node,
    parameters: &HashMap<String, String>,
    files: Files<'_>,
) -> (Node, Vec<Unread>) {
    let whole = root.get("Transform").map_or(&[][..], Node::items);
    if !whole.iter().any(is_include) && !has_include(&root) {
        return (root, Vec::new());
    }
    let none: [Resource; 0] = [];
    let scope = Scope::new(&root, &none, parameters);
    let mut expander = IncludeExpander {
        scope,
        files,
        unread: Vec::new(),
    };
    let mut expanded = expander.sections(&root);
    for include in whole.iter().filter(|node| is_include(node)) {
        if let Some(content) = expander.content(include, "Transform", include.at) {
            merge_sections(&mut expanded, content);
        }
    }
    let unread = expander.unread;
    (expanded, unread)
}

/// Gives the APIs whose document is in a local file that document, and says whose could not be read.
pub(super) fn documents(
    root: &Node,
    resources: &mut [Resource],
    parameters: &HashMap<String, String>,
    files: Files<'_>,
) -> Vec<Unread> {
    let mut unread = Vec::new();
    let mut bodies = Vec::new();
    let scope = Scope::new(root, resources, parameters);
    for (place, api) in resources.iter().enumerate() {
        let location = api.properties.get(LOCATION);
        let Some(location) = location.filter(|_| APIS.contains(&&*api.kind) && scope.exists(api)) else {
            continue;
        };
        let Some(value) = scope.value(location) else {
            continue;
        };
        // A document that API Gateway gets from a bucket is taken as it is written.
        let mut note = |reason: String, triggers: bool| {
            unread.push(Unread {
                label: api.id.clone(),
                reason,
                triggers,
                permits: false,
            });
        };
        match read(value.as_text(), location.at, files) {
            Ok((name, body)) => {
                if has_functions(&body) {
                    note(
                        format!(
                            "{name} has intrinsic functions, which AWS evaluates only in what a DefinitionBody includes (AWS::Include)"
                        ),
                        false,
                    );
                }
                bodies.push((place, body));
            }
            Err(reason) => note(format!("its document {reason}"), true),
        }
    }
    for (place, body) in bodies {
        resources[place].properties.set("Body", body);
    }
    unread
}

fn has_include(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Map(entries) => entries
            .iter()
            .any(|(key, node)| key == TRANSFORM && node.items().iter().any(is_include) || has_include(node)),
        NodeKind::List(items) => items.iter().any(has_include),
        NodeKind::Null | NodeKind::Text(_) => false,
    }
}

fn has_functions(node: &Node) -> bool {
    node.function().is_some()
        || match &node.kind {
            NodeKind::Map(entries) => entries.iter().any(|(_, node)| has_functions(node)),
            NodeKind::List(items) => items.iter().any(has_functions),
            NodeKind::Null | NodeKind::Text(_) => false,
        }
}

/// The name and the content of the file at `location`, as if it were at `at`.
fn read(location: Option<&str>, at: Place, files: Files<'_>) -> Result<(String, Node), String> {
    let location = location.filter(|text| is_known(text));
    let name = location.ok_or("is in a place that is not known, and is not read")?;
    if name.contains("://") {
        return Err(format!("{name} is not a local file, and is not read"));
    }
    let text = files(name).map_err(|error| format!("{name} cannot be read: {error}"))?;
    let content = parse(&text).map_err(|error| format!("{name} cannot be read: {error}"))?;
    Ok((name.to_owned(), placed(content, at)))
}

/// The same tree, with every node at `at`: places in another file would be taken for places in the template.
fn placed(node: Node, at: Place) -> Node {
    let kind = match node.kind {
        NodeKind::List(items) => NodeKind::List(items.into_iter().map(|item| placed(item, at)).collect()),
        NodeKind::Map(entries) => {
            let entries = entries.into_iter().map(|(key, node)| (key, placed(node, at)));
            NodeKind::Map(entries.collect())
        }
        kind => kind,
    };
    Node { at, kind }
}

/// Adds entries that are not there yet.
fn add(entries: &mut Vec<(String, Node)>, more: Vec<(String, Node)>) {
    for (key, node) in more {
        if !entries.iter().any(|(own, _)| *own == key) {
            entries.push((key, node));
        }
    }
}

fn merge_sections(root: &mut Node, content: Node) {
    let (NodeKind::Map(sections), NodeKind::Map(more)) = (&mut root.kind, content.kind) else {
        return;
    };
    for (name, section) in more {
        let own = sections.iter_mut().find(|(own, _)| *own == name);
        match (own.map(|(_, own)| &mut own.kind), section.kind) {
            (Some(NodeKind::Map(entries)), NodeKind::Map(more)) => add(entries, more),
            (Some(_), _) => {}
            (None, kind) => sections.push((name, Node { at: section.at, kind })),
        }
    }
}

struct IncludeExpander<'t> {
    scope: Scope<'t>,
    files: Files<'t>,
    unread: Vec<Unread>,
}

impl IncludeExpander<'_> {
    /// The sections of a template. What is in a resource is named after it.
    fn sections(&mut self, root: &Node) -> Node {
        let sections = root.entries().iter().map(|(name, section)| {
            let expanded = match name.as_str() {
                "Resources" => self.map(section, None),
                name => self.node(section, name),
            };
            (name.clone(), expanded)
        });
        let kind = NodeKind::Map(sections.collect());
        Node { at: root.at, kind }
    }

    fn node(&mut self, node: &Node, label: &str) -> Node {
        let kind = match &node.kind {
            NodeKind::List(items) => {
                NodeKind::List(items.iter().map(|item| self.node(item, label)).collect())
            }
            NodeKind::Map(_) => return self.map(node, Some(label)),
            kind => kind.clone(),
        };
        Node { at: node.at, kind }
    }

    /// A map, each of whose entries is named by its key if there is no label.
    fn map(&mut self, node: &Node, label: Option<&str>) -> Node {
        let mut entries: Vec<(String, Node)> = Vec::new();
        let mut included = Vec::new();
        for (key, entry) in node.entries() {
            if key != TRANSFORM || !entry.items().iter().any(is_include) {
                entries.push((key.clone(), self.node(entry, label.unwrap_or(key))));
                continue;
            }
            for include in entry.items() {
                match self.content(include, label.unwrap_or(TRANSFORM), entry.at) {
                    Some(content) => included.push(content),
                    // It stays, so that nothing is taken for absent.
                    None => entries.push((TRANSFORM.to_owned(), entry.clone())),
                }
            }
        }
        for content in included {
            match content.kind {
                NodeKind::Map(more) => add(&mut entries, more),
                // Anything but a map is the whole content.
                kind if entries.is_empty() => return Node { at: node.at, kind },
                _ => {}
            }
        }
        let kind = match &node.kind {
            NodeKind::Map(_) => NodeKind::Map(entries),
            kind => kind.clone(),
        };
        Node { at: node.at, kind }
    }

    /// What a use of the macro includes; `None` if that cannot be read, which is noted.
    fn content(&mut self, include: &Node, label: &str, at: Place) -> Option<Node> {
        let location = include.get("Parameters").and_then(|given| given.get("Location"));
        let location = location.and_then(|location| self.scope.value(location));
        let read = match is_include(include) {
            true => read(
                location.as_ref().and_then(|location| location.as_text()),
                at,
                self.files,
            ),
            false => Err("is another macro's".to_owned()),
        };
        match read {
            Ok((name, content)) if has_include(&content) => {
                self.note(
                    label,
                    format!("{name}, which it includes, includes more, which is not read"),
                );
                Some(content)
            }
            Ok((_, content)) => Some(content),
            Err(reason) => {
                self.note(label, format!("its include {reason}"));
                None
            }
        }
    }

    fn note(&mut self, label: &str, reason: String) {
        self.unread.push(Unread {
            label: label.to_owned(),
            reason,
            triggers: true,
            permits: true,
        });
    }
}
