//! Reads the resources in the order in which they need each other.

use super::super::names;
use super::super::resource::Resource;
use super::super::scope::Scope;
use super::super::value::Value;
use super::{api, events, function, mapping, queue, role, storage};
use crate::doctor::deployment::{Deployment, Function, Kind, Trigger, derive, named};

/// A resource that exists, with what its properties come to.
pub(super) struct Read<'t> {
    pub(super) resource: &'t Resource,
    pub(super) properties: Value,
}

pub(super) struct Reader<'t> {
    pub(super) scope: &'t Scope<'t>,
    resources: Vec<Read<'t>>,
}

pub(in crate::doctor::template) fn read(scope: &Scope<'_>, resources: &[Resource]) -> Deployment {
    let reader = Reader::new(scope, resources);
    let mut functions = function::read(&reader);
    role::read(&reader, &mut functions);
    mapping::read(&reader, &mut functions);
    storage::read(&reader, &mut functions);
    events::read(&reader, &mut functions);
    api::read(&reader, &mut functions);
    functions.iter_mut().for_each(derive);
    Deployment {
        functions,
        queues: queue::read(&reader),
        ..Deployment::default()
    }
}

impl<'t> Reader<'t> {
    fn new(scope: &'t Scope<'t>, resources: &'t [Resource]) -> Self {
        let existing = resources.iter().filter(|resource| scope.exists(resource));
        let resources = existing.map(|resource| {
            let properties = scope.value(&resource.properties);
            let properties = properties.unwrap_or(Value::unknown(resource.at));
            Read { resource, properties }
        });
        Self {
            scope,
            resources: resources.collect(),
        }
    }

    /// The resources of a type.
    pub(super) fn of<'r>(&'r self, kind: &'r str) -> impl Iterator<Item = &'r Read<'t>> {
        self.resources
            .iter()
            .filter(move |read| read.resource.kind == kind)
    }

    /// The ARN of a resource.
    pub(super) fn arn(&self, read: &Read<'_>) -> String {
        names::arn_of(self.scope, read.resource)
    }

    /// The name of a resource.
    pub(super) fn name(&self, read: &Read<'_>) -> String {
        names::name_of(self.scope, read.resource)
    }

    /// What `Ref` of a resource gives.
    pub(super) fn reference(&self, read: &Read<'_>) -> String {
        names::reference(self.scope, read.resource)
    }
}

/// The function that `text` names or has the ARN of.
pub(super) fn function_of<'f>(functions: &'f mut [Function], text: &str) -> Option<&'f mut Function> {
    let name = named(text);
    functions.iter_mut().find(|function| function.name == name)
}

impl Read<'_> {
    /// The function that the property at `path` is about.
    pub(super) fn function<'f>(&self, functions: &'f mut [Function], path: &str) -> Option<&'f mut Function> {
        let text = self.properties.text_at(path);
        function_of(functions, text.known()?)
    }

    /// A trigger that this resource makes.
    pub(super) fn trigger(&self, arn: String, invoker: Option<&'static str>, kind: Kind) -> Trigger {
        Trigger {
            label: self.resource.id.clone(),
            at: Some(self.resource.at),
            arn,
            invoker,
            kind,
        }
    }
}
