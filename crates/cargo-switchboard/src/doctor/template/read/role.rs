//! Execution roles, with all their policies.

use std::collections::HashMap;

use super::super::value::Value;
use super::functions::Functions;
use super::policy::statements;
use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{Role, Setting};

pub(super) fn read(reader: &Reader<'_>, functions: &mut Functions) {
    let roles: HashMap<String, &EvaluatedResource<'_>> = reader
        .of("AWS::IAM::Role")
        .map(|role| (name_in(&reader.arn(role)).to_owned(), role))
        .collect();
    let attached = AttachedPolicies::new(reader);
    let mut made: HashMap<String, Role> = HashMap::new();
    // The functions are those of the template, in its order.
    for (read, function) in reader.of("AWS::Lambda::Function").zip(&mut functions.all) {
        let arn = read.properties.text_at("Role");
        let Some((arn, own)) = arn.known().and_then(|arn| Some((arn, roles.get(name_in(arn))?))) else {
            continue;
        };
        let role = made
            .entry(arn.clone())
            .or_insert_with(|| role(reader, &attached, own));
        function.role = Some(role.clone());
    }
}

/// The path and the name in the ARN of a role or a policy. A function's role is of its own account, and so is a policy of a
/// role, whether the ARN spells out partition and account or not.
fn name_in(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

fn role(reader: &Reader<'_>, attached: &AttachedPolicies<'_>, read: &EvaluatedResource<'_>) -> Role {
    let mut role = Role {
        label: read.resource.id.clone(),
        arn: reader.arn(read),
        at: Some(read.resource.at),
        complete: true,
        ..Role::default()
    };
    for policy in read.properties.items_at("Policies") {
        role.statements.extend(statements(policy, "PolicyDocument"));
    }
    for arn in read.properties.items_at("ManagedPolicyArns") {
        managed(attached, &mut role, arn);
    }
    let known = [
        read.properties.get("Policies"),
        read.properties.get("ManagedPolicyArns"),
    ];
    role.complete &= !known.contains(&Setting::Unknown);
    for policy in attached.to(&reader.name(read), &reader.arn(read)) {
        role.statements
            .extend(statements(&policy.properties, "PolicyDocument"));
    }
    role
}

/// A managed policy: AWS's, the template's, or an unknown one.
fn managed(attached: &AttachedPolicies<'_>, role: &mut Role, arn: &Value) {
    let text = arn.as_text().unwrap_or_default();
    if let Some((_, name)) = text.split_once(":iam::aws:policy/") {
        role.managed.push((name.to_owned(), Some(arn.at)));
        return;
    }
    match attached.managed.get(name_in(text)) {
        Some(policy) => role
            .statements
            .extend(statements(&policy.properties, "PolicyDocument")),
        None => role.complete = false,
    }
}

/// Policies that name the roles they are attached to, by the roles' names and ARNs.
struct AttachedPolicies<'r> {
    by_role: HashMap<String, Vec<&'r EvaluatedResource<'r>>>,
    /// The managed policies of the template, by path and name.
    managed: HashMap<String, &'r EvaluatedResource<'r>>,
}

impl<'r> AttachedPolicies<'r> {
    fn new(reader: &'r Reader<'r>) -> Self {
        let mut by_role: HashMap<String, Vec<&EvaluatedResource<'_>>> = HashMap::new();
        let kinds = [
            "AWS::IAM::Policy",
            "AWS::IAM::ManagedPolicy",
            "AWS::IAM::RolePolicy",
        ];
        for policy in kinds.iter().flat_map(|kind| reader.of(kind)) {
            let roles = ["Roles", "RoleName"]
                .map(|key| policy.properties.items_at(key))
                .concat();
            for role in roles.iter().filter_map(Value::as_text) {
                by_role.entry(role.to_owned()).or_default().push(policy);
            }
        }
        let managed = reader.of("AWS::IAM::ManagedPolicy");
        let managed = managed.map(|read| (name_in(&reader.arn(read)).to_owned(), read));
        Self {
            by_role,
            managed: managed.collect(),
        }
    }

    fn to(&self, name: &str, arn: &str) -> impl Iterator<Item = &'r EvaluatedResource<'r>> {
        let named = [name, arn].map(|key| self.by_role.get(key));
        named
            .into_iter()
            .flatten()
            .flatten()
            .copied()
            .collect::<Vec<_>>()
            .into_iter()
    }
}
