//! How many environments a mapping and the function may use: `SB0108`, `SB0703`.

use super::catalogue::{MAPPING_CONCURRENCY, NO_CONCURRENCY, Severity};
use super::check::Check;
use super::fix::{Edit, MAPPINGS};

/// The least that Lambda takes.
const LEAST: u64 = 2;

pub(super) fn check(check: &mut Check<'_>) {
    let function = check.function;
    let reserved = function.modes.reserved.known().copied();
    if reserved == Some(0) {
        let what = format!("{} has ReservedConcurrentExecutions 0", function.label);
        check.report(&NO_CONCURRENCY, (&function.label, function.at), what);
    }
    for trigger in &function.triggers {
        let Some(mapping) = trigger.mapping() else {
            continue;
        };
        let Some(most) = mapping.concurrency.known().copied() else {
            continue;
        };
        let label = &trigger.label;
        let (severity, what) = match reserved {
            _ if most < LEAST => (
                Severity::Error,
                format!("{label} has MaximumConcurrency {most}, but the least is {LEAST}"),
            ),
            _ if mapping.provisioned.known() == Some(&true) => (
                Severity::Error,
                format!("{label} has both MaximumConcurrency and a ProvisionedPollerConfig"),
            ),
            Some(reserved) if most > reserved && reserved > 0 => (
                Severity::Warning,
                format!(
                    "{label} has MaximumConcurrency {most}, but {} has ReservedConcurrentExecutions {reserved}",
                    function.label
                ),
            ),
            _ => continue,
        };
        let finding = check.report_as(&MAPPING_CONCURRENCY, severity, trigger.here(), what);
        let most = reserved.unwrap_or(LEAST).max(LEAST);
        let edit = match mapping.provisioned.is_absent() {
            true => Edit::set("Properties.ScalingConfig.MaximumConcurrency", most),
            false => Edit::remove("Properties.ScalingConfig"),
        };
        finding
            .paste(format!("ScalingConfig:\n  MaximumConcurrency: {most}"))
            .fix(trigger.at, MAPPINGS, [edit]);
    }
}
