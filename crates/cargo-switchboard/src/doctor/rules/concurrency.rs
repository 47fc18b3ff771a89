//! How many environments a mapping and the function may use: `SB0108`, `SB0111`, `SB0703`.

use super::catalogue::{MAPPING_CONCURRENCY, NO_CONCURRENCY, POLLERS, Severity};
use super::check::Check;
use super::fix::{Edit, MAPPINGS};
use crate::doctor::deployment::{Mapping, Origin, Trigger};

/// The least that Lambda takes.
const LEAST: u64 = 2;
/// The most pollers by default.
const POLLERS_BY_DEFAULT: u64 = 200;

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
        pollers(check, trigger, mapping);
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

/// Pollers of provisioned mode: a queue needs two, and the minimum is not above the maximum.
fn pollers(check: &mut Check<'_>, trigger: &Trigger, mapping: &Mapping) {
    let least = mapping.least_pollers.known().copied();
    let most = mapping.most_pollers.known().copied();
    let floor = match mapping.origin {
        Some(Origin::Sqs) => 2,
        _ => 1,
    };
    let label = &trigger.label;
    let few = |name: &str, number: u64| format!("{label} has {name} {number}, but the least is {floor}");
    let what = match (least, most, mapping.most_pollers.or(POLLERS_BY_DEFAULT)) {
        (Some(least), _, _) if least < floor => few("MinimumPollers", least),
        (_, Some(most), _) if most < floor => few("MaximumPollers", most),
        (Some(least), _, Some(most)) if least > most => {
            format!("{label} has MinimumPollers {least}, but MaximumPollers {most}")
        }
        _ => return,
    };
    let finding = check.report(&POLLERS, trigger.here(), what);
    let (least, most) = (
        least.unwrap_or(floor).max(floor),
        most.unwrap_or(POLLERS_BY_DEFAULT).max(floor),
    );
    finding.paste(format!(
        "ProvisionedPollerConfig:\n  MinimumPollers: {}\n  MaximumPollers: {most}",
        least.min(most)
    ));
}
