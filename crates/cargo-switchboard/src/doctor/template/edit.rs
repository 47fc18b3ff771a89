//! Changes the text of a template. Everything else in it stays as it is written: comments, order, formatting.

use std::str::FromStr;

use yaml_edit::{Document, Mapping, YamlNode};

use super::node::{Node, NodeKind};
use super::parse::parse;
use crate::doctor::place::Place;
use crate::doctor::rules::{Edit, Fix};

/// A fix whose place is known by its path, which stays the same when lines are added before it.
#[derive(Debug)]
pub(crate) struct PlacedFix {
    path: Vec<String>,
    edits: Vec<Edit>,
}

impl PlacedFix {
    /// The first of `fixes` that fits what the template has there.
    pub(crate) fn of(text: &str, fixes: &[Fix]) -> Option<Self> {
        let root = parse(text).ok()?;
        fixes.iter().find_map(|fix| {
            let path = path_to(root.get("Resources")?, fix.at)?;
            let path: Vec<String> = std::iter::once("Resources".to_owned()).chain(path).collect();
            let node = at(&root, &path)?;
            let kind = node.get("Type").and_then(Node::as_text);
            let kind = kind.or(path.last().map(String::as_str))?;
            let edits = fix.edits.clone();
            fix.kinds.contains(&kind).then_some(Self { path, edits })
        })
    }

    /// The text with this fix; `None` if what is written there cannot be changed without a decision.
    pub(crate) fn apply(&self, text: &str) -> Option<String> {
        // The library ends the lines that it adds as Unix does.
        let windows = text.contains("\r\n");
        let unix = match windows {
            true => text.replace("\r\n", "\n"),
            false => text.to_owned(),
        };
        let mut edits = self.edits.iter();
        let changed = edits.try_fold(unix, |text, edit| self.edit(&text, edit))?;
        Some(match windows {
            true => changed.replace('\n', "\r\n"),
            false => changed,
        })
    }

    fn edit(&self, text: &str, edit: &Edit) -> Option<String> {
        let below = |path: &str| -> Vec<String> {
            let own = path.split('.').filter(|key| !key.is_empty()).map(str::to_owned);
            self.path.iter().cloned().chain(own).collect()
        };
        match edit {
            Edit::Set { path, yaml } => set(text, &below(path), yaml),
            Edit::Append { path, yaml } => append(text, &below(path), yaml),
            Edit::Remove { path } => remove(text, &below(path)),
            Edit::Add { id, yaml } => {
                let path = ["Resources".to_owned(), id.clone()];
                at(&parse(text).ok()?, &path)
                    .is_none()
                    .then(|| set(text, &path, yaml))?
            }
        }
    }
}

/// The path to the node at this place, through maps only.
fn path_to(node: &Node, place: Place) -> Option<Vec<String>> {
    node.entries().iter().find_map(|(key, node)| {
        let below = match node.at == place {
            true => Some(Vec::new()),
            false => path_to(node, place),
        };
        below.map(|below| std::iter::once(key.clone()).chain(below).collect())
    })
}

fn at<'n>(root: &'n Node, path: &[String]) -> Option<&'n Node> {
    path.iter().try_fold(root, |node, key| node.get(key))
}

/// How many keys of the path lead to maps that are there.
fn depth(root: &Node, path: &[String]) -> usize {
    let mut node = root;
    let mut depth = 0;
    for key in path {
        match node.get(key) {
            Some(next) if matches!(next.kind, NodeKind::Map(_)) && next.function().is_none() => node = next,
            _ => break,
        }
        depth += 1;
    }
    depth
}

fn set(text: &str, path: &[String], yaml: &str) -> Option<String> {
    let root = parse(text).ok()?;
    let there = depth(&root, path);
    let (parents, key) = (path.get(..there)?, path.get(there)?);
    let replaced = at(&root, &path[..=there]).is_none_or(|node| match node.kind {
        NodeKind::Null => true,
        NodeKind::Text(_) => there + 1 == path.len(),
        NodeKind::List(_) | NodeKind::Map(_) => false,
    });
    if !replaced {
        return None;
    }
    let value = nested(path.get(there + 1..)?, yaml);
    let (written, meant) = (snippet(&value)?, parse(&value).ok()?);
    let edit = |map: &Mapping| {
        map.set(&**key, written);
        Some(())
    };
    changed(text, &root, parents, edit, |node| node.set(key, meant))
}

