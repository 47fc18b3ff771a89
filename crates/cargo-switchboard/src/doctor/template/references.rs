//! What the parts of a template refer to: the conditions of those resources, and circles of them.

use std::collections::{HashMap, HashSet};

use super::node::{Node, NodeKind};
use super::parse::parse;
use super::resource::Resource;
use super::{for_each, sam};

/// The names that `node` refers to by `Ref`, `Fn::GetAtt` or `Fn::Sub`: logical ids, parameters, or what SAM calls its own.
fn references(node: &Node, found: &mut Vec<String>) {
    match (node.function(), &node.kind) {
        (Some(("Ref", name)), _) => found.extend(name.as_text().map(str::to_owned)),
        (Some(("Fn::GetAtt", argument)), _) => {
            let id = argument.items().first().and_then(Node::as_text);
            found.extend(id.map(|id| id.split('.').next().unwrap_or(id).to_owned()));
        }
        (Some(("Fn::Sub", argument)), _) => {
            let own = argument.items().get(1);
            let text = argument.items().first().and_then(Node::as_text);
            let names = text.unwrap_or_default().split("${").skip(1);
            let names = names.filter_map(|part| Some(part.split_once('}')?.0.trim()));
            let is_own = |name: &str| own.is_some_and(|own| own.get(name).is_some());
            found.extend(
                names
                    .filter(|name| !name.starts_with('!') && !is_own(name))
                    .map(str::to_owned),
            );
            own.into_iter().for_each(|own| references(own, found));
        }
        (_, NodeKind::List(items)) => items.iter().for_each(|item| references(item, found)),
        (_, NodeKind::Map(entries)) => entries.iter().for_each(|(_, node)| references(node, found)),
        _ => {}
    }
}

/// The conditions under which what `node` refers to exists, each once.
pub(super) fn conditions(root: &Node, node: &Node) -> Vec<String> {
    let mut names = Vec::new();
    references(node, &mut names);
    let mut all: Vec<String> = Vec::new();
    for condition in names.iter().filter_map(|name| condition(root, name)) {
        if !all.contains(&condition) {
            all.push(condition);
        }
    }
    all
}

/// The condition of the resource with this name. What SAM makes of a function has the function's, and a name that begins with its.
fn condition(root: &Node, name: &str) -> Option<String> {
    let resources = root.get("Resources")?;
    let name = name.split('.').next().unwrap_or(name);
    let resource = resources.get(name).or_else(|| {
        let of_sam = resources.entries().iter().filter(|(id, node)| {
            let kind = node.get("Type").and_then(Node::as_text).unwrap_or_default();
            kind.starts_with("AWS::Serverless::") && name.starts_with(id.as_str())
        });
        of_sam.max_by_key(|(id, _)| id.len()).map(|(_, node)| node)
    });
    Some(resource?.get("Condition")?.as_text()?.to_owned())
}

/// Whether resources of the template depend on each other in a circle, which CloudFormation refuses.
pub(crate) fn is_circular(text: &str) -> bool {
    let parameters = HashMap::new();
    let expanded = parse(text).ok().and_then(|root| {
        let root = for_each::expand(root, &parameters).ok()?;
        let (resources, _) = sam::expand(&root, Resource::all(&root)).ok()?;
        Some((root, resources))
    });
    let Some((root, resources)) = expanded else {
        return false;
    };
    let places: HashMap<&str, usize> = resources.iter().enumerate().map(|(n, it)| (&*it.id, n)).collect();
    let edges: Vec<Vec<usize>> = resources
        .iter()
        .map(|resource| {
            let mut names = Vec::new();
            references(&resource.properties, &mut names);
            let written = root.get("Resources").and_then(|all| all.get(&resource.id));
            let waits = written.and_then(|node| node.get("DependsOn"));
            let waits = waits.map_or(&[][..], Node::items).iter();
            names.extend(waits.filter_map(Node::as_text).map(str::to_owned));
            let place = |name: &String| {
                let whole = places.get(&**name);
                whole.or_else(|| places.get(name.split('.').next()?)).copied()
            };
            names.iter().filter_map(place).collect()
        })
        .collect();
    has_circle(&edges)
}

