//! Reads the resources, those that others need first.

use super::super::resource::Resource;
use super::super::scope::Scope;
use super::reader::Reader;
use super::{api, events, function, mapping, queue, role, storage};
use crate::doctor::deployment::{Deployment, derive};

/// Reads the model from the template's resources.
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