fn append(text: &str, path: &[String], yaml: &str) -> Option<String> {
    let root = parse(text).ok()?;
    let Some(list) = at(&root, path) else {
        let item = yaml.trim_end().replace('\n', "\n  ");
        return set(text, path, &format!("- {item}\n"));
    };
    let (key, parents) = path.split_last()?;
    let NodeKind::List(items) = &list.kind else {
        return None;
    };
    let mut items = items.clone();
    items.push(parse(yaml).ok()?);
    let list = Node {
        at: list.at,
        kind: NodeKind::List(items),
    };
    let written = snippet(yaml)?;
    let edit = |map: &Mapping| {
        map.get_sequence(&**key)?.push(written);
        Some(())
    };
    changed(text, &root, parents, edit, |node| node.set(key, list))
}

fn remove(text: &str, path: &[String]) -> Option<String> {
    let root = parse(text).ok()?;
    let (key, parents) = path.split_last()?;
    let without = |node: &mut Node| {
        if let NodeKind::Map(entries) = &mut node.kind {
            entries.retain(|(name, _)| name != key);
        }
    };
    changed(text, &root, parents, |map| map.remove(&**key).map(drop), without)
}

/// The text with a change of the map at `path`, if it means what it should: the same tree with the same change.
fn changed(
    text: &str,
    root: &Node,
    path: &[String],
    edit: impl FnOnce(&Mapping) -> Option<()>,
    meant: impl FnOnce(&mut Node),
) -> Option<String> {
    let document = Document::from_str(text).ok()?;
    let map = path
        .iter()
        .try_fold(document.as_mapping()?, |map, key| map.get_mapping(&**key))?;
    edit(&map)?;
    let written = document.to_string();
    let mut expected = root.clone();
    let mut node = &mut expected;
    for key in path {
        let NodeKind::Map(entries) = &mut node.kind else {
            return None;
        };
        node = entries
            .iter_mut()
            .find(|(name, _)| name == key)
            .map(|(_, node)| node)?;
    }
    meant(node);
    same(&parse(&written).ok()?, &expected).then_some(written)
}

/// A value below further keys.
fn nested(keys: &[String], yaml: &str) -> String {
    keys.iter().rev().fold(yaml.to_owned(), |yaml, key| {
        match yaml.trim_end().contains('\n') || is_block(&yaml) {
            true => format!("{key}:\n  {}\n", yaml.trim_end().replace('\n', "\n  ")),
            false => format!("{key}: {}\n", yaml.trim_end()),
        }
    })
}

/// Whether a line of YAML is a map or a list that needs lines of its own.
fn is_block(yaml: &str) -> bool {
    let yaml = yaml.trim_end();
    let flow = yaml.starts_with(['{', '[', '\'', '"', '!']);
    !flow && (yaml.starts_with("- ") || yaml.contains(": ") || yaml.ends_with(':'))
}

fn snippet(yaml: &str) -> Option<YamlNode> {
    let text = match is_block(yaml) || yaml.trim_end().contains('\n') {
        true => format!("k:\n  {}\n", yaml.trim_end().replace('\n', "\n  ")),
        false => format!("k: {}\n", yaml.trim_end()),
    };
    Document::from_str(&text).ok()?.as_mapping()?.get("k")
}

