//! Log groups: `SB0501`.

use super::catalogue::LOG_RETENTION;
use super::check::Check;
use super::fix::{Edit, FUNCTIONS};

/// How many days are proposed.
const DAYS: u64 = 30;

pub(super) fn check(check: &mut Check<'_>) {
    let function = check.function;
    if !function.logs.retention.is_absent() {
        return;
    }
    let (label, what) = match &function.logs.label {
        Some(label) => (label, format!("{label} has no RetentionInDays")),
        None => {
            let what = format!(
                "the log group that Lambda creates for {} has no retention",
                function.label
            );
            (&function.label, what)
        }
    };
    let name = &function.label;
    let group = format!("{name}Logs");
    let at = function.logs.at;
    let finding = check.report(&LOG_RETENTION, (label, at), what);
    // A group of one's own, for the one that Lambda creates by itself may be there already.
    let own = format!("Type: AWS::Logs::LogGroup\nProperties:\n  RetentionInDays: {DAYS}");
    match function.logs.label {
        Some(_) => finding.paste(format!("RetentionInDays: {DAYS}")).fix(
            at,
            &["AWS::Logs::LogGroup"],
            [Edit::set("Properties.RetentionInDays", DAYS)],
        ),
        None => finding
            .paste(format!(
                "{group}:\n  {}\n# and in {name}:\nLoggingConfig:\n  LogGroup: !Ref {group}",
                own.replace('\n', "\n  ")
            ))
            .fix(
                function.at,
                FUNCTIONS,
                [
                    Edit::set("Properties.LoggingConfig.LogGroup", format!("!Ref {group}")),
                    Edit::add(group, own),
                ],
            ),
    };
}
