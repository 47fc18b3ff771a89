//! Execution roles, with all their policies.

use super::super::value::Value;
use super::policy::statements;
use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{Function, Role};
use crate::doctor::text::{Certainty, same};

pub(super) fn read(reader: &Reader<'_>, functions: &mut [Function]) {
    for read in reader.of("AWS::Lambda::Function") {
        let arn = read.properties.text_at("Role");
        let Some(arn) = arn.known() else { continue };
        let roles = reader.of("AWS::IAM::Role");
        let own = roles.into_iter().find(|role| reader.arn(role) == *arn);
        let function = functions
            .iter_mut()
            .find(|function| function.label == read.resource.id);
        if let (Some(own), Some(function)) = (own, function) {
            function.role = Some(role(reader, own));
        }
    }
}

fn role(reader: &Reader<'_>, read: &EvaluatedResource<'_>) -> Role {
    let mut role = Role {
        label: read.resource.id.clone(),
        at: Some(read.resource.at),
        complete: true,
        ..Role::default()
    };
    for policy in read.properties.items_at("Policies") {
        role.statements.extend(statements(policy, "PolicyDocument"));
    }
    for arn in read.properties.items_at("ManagedPolicyArns") {
        managed(reader, &mut role, arn);
    }
    let known = [
        read.properties.get("Policies"),
        read.properties.get("ManagedPolicyArns"),
    ];
    role.complete &= !known.contains(&crate::doctor::deployment::Setting::Unknown);
    attached(reader, read, &mut role);
    role
}

/// A managed policy: AWS's, the template's, or an unknown one.
fn managed(reader: &Reader<'_>, role: &mut Role, arn: &Value) {
    let text = arn.as_text().unwrap_or_default();
    if let Some((_, name)) = text.split_once(":iam::aws:policy/") {
        role.managed.push((name.to_owned(), Some(arn.at)));
        return;
    }
    let own = reader
        .of("AWS::IAM::ManagedPolicy")
        .find(|read| reader.arn(read) == text);
    match own {
        Some(policy) => role
            .statements
            .extend(statements(&policy.properties, "PolicyDocument")),
        None => role.complete = false,
    }
}

/// Policies that name the role they are attached to.
fn attached(reader: &Reader<'_>, own: &EvaluatedResource<'_>, role: &mut Role) {
    let (name, arn) = (reader.name(own), reader.arn(own));
    let kinds = [
        "AWS::IAM::Policy",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::RolePolicy",
    ];
    for policy in kinds.iter().flat_map(|kind| reader.of(kind)) {
        let roles = [
            policy.properties.items_at("Roles"),
            policy.properties.items_at("RoleName"),
        ]
        .concat();
        let is = |text: &str| text == name || same(text, &arn) == Certainty::Yes;
        if roles.iter().filter_map(Value::as_text).any(is) {
            role.statements
                .extend(statements(&policy.properties, "PolicyDocument"));
        }
    }
}