/// Whether a circle is left when what depends on nothing that is left is taken away, again and again.
fn has_circle(edges: &[Vec<usize>]) -> bool {
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); edges.len()];
    let mut open: Vec<usize> = Vec::with_capacity(edges.len());
    for (from, to) in edges.iter().enumerate() {
        let to: HashSet<usize> = to.iter().copied().collect();
        open.push(to.len());
        to.into_iter().for_each(|to| needed_by[to].push(from));
    }
    let mut free: Vec<usize> = (0..edges.len()).filter(|place| open[*place] == 0).collect();
    let mut gone = 0;
    while let Some(place) = free.pop() {
        gone += 1;
        for from in &needed_by[place] {
            open[*from] -= 1;
            if open[*from] == 0 {
                free.push(*from);
            }
        }
    }
    gone < edges.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_found_through_every_kind_of_reference() {
        let circle = |to: &str| {
            format!("Resources:\n  A: {{ Type: T, Properties: {{ X: !Ref B }} }}\n  B: {{ Type: T, {to} }}\n")
        };
        for to in [
            "Properties: { X: !Ref A }",
            "Properties: { X: [{ Y: !GetAtt A.Arn }] }",
            "Properties: { X: !Sub 'a-${A.Arn}' }",
            "Properties: { X: !Sub ['${N}', { N: !Ref A }] }",
            "DependsOn: [A]",
            "DependsOn: A",
        ] {
            assert!(is_circular(&circle(to)), "{to}");
        }
        for to in [
            "Properties: { X: !Ref C }",
            "Properties: { X: !Sub '${!A}' }",
            "Properties: { X: !Sub ['${A}', { A: 1 }] }",
        ] {
            assert!(!is_circular(&circle(to)), "{to}");
        }
    }

    #[test]
    fn a_function_of_sam_depends_on_its_role() {
        let template = |function: &str, queue: &str| {
            format!(
                "Transform: AWS::Serverless-2016-10-31\nResources:
  F: {{ Type: AWS::Serverless::Function, Properties: {{ {function} }} }}
  Q: {{ Type: AWS::SQS::Queue, Properties: {{ Tags: [{{ Key: k, Value: {queue} }}] }} }}\n"
            )
        };
        let sends = "Policies: [{ SQSSendMessagePolicy: { QueueName: !GetAtt Q.QueueName } }]";
        assert!(!is_circular(&template(sends, "x")));
        assert!(is_circular(&template(sends, "!Ref F")));
        assert!(is_circular(&template(sends, "!GetAtt FRole.Arn")));
        assert!(!is_circular(&template("AutoPublishAlias: live", "!Ref F.Alias")));
        let events = "Events: { Jobs: { Type: SQS, Properties: { Queue: !GetAtt Q.Arn } } }";
        assert!(!is_circular(&template(events, "!Ref F")));
        assert!(is_circular(&template(
            &format!("AutoPublishAlias: live, {sends}"),
            "!Ref F.Alias"
        )));
    }

    #[test]
    fn conditions_are_those_of_what_is_referred_to() {
        let root = parse(
            "Transform: AWS::Serverless-2016-10-31
Resources:
  F: { Type: AWS::Serverless::Function, Condition: A }
  Q: { Type: AWS::SQS::Queue, Condition: B }
  R: { Type: AWS::SQS::Queue }
X: [!Ref R, !Ref F.Alias, !Sub '${FRole.Arn} ${Q}', !GetAtt Q.Arn]
",
        );
        let root = root.unwrap();
        assert_eq!(conditions(&root, root.get("X").unwrap()), ["A", "B"]);
    }
}
