//! The template's resources with their properties evaluated.

use std::collections::HashMap;

use super::super::resource::Resource;
use super::super::scope::Scope;
use super::super::value::{Value, ValueKind};
use crate::doctor::deployment::{Invoker, Trigger, TriggerKind};

/// Properties that may be a JSON document, written as a text or as a part of the template.
const DOCUMENTS: &[&str] = &[
    "Body",
    "KeyPolicy",
    "Policy",
    "PolicyDocument",
    "RedrivePolicy",
    "ResourcePolicy",
];

/// A resource that exists, with its evaluated properties.
pub(super) struct EvaluatedResource<'t> {
    pub(super) resource: &'t Resource,
    pub(super) properties: Value,
}

pub(super) struct Reader<'t> {
    pub(super) scope: &'t Scope<'t>,
    pub(super) resources: Vec<EvaluatedResource<'t>>,
    by_kind: HashMap<&'t str, Vec<usize>>,
}

/// The properties, with their documents as maps.
fn structured(mut properties: Value) -> Value {
    if let ValueKind::Map(entries) = &mut properties.kind {
        for (key, value) in entries {
            if DOCUMENTS.contains(&&**key) {
                let text = std::mem::replace(value, Value::unknown(value.at));
                *value = text.structured();
            }
        }
    }
    properties
}

impl<'t> Reader<'t> {
    pub(super) fn new(scope: &'t Scope<'t>, resources: &'t [Resource]) -> Self {
        let existing = resources.iter().filter(|resource| scope.exists(resource));
        let resources: Vec<_> = existing
            .map(|resource| {
                let properties = scope.value(&resource.properties);
                let properties = structured(properties.unwrap_or(Value::unknown(resource.at)));
                EvaluatedResource { resource, properties }
            })
            .collect();
        let mut by_kind: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, read) in resources.iter().enumerate() {
            by_kind.entry(&read.resource.kind).or_default().push(place);
        }
        Self {
            scope,
            resources,
            by_kind,
        }
    }

    /// The resources of a type.
    pub(super) fn of<'r>(
        &'r self,
        kind: &str,
    ) -> impl Iterator<Item = &'r EvaluatedResource<'t>> + use<'r, 't> {
        let places = self.by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        places.iter().map(|place| &self.resources[*place])
    }

    /// The ARN of a resource.
    pub(super) fn arn(&self, read: &EvaluatedResource<'_>) -> String {
        self.scope.arn_of(read.resource)
    }

    /// The name of a resource.
    pub(super) fn name(&self, read: &EvaluatedResource<'_>) -> String {
        self.scope.name_of(read.resource)
    }

    /// The value of `Ref` for a resource.
    pub(super) fn reference(&self, read: &EvaluatedResource<'_>) -> String {
        self.scope.reference_to(read.resource)
    }
}

impl EvaluatedResource<'_> {
    /// A trigger that this resource defines.
    pub(super) fn trigger(&self, arn: String, invoker: Invoker, kind: TriggerKind) -> Trigger {
        Trigger {
            label: self.resource.id.clone(),
            at: Some(self.resource.at),
            arn,
            operation: String::new(),
            qualifier: String::new(),
            invoker,
            kind,
        }
    }
}
