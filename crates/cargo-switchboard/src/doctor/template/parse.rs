//! Reads YAML and JSON (which is YAML too), with CloudFormation's short tags.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::node::{Node, NodeKind};
use crate::Error;
use crate::doctor::place::Place;

/// The maximum depth, more than CloudFormation accepts.
const DEPTH: usize = 128;
/// The maximum number of nodes, more than a template of 1 MB (CloudFormation's limit) can have. Aliases could create any number.
const NODES: usize = 1 << 20;

/// The tree of the one document in `text`.
///
/// # Errors
/// If the text is not YAML or cannot be a template. The message has the line and column.
pub(super) fn parse(text: &str) -> Result<Node, Error> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let mark = error.marker();
            refuse(
                Place {
                    line: mark.line(),
                    column: mark.col() + 1,
                },
                error.info(),
            )
        })?;
        builder.take(event, span)?;
    }
    builder.root.ok_or_else(|| Error::other("the template is empty"))
}

fn refuse(at: Place, what: &str) -> Error {
    Error::other(format!("line {}, column {}: {what}", at.line, at.column))
}

/// A list or map that is being read.
struct Open {
    at: Place,
    anchor: usize,
    tag: Option<String>,
    kind: NodeKind,
    /// The key of a map whose value comes next.
    key: Option<(String, Place)>,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Error> {
        let at = Place {
            line: span.start.line(),
            column: span.start.col() + 1,
        };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let kind = match style {
                    ScalarStyle::Plain if matches!(&*text, "" | "~" | "null" | "Null" | "NULL") => {
                        NodeKind::Null
                    }
                    _ => NodeKind::Text(text.into_owned()),
                };
                self.node(Node { at, kind }, anchor, short(tag.as_deref()))
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(at, anchor, tag.as_deref(), NodeKind::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.begin(at, anchor, tag.as_deref(), NodeKind::Map(Vec::new()))
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let node = node.ok_or_else(|| refuse(at, "an alias inside its own anchor"))?;
                self.nodes += size(&node);
                self.node(Node { at, ..node }, 0, None)
            }
            Event::DocumentStart(_) if self.root.is_some() => Err(refuse(
                at,
                "a second document starts here, but a template is a single document",
            )),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, at: Place, anchor: usize, tag: Option<&Tag>, kind: NodeKind) -> Result<(), Error> {
        if self.open.len() == DEPTH {
            return Err(refuse(at, "the template nests too deeply"));
        }
        let tag = short(tag);
        self.open.push(Open {
            at,
            anchor,
            tag,
            kind,
            key: None,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some(Open {
            at,
            anchor,
            tag,
            kind,
            ..
        }) = self.open.pop()
        else {
            return Ok(());
        };
        self.node(
            Node {
                at,
                kind: merged(kind),
            },
            anchor,
            tag,
        )
    }

    /// Adds a complete node to its parent.
    fn node(&mut self, node: Node, anchor: usize, tag: Option<String>) -> Result<(), Error> {
        let node = match tag {
            Some(tag) => tagged(&tag, node),
            None => node,
        };
        self.nodes += 1;
        if self.nodes > NODES {
            return Err(refuse(node.at, "the template has too many nodes"));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.kind {
            NodeKind::List(items) => items.push(node),
            NodeKind::Map(entries) => match open.key.take() {
                Some((key, at)) => entries.push((key, Node { at, ..node })),
                None => open.key = Some(key(entries, node)?),
            },
            NodeKind::Null | NodeKind::Text(_) => {}
        }
        Ok(())
    }
}

fn size(node: &Node) -> usize {
    let below: usize = match &node.kind {
        NodeKind::List(items) => items.iter().map(size).sum(),
        NodeKind::Map(entries) => entries.iter().map(|(_, node)| size(node)).sum(),
        NodeKind::Null | NodeKind::Text(_) => 0,
    };
    below + 1
}

fn key(entries: &[(String, Node)], node: Node) -> Result<(String, Place), Error> {
    let NodeKind::Text(key) = node.kind else {
        return Err(refuse(node.at, "a key must be a string"));
    };
    match entries.iter().any(|(known, _)| *known == key) && key != "<<" {
        true => Err(refuse(node.at, &format!("duplicate key {key}"))),
        false => Ok((key, node.at)),
    }
}

/// Merge keys (`<<: *anchor`) add the entries that the map does not have.
fn merged(kind: NodeKind) -> NodeKind {
    let NodeKind::Map(mut entries) = kind else {
        return kind;
    };
    while let Some(place) = entries.iter().position(|(key, _)| key == "<<") {
        let (_, merge) = entries.remove(place);
        for (key, node) in merge.items().iter().flat_map(Node::entries) {
            if !entries.iter().any(|(known, _)| known == key) {
                entries.push((key.clone(), node.clone()));
            }
        }
    }
    NodeKind::Map(entries)
}

/// The name of a tag such as `!Ref`. YAML's own tags are ignored.
fn short(tag: Option<&Tag>) -> Option<String> {
    tag.filter(|tag| tag.handle == "!").map(|tag| tag.suffix.clone())
}

/// The long form of a short tag.
fn tagged(tag: &str, node: Node) -> Node {
    let at = node.at;
    let (name, node) = match (tag, node.as_text()) {
        ("Ref" | "Condition", _) => (tag.to_owned(), node),
        ("GetAtt", Some(text)) => {
            let (id, attribute) = text.split_once('.').unwrap_or((text, ""));
            let parts = [Node::text(at, id), Node::text(at, attribute)];
            ("Fn::GetAtt".to_owned(), Node::list(at, parts))
        }
        _ => (format!("Fn::{tag}"), node),
    };
    Node::map(at, [(&*name, node)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_tags_become_long() {
        let tree = parse("a: !Ref B\nc: !GetAtt D.E.F\ng: !If [H, !Sub \"${I}\", null]\n").unwrap();
        let long = r#"{"a": {"Ref": "B"}, "c": {"Fn::GetAtt": ["D", "E.F"]},
            "g": {"Fn::If": ["H", {"Fn::Sub": "${I}"}, null]}}"#;
        assert_eq!(bare(&tree), bare(&parse(long).unwrap()));
    }

    #[test]
    fn json_with_tabs_is_read() {
        let tree = parse("{\n\t\"a\": [\n\t\t1,\n\t\ttrue\n\t]\n}\n").unwrap();
        assert_eq!(bare(&tree), "{a:[1,true]}");
    }

    #[test]
    fn places_are_those_of_the_keys() {
        let tree = parse("a:\n  b:\n    - c: 1\n").unwrap();
        let b = tree.get("a").unwrap().get("b").unwrap();
        assert_eq!(b.at, Place { line: 2, column: 3 });
        assert_eq!(b.items()[0].at, Place { line: 3, column: 7 });
    }

    #[test]
    fn anchors_and_merge_keys_are_followed() {
        let tree = parse("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n").unwrap();
        assert_eq!(bare(tree.get("d").unwrap()), "{c:3,b:1}");
    }

    #[test]
    fn what_no_template_looks_like_is_refused_with_its_place() {
        let mut laughs = "a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n".to_owned();
        for (this, last) in ('b'..='i').zip('a'..) {
            let aliases = vec![format!("*{last}"); 10].join(", ");
            laughs.push_str(&format!("{this}: &{this} [{aliases}]\n"));
        }
        let cases = [
            ("a: [", "line 2, column 1"),
            ("a: 1\na: 2\n", "line 2, column 1: duplicate key a"),
            ("? [a]\n: b\n", "line 1, column 3: a key must be a string"),
            ("a: 1\n---\nb: 2\n", "line 2, column 1"),
            ("", "the template is empty"),
            (
                &"[".repeat(200),
                "line 1, column 129: the template nests too deeply",
            ),
            (&laughs, "line 6"),
        ];
        for (text, message) in cases {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    /// The tree without its places.
    fn bare(node: &Node) -> String {
        match &node.kind {
            NodeKind::Null => "null".to_owned(),
            NodeKind::Text(text) => text.clone(),
            NodeKind::List(items) => format!("[{}]", items.iter().map(bare).collect::<Vec<_>>().join(",")),
            NodeKind::Map(entries) => {
                let entries = entries.iter().map(|(key, node)| format!("{key}:{}", bare(node)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
            }
        }
    }
}
