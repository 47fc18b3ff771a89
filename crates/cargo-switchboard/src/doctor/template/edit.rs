//! Changes the text of a template. Everything else in it stays as it is written: comments, order, formatting.

use std::str::FromStr;

use yaml_edit::{Document, Mapping, YamlNode};

use super::node::{Node, NodeKind};
use super::parse::parse;
use super::references::conditions;
use crate::doctor::place::Place;
use crate::doctor::rules::{Edit, Fix};

/// A fix whose places are known by their paths, which stay the same when lines are added before them.
#[derive(Debug)]
pub(crate) struct PlacedFix {
    path: Vec<String>,
    edits: Vec<Edit>,
    /// The paths to the resources that have to wait, and for what.
    waits: Vec<(Vec<String>, String)>,
}

/// Why a fix is not made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    /// What is written there cannot be changed without a decision.
    Written,
    /// What it refers to exists under several conditions.
    Conditions,
    /// Resources would depend on each other in a circle.
    Circular,
}

impl Refusal {
    /// What to say of it; `None` for what needs no explanation.
    pub(crate) fn because(self) -> Option<&'static str> {
        match self {
            Self::Written => None,
            Self::Conditions => Some("what it refers to exists under several conditions"),
            Self::Circular => Some("its resources would depend on each other in a circle"),
        }
    }
}

impl PlacedFix {
    /// Those of `fixes` that fit what the template has at their places, the best one first.
    pub(crate) fn all(text: &str, fixes: &[Fix]) -> Vec<Self> {
        let Ok(root) = parse(text) else {
            return Vec::new();
        };
        let placed = fixes.iter().filter_map(|fix| {
            let path = in_resources(&root, fix.at)?;
            let node = at(&root, &path)?;
            let kind = node.get("Type").and_then(Node::as_text);
            let kind = kind.or(path.last().map(String::as_str))?;
            let (mut edits, mut waits) = (Vec::new(), Vec::new());
            for edit in &fix.edits {
                match edit {
                    // Only a resource can wait: SAM writes the mapping of an event by itself.
                    Edit::Wait { at, id } => {
                        let path = in_resources(&root, *at).filter(|path| path.len() == 2)?;
                        waits.push((path, id.clone()));
                    }
                    edit => edits.push(edit.clone()),
                }
            }
            fix.kinds.contains(&kind).then_some(Self { path, edits, waits })
        });
        placed.collect()
    }

    /// The text with this fix.
    ///
    /// # Errors
    /// If it cannot be made without a decision.
    pub(crate) fn apply(&self, text: &str) -> Result<String, Refusal> {
        // The library ends the lines that it adds as Unix does.
        let windows = text.contains("\r\n");
        let unix = match windows {
            true => text.replace("\r\n", "\n"),
            false => text.to_owned(),
        };
        let mut edits = self.edits.iter();
        let changed = edits.try_fold(unix, |text, edit| self.edit(&text, edit))?;
        let mut waits = self.waits.iter();
        let changed = waits.try_fold(changed, |text, (path, id)| {
            wait(&text, path, id).ok_or(Refusal::Written)
        })?;
        Ok(match windows {
            true => changed.replace('\n', "\r\n"),
            false => changed,
        })
    }

    fn edit(&self, text: &str, edit: &Edit) -> Result<String, Refusal> {
        let below = |path: &str| -> Vec<String> {
            let own = path.split('.').filter(|key| !key.is_empty()).map(str::to_owned);
            self.path.iter().cloned().chain(own).collect()
        };
        let changed = match edit {
            Edit::Set { path, yaml } => set(text, &below(path), &self.conditional(text, yaml)?),
            Edit::Append { path, yaml } => append(text, &below(path), &self.conditional(text, yaml)?),
            Edit::Remove { path } => remove(text, &below(path)),
            Edit::Add { id, yaml } => add(text, id, &self.conditioned(text, yaml)?),
            Edit::Wait { .. } => None,
        };
        changed.ok_or(Refusal::Written)
    }

    /// The condition of the resource that is changed.
    fn condition(&self, root: &Node) -> Option<String> {
        let resource = at(root, self.path.get(..2)?)?;
        Some(resource.get("Condition")?.as_text()?.to_owned())
    }

    /// A value that is only there if what it refers to exists.
    fn conditional(&self, text: &str, yaml: &str) -> Result<String, Refusal> {
        let (root, value) = (parsed(text)?, parsed(yaml)?);
        let own = self.condition(&root);
        let mut conditions = conditions(&root, &value);
        conditions.retain(|condition| own.as_ref() != Some(condition));
        match &conditions[..] {
            [] => Ok(yaml.to_owned()),
            [one] => Ok(format!(
                "Fn::If:\n  - {one}\n  - {}\n  - !Ref AWS::NoValue\n",
                yaml.trim_end().replace('\n', "\n    ")
            )),
            _ => Err(Refusal::Conditions),
        }
    }

