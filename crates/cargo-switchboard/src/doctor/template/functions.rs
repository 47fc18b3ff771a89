//! CloudFormation's intrinsic functions.

use super::node::Node;
use super::scope::Scope;
use super::value::{Value, ValueKind};
use crate::doctor::place::Place;
use crate::doctor::text::{is_known, splits_at};

impl Scope<'_> {
    /// Evaluates the function `name`. `None` removes the property.
    pub(super) fn function(&self, at: Place, name: &str, argument: &Node) -> Option<Value> {
        let value = match name {
            "Ref" => match self.text(argument) {
                Some(id) => return self.reference(at, &id),
                None => None,
            },
            "Fn::If" => return self.chosen(at, argument),
            "Fn::GetAtt" => self.attribute(argument).map(|text| Value::text(at, text)),
            "Fn::Sub" => self.substituted(argument).map(|text| Value::text(at, text)),
            "Fn::Join" => self.joined(argument).map(|text| Value::text(at, text)),
            "Fn::Split" => self.split(at, argument),
            "Fn::Select" => self.selected(argument),
            "Fn::FindInMap" => self.found(argument),
            "Fn::Length" => self.length(argument).map(|length| Value::text(at, length)),
            "Fn::ImportValue" => self.imported(argument).map(|text| Value::text(at, text)),
            // A condition as a value, and functions that only AWS can evaluate.
            _ => None,
        };
        Some(value.unwrap_or(Value::unknown(at)))
    }

    fn chosen(&self, at: Place, argument: &Node) -> Option<Value> {
        let [condition, then, otherwise] = argument.items() else {
            return Some(Value::unknown(at));
        };
        match condition.as_text().and_then(|name| self.condition(name)) {
            Some(true) => self.value(then),
            Some(false) => self.value(otherwise),
            None => {
                let (then, otherwise) = (self.value(then), self.value(otherwise));
                let same = matches!((&then, &otherwise), (Some(a), Some(b)) if a.kind == b.kind);
                if same { then } else { Some(Value::unknown(at)) }
            }
        }
    }

    fn attribute(&self, argument: &Node) -> Option<String> {
        // With AWS::LanguageExtensions both parts may be functions.
        let (id, attribute) = match argument.items() {
            [one] => {
                let (id, attribute) = one.as_text()?.split_once('.')?;
                (id.to_owned(), attribute.to_owned())
            }
            [id, attribute] => (self.text(id)?, self.text(attribute)?),
            _ => return None,
        };
        Some(self.attribute_of(&id, &attribute))
    }

    fn attribute_of(&self, id: &str, attribute: &str) -> String {
        let whole = format!("{id}.{attribute}");
        // What SAM makes of a resource may be referred to by a name with a period, such as `Orders.Alias`.
        if let Some(made) = self.resource(&whole) {
            return self.reference_to(made);
        }
        let known = self
            .resource(id)
            .and_then(|resource| self.known_attribute(resource, attribute));
        known.unwrap_or_else(|| self.symbol(&whole))
    }

    fn substituted(&self, argument: &Node) -> Option<String> {
        let (text, own) = match argument.items() {
            [text] => (text.as_text()?, None),
            [text, own] => (text.as_text()?, Some(own)),
            _ => return None,
        };
        let mut parts = text.split("${");
        let mut whole = parts.next()?.to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}')?;
            match name.strip_prefix('!') {
                Some(literal) => whole.extend(["${", literal, "}"]),
                None => whole.push_str(&self.variable(name.trim(), own)?),
            }
            whole.push_str(rest);
        }
        Some(whole)
    }

    fn variable(&self, name: &str, own: Option<&Node>) -> Option<String> {
        if let Some(node) = own.and_then(|own| own.get(name)) {
            return self.text(node);
        }
        match name.split_once('.') {
            Some((id, attribute)) => Some(self.attribute_of(id, attribute)),
            None => self
                .reference(Place::default(), name)?
                .as_text()
                .map(str::to_owned),
        }
    }

    fn joined(&self, argument: &Node) -> Option<String> {
        let [separator, parts] = argument.items() else {
            return None;
        };
        let parts = self.value(parts)?;
        let texts: Option<Vec<&str>> = parts.items().iter().map(Value::as_text).collect();
        Some(texts?.join(separator.as_text()?))
    }

    fn split(&self, at: Place, argument: &Node) -> Option<Value> {
        let [separator, text] = argument.items() else {
            return None;
        };
        let (separator, text) = (separator.as_text()?, self.text(text)?);
        // An unknown part may contain separators.
        if separator.is_empty() || !(is_known(&text) || splits_at(&text, separator)) {
            return None;
        }
        let parts = text.split(separator).map(|part| Value::text(at, part));
        let kind = ValueKind::List(parts.collect());
        Some(Value { at, kind })
    }

    fn length(&self, argument: &Node) -> Option<String> {
        match self.value(argument)?.kind {
            ValueKind::List(items) => Some(items.len().to_string()),
            _ => None,
        }
    }

    fn selected(&self, argument: &Node) -> Option<Value> {
        let [index, items] = argument.items() else {
            return None;
        };
        let index: usize = self.text(index)?.parse().ok()?;
        match self.value(items)?.kind {
            ValueKind::List(mut items) if index < items.len() => Some(items.swap_remove(index)),
            _ => None,
        }
    }

    fn found(&self, argument: &Node) -> Option<Value> {
        let [map, first, second, options @ ..] = argument.items() else {
            return None;
        };
        let keys = [self.text(map)?, self.text(first)?, self.text(second)?];
        if !keys.iter().all(|key| is_known(key)) {
            return None;
        }
        let [map, first, second] = keys;
        let entry = self
            .section("Mappings", &map)
            .and_then(|map| map.get(&first)?.get(&second));
        let default = options.first().and_then(|options| options.get("DefaultValue"));
        self.value(entry.or(default)?)
    }

    fn imported(&self, argument: &Node) -> Option<String> {
        let name = self.text(argument)?;
        Some(self.symbol(&format!("ImportValue {name}")))
    }

    fn text(&self, node: &Node) -> Option<String> {
        self.value(node)?.as_text().map(str::to_owned)
    }

    /// Evaluates a condition, if its value is known.
    pub(super) fn holds(&self, node: &Node) -> Option<bool> {
        let (name, argument) = node.function()?;
        match name {
            "Condition" => self.condition(argument.as_text()?),
            "Fn::Equals" => self.equal(argument),
            "Fn::Not" => argument
                .items()
                .first()
                .and_then(|node| self.holds(node))
                .map(|holds| !holds),
            // Decided as soon as one part has the deciding value.
            "Fn::And" => self.decided(argument, false),
            "Fn::Or" => self.decided(argument, true),
            _ => None,
        }
    }

    fn decided(&self, argument: &Node, by: bool) -> Option<bool> {
        let parts: Vec<Option<bool>> = argument.items().iter().map(|node| self.holds(node)).collect();
        match () {
            () if parts.contains(&Some(by)) => Some(by),
            () if parts.contains(&None) => None,
            () => Some(!by),
        }
    }

    fn equal(&self, argument: &Node) -> Option<bool> {
        let [a, b] = argument.items() else {
            return None;
        };
        let (a, b) = (self.value(a)?, self.value(b)?);
        match (
            a.kind == b.kind && a.kind != ValueKind::Unknown,
            a.is_known() && b.is_known(),
        ) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }
}