/// Whether both trees have the same content, at whatever places.
fn same(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (NodeKind::Null, NodeKind::Null) => true,
        (NodeKind::Text(a), NodeKind::Text(b)) => a == b,
        (NodeKind::List(a), NodeKind::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (NodeKind::Map(a), NodeKind::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && same(&a.1, &b.1))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "\
# Orders.
Resources:
  Orders:   # the function
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 10   # seconds
      MemorySize: !Ref Memory
      Events:
        Jobs:
          Type: SQS
          Properties:
            Queue: !GetAtt Jobs.Arn

  # Its queue.
  Jobs: { Type: AWS::SQS::Queue, Properties: { VisibilityTimeout: 30 } }

  Empty:
    Type: AWS::SQS::Queue
    Properties:
  Bare:
    Type: AWS::SQS::Queue
Outputs: {}
";

    /// The lines that go and the lines that come, with the edits below this path.
    fn lines(text: &str, path: &str, edits: &[Edit]) -> Option<(Vec<String>, Vec<String>)> {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        let edits = edits.to_vec();
        let changed = PlacedFix { path, edits }.apply(text)?;
        let of = |a: &str, b: &str| -> Vec<String> {
            let has: Vec<&str> = b.split_inclusive('\n').collect();
            let gone = a.split_inclusive('\n').filter(|line| !has.contains(line));
            gone.map(str::to_owned).collect()
        };
        Some((of(text, &changed), of(&changed, text)))
    }

    fn one(text: &str, path: &str, edit: Edit) -> Option<(Vec<String>, Vec<String>)> {
        lines(text, path, &[edit])
    }

    fn is(gone: &[&str], came: &[&str]) -> Option<(Vec<String>, Vec<String>)> {
        let owned = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect();
        Some((owned(gone), owned(came)))
    }

    #[test]
    fn a_property_is_set_where_it_belongs() {
        let set = Edit::set("Properties.FunctionResponseTypes", "[ReportBatchItemFailures]");
        assert_eq!(
            one(TEMPLATE, "Resources.Orders.Properties.Events.Jobs", set),
            is(
                &[],
                &["            FunctionResponseTypes: [ReportBatchItemFailures]"]
            )
        );
        assert_eq!(
            one(TEMPLATE, "Resources.Orders", Edit::set("Properties.Timeout", 60)),
            is(
                &["      Timeout: 10   # seconds"],
                &["      Timeout: 60   # seconds"]
            )
        );
        assert_eq!(
            one(
                TEMPLATE,
                "Resources.Jobs",
                Edit::set("Properties.VisibilityTimeout", 60)
            ),
            is(
                &["  Jobs: { Type: AWS::SQS::Queue, Properties: { VisibilityTimeout: 30 } }"],
                &["  Jobs: { Type: AWS::SQS::Queue, Properties: { VisibilityTimeout: 60 } }"]
            )
        );
        let deep = Edit::set(
            "Properties.EventInvokeConfig.DestinationConfig.OnFailure",
            "{ Type: SQS }",
        );
        assert_eq!(
            one(TEMPLATE, "Resources.Orders", deep),
            is(
                &[],
                &[
                    "      EventInvokeConfig:",
                    "        DestinationConfig:",
                    "          OnFailure: { Type: SQS }"
                ]
            )
        );
        for resource in ["Resources.Empty", "Resources.Bare"] {
            let (gone, came) = one(TEMPLATE, resource, Edit::set("Properties.DelaySeconds", 1)).unwrap();
            assert!(gone.is_empty(), "{gone:?}");
            assert!(came.contains(&"      DelaySeconds: 1\n".to_owned()), "{came:?}");
        }
    }

    #[test]
    fn lists_grow_and_resources_come_last() {
        let add = |text: &str| {
            let append = Edit::append("Properties.Policies", "Statement:\n  - Effect: Allow\n");
            one(text, "Resources.Orders", append)
        };
        assert_eq!(
            add(TEMPLATE),
            is(
                &[],
                &[
                    "      Policies:",
                    "        - Statement:",
                    "            - Effect: Allow"
                ]
            )
        );
        let listed = TEMPLATE.replace(
            "      Timeout",
            "      Policies:\n        - A   # first\n      Timeout",
        );
        assert_eq!(
            add(&listed),
            is(&[], &["        - Statement:", "            - Effect: Allow"])
        );
        let queue = lines(TEMPLATE, "Resources.Orders", &[Edit::add_queue("Failed", true)]);
        assert_eq!(
            queue,
            is(
                &[],
                &[
                    "  Failed:",
                    "      FifoQueue: true",
                    "      MessageRetentionPeriod: 1209600"
                ]
            )
        );
        assert_eq!(
            one(TEMPLATE, "Resources.Orders", Edit::add_queue("Jobs", false)),
            None
        );
    }

    #[test]
    fn a_property_is_removed_alone() {
        assert_eq!(
            one(
                TEMPLATE,
                "Resources.Orders",
                Edit::remove("Properties.MemorySize")
            ),
            is(&["      MemorySize: !Ref Memory"], &[])
        );
    }

    #[test]
    fn what_comes_from_somewhere_else_is_left_alone() {
        assert_eq!(
            one(
                TEMPLATE,
                "Resources.Orders",
                Edit::set("Properties.MemorySize", 1)
            ),
            None
        );
        let shared = "x: &x { A: 1 }\nResources:\n  Q: { Type: T, Properties: *x }\n  R: { Type: T, Properties: *x }\n";
        assert_eq!(one(shared, "Resources.Q", Edit::set("Properties.A", 2)), None);
        let twice = "Resources:\n  Q:\n    Properties:\n      A: 1\n      A: 2\n";
        assert_eq!(one(twice, "Resources.Q", Edit::set("Properties.A", 3)), None);
    }

    #[test]
    fn lines_end_as_before() {
        let windows = TEMPLATE.replace('\n', "\r\n");
        let (gone, came) = one(&windows, "Resources.Orders", Edit::set("Properties.X", 1)).unwrap();
        assert_eq!((gone.len(), came), (0, vec!["      X: 1\r\n".to_owned()]));
    }
}
