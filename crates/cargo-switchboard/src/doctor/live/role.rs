//! The execution role and its policies.

use percent_encoding::percent_decode_str;

use crate::doctor::deployment::Role;
use crate::doctor::template::statements;
use switchboard_aws::{Aws, CallContext as _, Failure};

pub(super) async fn read(aws: &Aws, arn: &str) -> Result<Option<Role>, Failure> {
    let Some(name) = arn.rsplit('/').next().filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let mut role = Role {
        label: name.to_owned(),
        arn: arn.to_owned(),
        complete: true,
        ..Role::default()
    };
    match inline(aws, &mut role).await {
        // The function may name a role that does not exist, at least in emulators; Lambda refuses that.
        Err(failure) if failure.is_not_found() => return Ok(None),
        told => told?,
    }
    attached(aws, &mut role).await?;
    Ok(Some(role))
}

async fn inline(aws: &Aws, role: &mut Role) -> Result<(), Failure> {
    let iam = aws.iam();
    let on = format!("role {}", role.label);
    let mut pages = iam
        .list_role_policies()
        .role_name(&role.label)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        for name in page.call_context("iam:ListRolePolicies", &on)?.policy_names() {
            let policy = iam
                .get_role_policy()
                .role_name(&role.label)
                .policy_name(name)
                .send()
                .await;
            let policy = policy.call_context("iam:GetRolePolicy", &on)?;
            role.statements
                .extend(statements(&decoded(policy.policy_document()))?);
        }
    }
    Ok(())
}

async fn attached(aws: &Aws, role: &mut Role) -> Result<(), Failure> {
    let iam = aws.iam();
    let on = format!("role {}", role.label);
    let mut pages = iam
        .list_attached_role_policies()
        .role_name(&role.label)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        for policy in page
            .call_context("iam:ListAttachedRolePolicies", &on)?
            .attached_policies()
        {
            let arn = policy.policy_arn().unwrap_or_default();
            match arn.split_once(":iam::aws:policy/") {
                Some((_, name)) => role.managed.push((name.to_owned(), None)),
                None => role.statements.extend(statements(&document(aws, arn).await?)?),
            }
        }
    }
    Ok(())
}

/// The document of a customer managed policy, in its default version.
async fn document(aws: &Aws, arn: &str) -> Result<String, Failure> {
    let iam = aws.iam();
    let on = format!("policy {arn}");
    let told = iam
        .get_policy()
        .policy_arn(arn)
        .send()
        .await
        .call_context("iam:GetPolicy", &on)?;
    let version = told
        .policy()
        .and_then(|policy| policy.default_version_id())
        .unwrap_or("v1");
    let told = iam
        .get_policy_version()
        .policy_arn(arn)
        .version_id(version)
        .send()
        .await;
    let told = told.call_context("iam:GetPolicyVersion", &on)?;
    Ok(decoded(
        told.policy_version()
            .and_then(|version| version.document())
            .unwrap_or("{}"),
    ))
}

/// IAM returns documents URL-encoded.
fn decoded(document: &str) -> String {
    percent_decode_str(document).decode_utf8_lossy().into_owned()
}
