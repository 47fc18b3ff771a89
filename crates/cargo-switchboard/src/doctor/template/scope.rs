//! The names in a template: parameters, conditions, mappings, resources.

use std::cell::RefCell;
use std::collections::HashMap;

use super::node::{Node, NodeKind};
use super::resource::Resource;
use super::value::{Value, ValueKind};
use crate::doctor::place::Place;
use crate::doctor::text::Symbols;

pub(super) struct Scope<'t> {
    root: &'t Node,
    resources: HashMap<&'t str, &'t Resource>,
    /// The parameter values that the user passed.
    parameters: &'t HashMap<String, String>,
    symbols: RefCell<Symbols>,
    /// Names of resources; `None` while a name is being evaluated, to detect a name that depends on itself.
    names: RefCell<HashMap<String, Option<String>>>,
    conditions: RefCell<HashMap<String, Option<bool>>>,
}

impl<'t> Scope<'t> {
    pub(super) fn new(
        root: &'t Node,
        resources: &'t [Resource],
        parameters: &'t HashMap<String, String>,
    ) -> Self {
        Self {
            root,
            resources: resources
                .iter()
                .map(|resource| (&*resource.id, resource))
                .collect(),
            parameters,
            symbols: RefCell::default(),
            names: RefCell::default(),
            conditions: RefCell::default(),
        }
    }

    pub(super) fn into_symbols(self) -> Symbols {
        self.symbols.into_inner()
    }

    /// A placeholder text for an unknown value with this name.
    pub(super) fn symbol(&self, name: &str) -> String {
        self.symbols.borrow_mut().of(name).to_string()
    }

    /// A placeholder text for a value that AWS makes up, and that nothing else has.
    pub(super) fn made_up(&self, name: &str) -> String {
        self.symbols.borrow_mut().made_up(name).to_string()
    }

