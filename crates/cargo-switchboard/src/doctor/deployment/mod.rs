//! The model of a deployment. Templates and live functions are read into it, and the rules check it.

mod access;
mod all;
mod derive;
mod function;
mod kind;
mod policy;
mod queue;
mod setting;
mod trigger;

pub(crate) use access::Access;
pub(crate) use all::{Deployment, Nested, TemplateFault, TemplateFaultKind, Unread};
pub(crate) use derive::derive;
pub(crate) use function::{
    Async, Function, Logs, Modes, Permission, STREAM_VARIABLE, UrlPart, named, same_qualifier,
};
pub(crate) use kind::DeploymentKind;
pub(crate) use policy::{DURABLE, Patterns, ResourcePolicy, Role, Statement, any};
pub(crate) use queue::{Queue, Store};
pub(crate) use setting::Setting;
pub(crate) use trigger::{
    Invoker, Mapping, Notification, Origin, PAYLOAD_FORMATS, Payload, Target, Trigger, TriggerKind,
    is_tenant_parameter, is_tenant_template, operation, operation_of_key,
};
