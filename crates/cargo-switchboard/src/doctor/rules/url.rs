//! The statements of function URLs: `SB0407`.

use super::catalogue::URL_STATEMENTS;
use super::check::Check;
use super::fix::{Edit, FUNCTIONS};
use crate::doctor::deployment::{Permission, TriggerKind, UrlPart, same_qualifier};
use crate::doctor::text::Certainty;

pub(super) fn check(check: &mut Check<'_>) {
    let function = check.function;
    for trigger in &function.triggers {
        let TriggerKind::FunctionUrl { auth, .. } = &trigger.kind else {
            continue;
        };
        if auth.known().is_none_or(|auth| auth != "NONE") {
            continue;
        }
        let is_its = |permission: &&Permission| {
            same_qualifier(&permission.qualifier, &trigger.qualifier) != Certainty::No
        };
        let its: Vec<&Permission> = function.permissions.iter().filter(is_its).collect();
        let has = |part: UrlPart| {
            // A statement that lets everyone invoke the function covers the second one.
            let everyone = |permission: &&Permission| permission.url.is_none() && permission.principal == "*";
            let by_all = part == UrlPart::Function && its.iter().any(everyone);
            by_all || its.iter().any(|permission| permission.url == Some(part))
        };
        let (missing, action, key) = match (has(UrlPart::Url), has(UrlPart::Function)) {
            (true, false) => (
                "lambda:InvokeFunction with InvokedViaFunctionUrl",
                "lambda:InvokeFunction",
                "InvokedViaFunctionUrl: true",
            ),
            (false, true) => (
                "lambda:InvokeFunctionUrl",
                "lambda:InvokeFunctionUrl",
                "FunctionUrlAuthType: NONE",
            ),
            // With neither, the URL is not for everyone: other policies may allow some.
            _ => continue,
        };
        let what = format!(
            "{} has AuthType NONE, but nothing allows everyone {missing}",
            trigger.label
        );
        let label = &function.label;
        let permission = format!(
            "Type: AWS::Lambda::Permission\nProperties:\n  FunctionName: !Ref {label}\n  Action: {action}\n  Principal: '*'\n  {key}"
        );
        let id = format!("{label}UrlPermission");
        let finding = check.report(&URL_STATEMENTS, trigger.here(), what);
        finding.paste(format!("{id}:\n  {}", permission.replace('\n', "\n  ")));
        if trigger.qualifier.is_empty() {
            finding.fix(function.at, FUNCTIONS, [Edit::add(id, permission)]);
        }
    }
}
