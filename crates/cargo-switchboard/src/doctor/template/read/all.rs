//! Reads the resources, those that others need first.

use super::super::resource::Resource;
use super::super::scope::Scope;
use super::functions::Functions;
use super::reader::Reader;
use super::{
    api, authorizer, custom, events, function, mapping, queue, resource_policy, role, services, storage,
    store,
};
use crate::doctor::deployment::{Deployment, DeploymentKind, derive};

/// Reads the model from the template's resources.
pub(in crate::doctor::template) fn read(scope: &Scope<'_>, resources: &[Resource]) -> Deployment {
    let reader = Reader::new(scope, resources);
    let mut functions = Functions::new(function::read(&reader));
    function::settings(&reader, &mut functions);
    role::read(&reader, &mut functions);
    mapping::read(&reader, &mut functions);
    let faults = storage::read(&reader, &mut functions);
    events::read(&reader, &mut functions);
    api::read(&reader, &mut functions);
    authorizer::read(&reader, &mut functions);
    services::read(&reader, &mut functions);
    custom::read(&reader, &mut functions);
    functions.all.iter_mut().for_each(derive);
    let (queues, stores) = (queue::read(&reader), store::read(&reader));
    let mut deployment = Deployment::new(functions.all, queues, stores, DeploymentKind::Template);
    deployment.faults = faults;
    deployment.unread = functions.unread;
    deployment.set_policies(resource_policy::read(&reader));
    deployment
}
