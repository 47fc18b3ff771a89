//! Runs every rule on every function.

use super::check::{Check, Finding};
use super::{api, asynchronous, logs, mapping, permission, queue, recursion, rights, routes, wide};
use crate::describe::Description;
use crate::doctor::deployment::{Deployment, Function};

/// Finds what is wrong with the deployment, in the order of the file. `served` says what each function's code serves.
pub(crate) fn check<'d>(
    deployment: &'d Deployment,
    served: impl Fn(&Function) -> Option<&'d Description>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in &deployment.functions {
        let mut check = Check {
            deployment,
            function,
            served: served(function),
            findings: Vec::new(),
        };
        for rule in [
            mapping::check,
            queue::check,
            asynchronous::check,
            recursion::check,
            api::check,
            rights::check,
            permission::check,
            wide::check,
            logs::check,
            routes::check,
        ] {
            rule(&mut check);
        }
        findings.append(&mut check.findings);
    }
    findings.sort_by(|a, b| (a.at, a.rule.code).cmp(&(b.at, b.rule.code)));
    // Functions may share a role or a queue.
    findings
        .dedup_by(|a, b| a.rule.code == b.rule.code && a.at.is_some() && a.at == b.at && a.what == b.what);
    findings
}
