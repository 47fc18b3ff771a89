//! Log groups: `SB0501`.

use super::catalogue::LOG_RETENTION;
use super::check::Check;

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
    check.report(&LOG_RETENTION, (label, function.logs.at), what).paste(format!(
        "{name}Logs:\n  Type: AWS::Logs::LogGroup\n  Properties:\n    LogGroupName: !Sub '/aws/lambda/${{{name}}}'\n    RetentionInDays: 30"
    ));
}