    /// A resource that is only there if what it refers to exists, and what it is for.
    fn conditioned(&self, text: &str, yaml: &str) -> Result<String, Refusal> {
        let (root, resource) = (parsed(text)?, parsed(yaml)?);
        let mut conditions = conditions(&root, &resource);
        let own = self.condition(&root).filter(|own| !conditions.contains(own));
        conditions.extend(own);
        match &conditions[..] {
            [] => Ok(yaml.to_owned()),
            [one] => Ok(yaml.replacen('\n', &format!("\nCondition: {one}\n"), 1)),
            _ => Err(Refusal::Conditions),
        }
    }
}

fn parsed(text: &str) -> Result<Node, Refusal> {
    parse(text).map_err(|_| Refusal::Written)
}

/// The path to the node at this place in the template's resources.
fn in_resources(root: &Node, place: Place) -> Option<Vec<String>> {
    let path = path_to(root.get("Resources")?, place)?;
    Some(std::iter::once("Resources".to_owned()).chain(path).collect())
}

fn add(text: &str, id: &str, yaml: &str) -> Option<String> {
    let path = ["Resources".to_owned(), id.to_owned()];
    let is_new = at(&parse(text).ok()?, &path).is_none();
    is_new.then(|| set(text, &path, yaml))?
}

/// Lets the resource at `path` wait for another one.
fn wait(text: &str, path: &[String], id: &str) -> Option<String> {
    let root = parse(text).ok()?;
    let path: Vec<String> = path.iter().cloned().chain(["DependsOn".to_owned()]).collect();
    match at(&root, &path).map(|node| &node.kind) {
        None => set(text, &path, id),
        Some(NodeKind::Text(other)) => set(text, &path, &format!("[{other}, {id}]")),
        Some(_) => append(text, &path, id),
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
    let edit = |map: &Mapping| map.remove(&**key).map(drop);
    changed(text, &root, parents, edit, |node| node.remove(key))
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
        let waits = Vec::new();
        let changed = PlacedFix { path, edits, waits }.apply(text).ok()?;
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

    const CONDITIONAL: &str = "\
Resources:
  F: { Type: AWS::Serverless::Function, Properties: {} }
  Q:
    Type: AWS::SQS::Queue
    Condition: A
  R:
    Type: AWS::SQS::Queue
    Condition: B
";

    #[test]
    fn what_refers_to_a_conditional_resource_has_its_condition() {
        let refers = |path: &str, edit: Edit| {
            let path = path.split('.').map(str::to_owned).collect();
            let (edits, waits) = (vec![edit], Vec::new());
            PlacedFix { path, edits, waits }.apply(CONDITIONAL)
        };
        let permission = "Type: P\nProperties:\n  To: !GetAtt Q.Arn\n";
        let added = refers("Resources.F", Edit::add("N", permission)).unwrap();
        assert!(added.contains("  N:\n    Type: P\n    Condition: A\n"), "{added}");
        let added = refers("Resources.Q", Edit::add("N", "Type: P\n")).unwrap();
        assert!(added.contains("  N:\n    Type: P\n    Condition: A\n"), "{added}");
        let both = refers("Resources.R", Edit::add("N", permission));
        assert_eq!(both, Err(Refusal::Conditions));
        let append = || Edit::append("Properties.Policies", "Resource: !GetAtt Q.Arn\n");
        let in_other = refers("Resources.R", append()).unwrap();
        let written = parse(&in_other).unwrap();
        let policies = ["Resources", "R", "Properties", "Policies"].map(str::to_owned);
        let (name, argument) = at(&written, &policies).unwrap().items()[0].function().unwrap();
        assert_eq!((name, argument.items()[0].as_text()), ("Fn::If", Some("A")));
        let in_own = refers("Resources.Q", append()).unwrap();
        assert!(!in_own.contains("Fn::If"), "{in_own}");
    }

    #[test]
    fn a_resource_waits_for_others_too() {
        for (written, expected) in [
            ("", "N"),
            ("    DependsOn: A\n", "[A, N]"),
            ("    DependsOn: [A, B]\n", "[A, B, N]"),
        ] {
            let text = format!("Resources:\n  M:\n    Type: T\n{written}");
            let path = ["Resources", "M"].map(str::to_owned);
            let waiting = wait(&text, &path, "N").unwrap();
            assert!(
                waiting.contains(&format!("    DependsOn: {expected}\n")),
                "{waiting}"
            );
        }
    }

    #[test]
    fn lines_end_as_before() {
        let windows = TEMPLATE.replace('\n', "\r\n");
        let (gone, came) = one(&windows, "Resources.Orders", Edit::set("Properties.X", 1)).unwrap();
        assert_eq!((gone.len(), came), (0, vec!["      X: 1\r\n".to_owned()]));
    }
}
