//! Reads YAML and JSON (which is YAML too), with CloudFormation's short tags.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::indent::{Indented, indented};
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
    Ok(parse_with(text)?.0)
}

/// The tree of the one document in `text`, and the keys that a map has twice, of which the last one counts.
///
/// # Errors
/// As for [`parse`].
pub(super) fn parse_with(text: &str) -> Result<(Node, Vec<(String, Place)>), Error> {
    let plain = Builder::default().read(text);
    let Err(error) = plain else { return plain };
    // The parsers of CloudFormation and SAM take brackets that are closed at the indentation of their parent.
    let Some(indented) = indented(text) else {
        return Err(error);
    };
    let again = Builder {
        indented: Some(&indented),
        ..Builder::default()
    };
    again.read(&indented.text).map_err(|_| error)
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
struct Builder<'i> {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    root: Option<Node>,
    duplicates: Vec<(String, Place)>,
    /// What was indented further before it was parsed.
    indented: Option<&'i Indented>,
}

impl Builder<'_> {
    fn read(mut self, text: &str) -> Result<(Node, Vec<(String, Place)>), Error> {
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                let mark = error.marker();
                let at = Place {
                    line: mark.line(),
                    column: mark.col() + 1,
                };
                refuse(at, error.info())
            })?;
            self.take(event, span)?;
        }
        let root = self.root.ok_or_else(|| Error::other("the template is empty"))?;
        Ok((root, self.duplicates))
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Error> {
        let (line, column) = (span.start.line(), span.start.col() + 1);
        let by = self.indented.map_or(0, |indented| indented.by(line));
        let at = Place {
            line,
            column: column.saturating_sub(by).max(1),
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

    /// A map with the last value of each key.
    fn each_once(&mut self, kind: NodeKind) -> NodeKind {
        let NodeKind::Map(mut entries) = kind else {
            return kind;
        };
        let mut last: HashMap<String, usize> = HashMap::new();
        for (place, (key, _)) in entries.iter().enumerate().filter(|(_, (key, _))| key != "<<") {
            last.insert(key.clone(), place);
        }
        let mut place = 0;
        entries.retain(|(key, node)| {
            let counts = last.get(key).is_none_or(|last| *last == place);
            place += 1;
            if !counts {
                self.duplicates.push((key.clone(), node.at));
            }
            counts
        });
        NodeKind::Map(entries)
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
        let kind = merged(self.each_once(kind));
        self.node(Node { at, kind }, anchor, tag)
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
                None => open.key = Some(key(node)?),
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

fn key(node: Node) -> Result<(String, Place), Error> {
    match node.kind {
        NodeKind::Text(key) => Ok((key, node.at)),
        _ => Err(refuse(node.at, "a key must be a string")),
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
    fn the_last_of_equal_keys_counts() {
        let (tree, twice) = parse_with("a: 1\nb: 3\na: 2\n").unwrap();
        assert_eq!(bare(&tree), "{b:3,a:2}");
        assert_eq!(twice, [("a".to_owned(), Place { line: 1, column: 1 })]);
    }

    #[test]
    fn a_bracket_may_be_closed_at_the_indentation_of_its_parent() {
        let text = "a:\n  b: [\n  1,\n{c: 2}\n  ]\n  d: {\n    e: 'x ] y',  # ]\n  }\nf:\n- {\n  g: |\n  }\n";
        let text = text.replace("g: |\n", "g: 3\n");
        let tree = parse(&text).unwrap();
        assert_eq!(bare(&tree), "{a:{b:[1,{c:2}],d:{e:x ] y}},f:[{g:3}]}");
        let c = &tree.get("a").unwrap().get("b").unwrap().items()[1];
        assert_eq!(c.at, Place { line: 4, column: 1 });
        let quoted = "a:\n  b: 'it''s\nmore'\n  c: !Sub \"x \\\" [\ny\"\n  d: [1,\n2]\n";
        assert_eq!(
            bare(parse(quoted).unwrap().get("a").unwrap()),
            "{b:it's more,c:{Fn::Sub:x \" [ y},d:[1,2]}"
        );
        let refused = parse("a: [\n1\n").unwrap_err().to_string();
        assert!(refused.starts_with("line "), "{refused}");
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
