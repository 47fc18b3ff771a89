//! `Fn::ForEach` of the transform `AWS::LanguageExtensions`, which repeats entries of a map.

use super::node::{Node, NodeKind};
use super::resource::Resource;
use super::scope::Scope;
use super::value::{Value, ValueKind};
use crate::Error;
use std::collections::HashMap;

const PREFIX: &str = "Fn::ForEach::";
/// The most copies, more than CloudFormation's limit of resources allows.
const COPIES: usize = 10_000;

/// The template with every loop written out.
///
/// # Errors
/// If a loop has no values that are known, or is not one.
pub(super) fn expand(root: Node, parameters: &HashMap<String, String>) -> Result<Node, Error> {
    if !has_loop(&root) {
        return Ok(root);
    }
    let none: [Resource; 0] = [];
    let scope = Scope::new(&root, &none, parameters);
    let mut expander = LoopExpander { scope, copies: 0 };
    expander.node(&root, &[])
}

fn has_loop(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Map(entries) => entries
            .iter()
            .any(|(key, node)| key.starts_with(PREFIX) || has_loop(node)),
        NodeKind::List(items) => items.iter().any(has_loop),
        NodeKind::Null | NodeKind::Text(_) => false,
    }
}

/// The identifiers of the loops around a node, and their values.
type Bound<'b> = &'b [(String, String)];

struct LoopExpander<'t> {
    scope: Scope<'t>,
    copies: usize,
}

impl LoopExpander<'_> {
    fn node(&mut self, node: &Node, bound: Bound<'_>) -> Result<Node, Error> {
        let kind = match &node.kind {
            NodeKind::Null => NodeKind::Null,
            NodeKind::Text(text) => NodeKind::Text(filled(text, bound)),
            NodeKind::List(items) => {
                let items = items.iter().map(|item| self.node(item, bound));
                NodeKind::List(items.collect::<Result<_, _>>()?)
            }
            NodeKind::Map(entries) => return self.map(node, entries, bound),
        };
        Ok(Node { at: node.at, kind })
    }

    fn map(&mut self, node: &Node, entries: &[(String, Node)], bound: Bound<'_>) -> Result<Node, Error> {
        let id = node.get("Ref").and_then(Node::as_text);
        if let Some((_, value)) = bound.iter().find(|(name, _)| Some(&**name) == id) {
            return Ok(Node::text(node.at, value));
        }
        let mut all = Vec::new();
        for (key, entry) in entries {
            match key.starts_with(PREFIX) {
                true => all.extend(self.repeated(key, entry, bound)?),
                false => all.push((filled(key, bound), self.node(entry, bound)?)),
            }
        }
        let kind = NodeKind::Map(all);
        Ok(Node { at: node.at, kind })
    }

    fn repeated(&mut self, key: &str, entry: &Node, bound: Bound<'_>) -> Result<Vec<(String, Node)>, Error> {
        let refuse = |what: &str| Error::other(format!("line {}: {key}: {what}", entry.at.line));
        let [identifier, collection, body] = entry.items() else {
            return Err(refuse(
                "expected an identifier, a collection and what is repeated",
            ));
        };
        let identifier = identifier
            .as_text()
            .ok_or_else(|| refuse("the identifier is not a text"))?;
        let collection = self.node(collection, bound)?;
        let values = self.scope.value(&collection);
        let values = values.as_ref().and_then(texts).ok_or_else(|| {
            refuse("the collection is not known; pass the parameter that it depends on with --parameter NAME=VALUE")
        })?;
        let mut all = Vec::new();
        for value in values {
            self.copies += 1;
            if self.copies > COPIES {
                return Err(refuse("the loops of the template make too many copies"));
            }
            let bound = [bound, &[(identifier.to_owned(), value)]].concat();
            all.extend(self.node(body, &bound)?.entries().iter().cloned());
        }
        Ok(all)
    }
}

/// The items of a list, if all of them are known.
fn texts(value: &Value) -> Option<Vec<String>> {
    match &value.kind {
        ValueKind::List(items) if value.is_known() => items
            .iter()
            .map(|item| item.as_text().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

/// The text with `${Identifier}`, or `&{Identifier}` without what is not alphanumeric, replaced.
fn filled(text: &str, bound: Bound<'_>) -> String {
    bound.iter().fold(text.to_owned(), |text, (name, value)| {
        let bare: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
        text.replace(&format!("${{{name}}}"), value)
            .replace(&format!("&{{{name}}}"), &bare)
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        let root = expand(parse(text).unwrap(), &HashMap::new()).unwrap();
        let resources = root.get("Resources").unwrap();
        resources.entries().iter().map(|(id, _)| id.clone()).collect()
    }

    #[test]
    fn a_loop_makes_an_entry_for_each_value() {
        let text = "Parameters: {Names: {Type: CommaDelimitedList, Default: 'A,b.c'}}
Resources:
  One: {Type: X}
  Fn::ForEach::Outer:
    - Name
    - !Ref Names
    - Fn::ForEach::Inner:
        - Size
        - [1, 2]
        - Q&{Name}${Size}: {Type: Q, Properties: {Name: !Sub '${Name}-${Size}-${Other}', R: !Ref Name}}
";
        assert_eq!(ids(text), ["One", "QA1", "QA2", "Qbc1", "Qbc2"]);
        let root = expand(parse(text).unwrap(), &HashMap::new()).unwrap();
        let last = root
            .get("Resources")
            .unwrap()
            .get("Qbc2")
            .unwrap()
            .get("Properties")
            .unwrap();
        assert_eq!(last.get("R").unwrap().as_text(), Some("b.c"));
        let name = last.get("Name").unwrap().get("Fn::Sub").unwrap();
        assert_eq!(name.as_text(), Some("b.c-2-${Other}"));
    }

    #[test]
    fn a_loop_over_what_is_not_known_is_refused() {
        let text = "Parameters: {Names: {Type: CommaDelimitedList}}
Resources: {'Fn::ForEach::L': [N, !Ref Names, {'${N}': {Type: X}}]}";
        let error = expand(parse(text).unwrap(), &HashMap::new())
            .unwrap_err()
            .to_string();
        assert!(error.contains("--parameter"), "{error}");
    }
}
