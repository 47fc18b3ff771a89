//! Settings of the function that Lambda refuses, alone or together: `SB0110`, `SB0408`, `SB0701`, `SB0702`, `SB0704`,
//! `SB0705`.

use switchboard::source::Source;

use super::catalogue::{DURABLE_RIGHTS, MAPPING_TIME, MODES, NO_TENANT, SNAP_START, UNQUALIFIED};
use super::check::Check;
use super::fix::{Edit, FUNCTIONS, SAM_FUNCTIONS};
use crate::doctor::deployment::{DURABLE, Function, Setting, Trigger, TriggerKind};
use crate::doctor::text::Certainty;

/// The longest durable execution, in seconds, that a mapping or a caller waits for; on Managed Instances it is longer.
const EXECUTION: u64 = 900;
/// How an integration of a REST API names the tenant.
const TENANT_PARAMETER: &str = "RequestParameters:   # of the integration; the method must accept the header
  integration.request.header.X-Amz-Tenant-Id: method.request.header.x-tenant-id";

pub(super) fn check(check: &mut Check<'_>) {
    let function = check.function;
    let snap_start = function
        .modes
        .snap_start
        .known()
        .is_some_and(|on| on == "PublishedVersions");
    let runtime = function.modes.runtime.known();
    if let Some(runtime) = runtime.filter(|runtime| snap_start && runtime.starts_with("provided")) {
        let what = format!("{} has SnapStart on {runtime}", function.label);
        let finding = check.report(&SNAP_START, (&function.label, function.at), what);
        finding.fix(function.at, FUNCTIONS, [Edit::remove("Properties.SnapStart")]);
    }
    for (one, other) in excluded(function) {
        let what = format!("{} has both {one} and {other}", function.label);
        check.report(&MODES, (&function.label, function.at), what);
    }
    if function.modes.durable == Setting::Known(true) {
        durable(check);
        keeping(check);
    }
    if function.modes.tenants == Setting::Known(true) {
        tenants(check);
    }
}

/// A durable function saves its steps with its own role.
fn keeping(check: &mut Check<'_>) {
    let function = check.function;
    let Some(role) = &function.role else { return };
    // Rights on any resource are enough: a statement for another function is not looked for.
    let missing = |action: &&&str| role.grants(action, "*") == Certainty::No;
    let missing: Vec<&str> = DURABLE.iter().filter(missing).copied().collect();
    if missing.is_empty() {
        return;
    }
    let what = format!(
        "{} may not {}, but {} is a durable function",
        role.label,
        missing.join(", "),
        function.label
    );
    let finding = check.report(&DURABLE_RIGHTS, (&role.label, role.at), what);
    finding.paste("ManagedPolicyArns:\n  - arn:aws:iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy").fix(
        role.at,
        &["AWS::IAM::Role"],
        [Edit::append(
            "Properties.ManagedPolicyArns",
            "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy",
        )],
    );
}

/// Only callers of Lambda's API name a tenant, and REST APIs with the header. URLs and mappings are refused altogether.
fn tenants(check: &mut Check<'_>) {
    let without = check.first_of_each(|trigger| {
        let nameless = match trigger.kind {
            TriggerKind::Bucket(_)
            | TriggerKind::Rule(_)
            | TriggerKind::Schedule(_)
            | TriggerKind::Http { .. } => true,
            TriggerKind::Other { asynchronous, source } => {
                asynchronous && source.is_some() || source.is_some_and(Source::is_http)
            }
            TriggerKind::Rest { tenant, .. } => tenant == Setting::Known(false),
            TriggerKind::Mapping(_) | TriggerKind::WebSocket { .. } | TriggerKind::FunctionUrl { .. } => {
                false
            }
        };
        let rest = matches!(trigger.kind, TriggerKind::Rest { .. });
        nameless.then_some(rest)
    });
    for (trigger, rest) in without {
        let what = format!(
            "{} invokes {} without a tenant, but it isolates tenants",
            trigger.label, check.function.label
        );
        let finding = check.report(&NO_TENANT, trigger.here(), what);
        if rest {
            finding.paste(TENANT_PARAMETER);
        }
    }
}