    pub(super) fn resource(&self, id: &str) -> Option<&'t Resource> {
        self.resources.get(id).copied()
    }

    /// The entry `name` of one of the template's sections.
    pub(super) fn section(&self, section: &str, name: &str) -> Option<&'t Node> {
        self.root.get(section)?.get(name)
    }

    /// The value of `Ref`; `None` for `AWS::NoValue`.
    pub(super) fn reference(&self, at: Place, id: &str) -> Option<Value> {
        if id == "AWS::NoValue" {
            return None;
        }
        if let Some(parameter) = self.section("Parameters", id) {
            return Some(self.parameter(at, id, parameter));
        }
        Some(Value::text(
            at,
            match self.resource(id) {
                Some(resource) => self.reference_to(resource),
                None => self.symbol(id),
            },
        ))
    }

    fn parameter(&self, at: Place, id: &str, parameter: &Node) -> Value {
        let kind = parameter.get("Type").and_then(Node::as_text).unwrap_or("String");
        let given = self.parameters.get(id).map(String::as_str);
        let value = given.or_else(|| parameter.get("Default").and_then(Node::as_text));
        match value {
            // The value of such a parameter names an SSM parameter.
            Some(value) if kind.starts_with("AWS::SSM::") => Value::text(at, self.symbol(value)),
            Some(value) if kind == "CommaDelimitedList" || kind.starts_with("List<") => {
                let items = value.split(',').map(|item| Value::text(at, item.trim()));
                let kind = ValueKind::List(items.collect());
                Value { at, kind }
            }
            Some(value) => Value::text(at, value),
            None => Value::text(at, self.symbol(id)),
        }
    }

    /// The name of a resource as `property` sets it, or a symbol for the one that CloudFormation makes up.
    pub(super) fn name(&self, resource: &Resource, property: &str) -> String {
        let made_up = || self.symbols.borrow_mut().made_up(&resource.id).to_string();
        let known = self.names.borrow().get(&resource.id).cloned();
        if let Some(name) = known {
            return name.unwrap_or_else(made_up);
        }
        self.names.borrow_mut().insert(resource.id.clone(), None);
        let set = resource
            .properties
            .get(property)
            .and_then(|node| self.value(node));
        let name = set.map_or_else(made_up, |value| match value.as_text() {
            Some(text) => text.to_owned(),
            None => self.symbol(&format!("{}.{property}", resource.id)),
        });
        self.names
            .borrow_mut()
            .insert(resource.id.clone(), Some(name.clone()));
        name
    }

    /// Whether the condition with this name holds, if that is known.
    pub(super) fn condition(&self, name: &str) -> Option<bool> {
        if let Some(known) = self.conditions.borrow().get(name) {
            return *known;
        }
        self.conditions.borrow_mut().insert(name.to_owned(), None);
        let holds = self.section("Conditions", name).and_then(|node| self.holds(node));
        self.conditions.borrow_mut().insert(name.to_owned(), holds);
        holds
    }

    /// Whether the resource exists. One that may exist counts, because its faults matter if it does.
    pub(super) fn exists(&self, resource: &Resource) -> bool {
        let condition = resource.condition.as_deref();
        condition.and_then(|name| self.condition(name)) != Some(false)
    }

    /// Evaluates `node`. `None` removes it.
    pub(super) fn value(&self, node: &Node) -> Option<Value> {
        let at = node.at;
        if let Some((name, argument)) = node.function() {
            return self.function(at, name, argument);
        }
        let kind = match &node.kind {
            NodeKind::Null => ValueKind::Null,
            NodeKind::Text(text) => ValueKind::Text(text.clone()),
            NodeKind::List(items) => {
                ValueKind::List(items.iter().filter_map(|item| self.value(item)).collect())
            }
            NodeKind::Map(entries) => ValueKind::Map(self.entries(entries)),
        };
        Some(Value { at, kind })
    }

    fn entries(&self, entries: &[(String, Node)]) -> Vec<(String, Value)> {
        let value = |(key, node): &(String, Node)| Some((key.clone(), self.value(node)?));
        entries.iter().filter_map(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    /// Evaluates `expression` in a template with some parameters, conditions and resources.
    fn evaluated(expression: &str) -> (String, bool) {
        let text = format!(
            "Parameters:
  Stage: {{Type: String, Default: prod}}
  Zone: {{Type: String}}
  Zones: {{Type: CommaDelimitedList, Default: 'a, b'}}
  Image: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /image}}
Mappings: {{Sizes: {{prod: {{Memory: 512}}}}}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsLocal: !Equals [!Ref Zone, local]
  Round: !Not [!Condition Round]
Resources:
  Queue: {{Type: 'AWS::SQS::Queue', Properties: {{QueueName: !Sub 'q-${{Stage}}'}}}}
  Live: {{Type: 'AWS::Lambda::Alias', Properties: {{FunctionName: 'arn:aws:lambda:x:1:function:f', Name: live}}}}
  One: {{Type: 'AWS::Lambda::Version', Properties: {{FunctionName: f}}}}
  Reader: {{Type: 'AWS::Kinesis::StreamConsumer', Properties: {{ConsumerName: c, StreamARN: 'arn:aws:kinesis:x:1:stream/s'}}}}
  Own: {{Type: 'AWS::SQS::Queue', Properties: {{QueueName: !GetAtt Own.QueueName}}}}
X: {expression}
"
        );
        let root = parse(&text).unwrap();
        let resources = Resource::all(&root);
        let parameters = HashMap::new();
        let scope = Scope::new(&root, &resources, &parameters);
        let value = scope.value(root.get("X").unwrap());
        let Some(value) = value else {
            return ("-".to_owned(), true);
        };
        let known = value.is_known();
        let shown = bare(&value);
        (scope.into_symbols().show(&shown), known)
    }

    fn bare(value: &Value) -> String {
        match &value.kind {
            ValueKind::Unknown => "?".to_owned(),
            ValueKind::Null => "null".to_owned(),
            ValueKind::Text(text) => text.clone(),
            ValueKind::List(items) => items.iter().map(bare).collect::<Vec<_>>().join(","),
            ValueKind::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| format!("{key}:{}", bare(value)));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
            }
        }
    }

    #[test]
    fn what_can_be_known_is_known() {
        let cases = [
            ("!Ref Stage", "prod"),
            ("!Ref Zones", "a,b"),
            ("!Ref AWS::NoValue", "-"),
            ("!Join ['-', [a, !Ref Stage]]", "a-prod"),
            ("!Select [1, !Split ['/', 'a/b/c']]", "b"),
            ("!FindInMap [Sizes, !Ref Stage, Memory]", "512"),
            ("!FindInMap [Sizes, !Ref Stage, Cores, {DefaultValue: 2}]", "2"),
            ("!Length [a, b]", "2"),
            ("!GetAtt [!Sub 'Queue', QueueName]", "q-prod"),
            ("!Ref {'Fn::Sub': 'Stage'}", "prod"),
            ("!Select [5, !Split [':', !GetAtt Queue.Arn]]", "q-prod"),
            (
                "!Join ['', [!Select [5, !Split [':', !GetAtt Queue.Arn]], '-x']]",
                "q-prod-x",
            ),
            ("!If [IsProd, 1, 2]", "1"),
            ("!If [IsProd, !Ref AWS::NoValue, 2]", "-"),
            ("{A: !If [IsProd, !Ref AWS::NoValue, 2], B: 3}", "{B:3}"),
            ("!Sub ['${A}-${Stage}-${!B}', {A: 1}]", "1-prod-${B}"),
            ("!GetAtt Queue.QueueName", "q-prod"),
        ];
        for (expression, value) in cases {
            assert_eq!(evaluated(expression), (value.to_owned(), true), "{expression}");
        }
    }

    #[test]
    fn what_cannot_be_known_stays_open() {
        let cases = [
            ("!Ref Zone", "${Zone}"),
            ("!Ref Image", "${/image}"),
            ("!If [IsLocal, 1, 2]", "?"),
            ("!If [Round, 1, 2]", "?"),
            ("!ImportValue shared", "${ImportValue shared}"),
            ("!Select [0, !GetAZs '']", "?"),
            ("!Select [0, !Split ['-', !Ref Zone]]", "?"),
            ("!FindInMap [Sizes, !Ref Zone, Memory, {DefaultValue: 2}]", "?"),
            ("!GetAtt Queue.Nothing", "${Queue.Nothing}"),
            (
                "!Ref Live",
                "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:f:live",
            ),
            (
                "!Ref One",
                "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:f:${One.Version}",
            ),
            (
                "!Join [':', [!Select [6, !Split [':', !Ref One]], !GetAtt One.Version]]",
                "f:${One.Version}",
            ),
            (
                "!Ref Reader",
                "arn:aws:kinesis:x:1:stream/s/consumer/c:${Reader.ConsumerCreationTimestamp}",
            ),
            (
                "!GetAtt Queue.Arn",
                "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:q-prod",
            ),
            ("!GetAtt Own.QueueName", "${Own}"),
            ("!Sub 'arn:${AWS::Partition}:x'", "arn:${AWS::Partition}:x"),
            ("!Transform {Name: 'AWS::Include'}", "?"),
        ];
        for (expression, value) in cases {
            assert_eq!(evaluated(expression), (value.to_owned(), false), "{expression}");
        }
    }

    #[test]
    fn both_sides_being_the_same_is_the_same() {
        assert_eq!(evaluated("!If [IsProd, !If [IsProd, a, b], c]").0, "a");
        // The parameter equals itself, whatever its value.
        let text = "Parameters: {A: {Type: String}}\nConditions: {C: !Equals [!Ref A, !Ref A]}\n";
        let root = parse(text).unwrap();
        let parameters = HashMap::new();
        assert_eq!(Scope::new(&root, &[], &parameters).condition("C"), Some(true));
    }
}
