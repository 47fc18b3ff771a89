//! The template's resources with their properties evaluated.

use super::super::resource::Resource;
use super::super::scope::Scope;
use super::super::value::Value;
use crate::doctor::deployment::{Function, Trigger, TriggerKind, named};

/// A resource that exists, with its evaluated properties.
pub(super) struct EvaluatedResource<'t> {
    pub(super) resource: &'t Resource,
    pub(super) properties: Value,
}

pub(super) struct Reader<'t> {
    pub(super) scope: &'t Scope<'t>,
    resources: Vec<EvaluatedResource<'t>>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(scope: &'t Scope<'t>, resources: &'t [Resource]) -> Self {
        let existing = resources.iter().filter(|resource| scope.exists(resource));
        let resources = existing.map(|resource| {
            let properties = scope.value(&resource.properties);
            let properties = properties.unwrap_or(Value::unknown(resource.at));
            EvaluatedResource { resource, properties }
        });
        Self {
            scope,
            resources: resources.collect(),
        }
    }

    /// The resources of a type.
    pub(super) fn of<'r>(&'r self, kind: &'r str) -> impl Iterator<Item = &'r EvaluatedResource<'t>> {
        self.resources
            .iter()
            .filter(move |read| read.resource.kind == kind)
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

/// The function with this name or ARN.
pub(super) fn function_of<'f>(functions: &'f mut [Function], text: &str) -> Option<&'f mut Function> {
    let name = named(text);
    functions.iter_mut().find(|function| function.name == name)
}

impl EvaluatedResource<'_> {
    /// The function that the property at `path` names.
    pub(super) fn function<'f>(&self, functions: &'f mut [Function], path: &str) -> Option<&'f mut Function> {
        let text = self.properties.text_at(path);
        function_of(functions, text.known()?)
    }

    /// A trigger that this resource defines.
    pub(super) fn trigger(&self, arn: String, invoker: Option<&'static str>, kind: TriggerKind) -> Trigger {
        Trigger {
            label: self.resource.id.clone(),
            at: Some(self.resource.at),
            arn,
            invoker,
            kind,
        }
    }
}