/// A durable function is invoked as a version or an alias, and what does not invoke it asynchronously waits for its whole
/// execution.
fn durable(check: &mut Check<'_>) {
    let function = check.function;
    for (trigger, ()) in check.first_of_each(|trigger| trigger.qualifier.is_empty().then_some(())) {
        let what = format!(
            "{} invokes {} without a version or an alias",
            trigger.label, function.label
        );
        let finding = check
            .report(&UNQUALIFIED, trigger.here(), what)
            .paste("AutoPublishAlias: live");
        finding.fix(
            function.at,
            SAM_FUNCTIONS,
            [Edit::set("Properties.AutoPublishAlias", "live")],
        );
    }
    let longest = function.modes.execution.known().copied().unwrap_or_default();
    let waiting = function.triggers.iter().find(|trigger| waits(trigger));
    let Some(waiting) = waiting.filter(|_| longest > EXECUTION && function.modes.instances.is_absent())
    else {
        return;
    };
    let what = format!(
        "an execution of {} may take {longest} s, but {} waits for {EXECUTION} s at most",
        function.label, waiting.label
    );
    let finding = check.report(&MAPPING_TIME, (&function.label, function.at), what);
    finding.paste(format!("DurableConfig:\n  ExecutionTimeout: {EXECUTION}"));
}

/// Whether it waits for the answer.
fn waits(trigger: &Trigger) -> bool {
    match trigger.kind {
        TriggerKind::Mapping(_)
        | TriggerKind::Rest { .. }
        | TriggerKind::Http { .. }
        | TriggerKind::WebSocket { .. }
        | TriggerKind::FunctionUrl { .. } => true,
        TriggerKind::Other { source, .. } => source.is_some_and(Source::is_http),
        TriggerKind::Bucket(_) | TriggerKind::Rule(_) | TriggerKind::Schedule(_) => false,
    }
}

/// Pairs of settings that exclude each other.
fn excluded(function: &Function) -> Vec<(&'static str, &'static str)> {
    let modes = &function.modes;
    let on = |setting: Setting<bool>| setting == Setting::Known(true);
    let (tenants, durable, instances) = (on(modes.tenants), on(modes.durable), on(modes.instances));
    let snap_start = modes
        .snap_start
        .known()
        .is_some_and(|on| on == "PublishedVersions");
    let provisioned = !modes.provisioned.is_empty();
    let url = |trigger: &Trigger| matches!(trigger.kind, TriggerKind::FunctionUrl { .. });
    let mapped = |trigger: &Trigger| trigger.mapping().is_some();
    let destination = function
        .asynchronous
        .iter()
        .any(|config| config.on_failure.known().or(config.on_success.known()).is_some());
    let pairs = [
        (
            tenants && function.triggers.iter().any(url),
            ("tenant isolation", "a function URL"),
        ),
        (
            tenants && function.triggers.iter().any(mapped),
            ("tenant isolation", "an event source mapping"),
        ),
        (
            tenants && provisioned,
            ("tenant isolation", "provisioned concurrency"),
        ),
        (tenants && snap_start, ("tenant isolation", "SnapStart")),
        (
            snap_start && provisioned,
            ("SnapStart", "provisioned concurrency"),
        ),
        (
            instances && provisioned,
            ("CapacityProviderConfig", "provisioned concurrency"),
        ),
        (
            instances && on(modes.vpc),
            ("CapacityProviderConfig", "VpcConfig"),
        ),
        (
            durable && destination,
            ("DurableConfig", "a destination of asynchronous invocations"),
        ),
    ];
    pairs
        .into_iter()
        .filter(|(both, _)| *both)
        .map(|(_, pair)| pair)
        .collect()
}
