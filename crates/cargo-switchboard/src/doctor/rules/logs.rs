//! Log groups: `SB0501`.

use super::catalogue::LOG_RETENTION;
use super::check::Check;
use super::fix::{Edit, FUNCTIONS};
use crate::doctor::deployment::Role;

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
    if function.logs.label.is_some() {
        finding.paste(format!("RetentionInDays: {DAYS}")).fix(
            at,
            &["AWS::Logs::LogGroup"],
            [Edit::set("Properties.RetentionInDays", DAYS)],
        );
    } else if function.role.as_ref().is_some_and(writes_any_group) {
        // A group with a name of its own, for the one that Lambda creates by itself may be there already.
        let own = format!("Type: AWS::Logs::LogGroup\nProperties:\n  RetentionInDays: {DAYS}\n");
        finding
            .paste(format!(
                "{group}:\n  {}\n# and in {name}:\nLoggingConfig:\n  LogGroup: !Ref {group}",
                own.trim_end().replace('\n', "\n  ")
            ))
            .fix(
                function.at,
                FUNCTIONS,
                [
                    Edit::set("Properties.LoggingConfig.LogGroup", format!("!Ref {group}")),
                    Edit::add(group, own),
                ],
            );
    } else {
        // The role may only write to the group that Lambda names.
        finding.paste(format!(
            "{group}:   # if Lambda has created it already, import it into the stack\n  Type: AWS::Logs::LogGroup\n  Properties:\n    LogGroupName: !Sub '/aws/lambda/${{{name}}}'\n    RetentionInDays: {DAYS}"
        ));
    }
}

/// Whether the role may write to a log group of any name, as far as that is known.
fn writes_any_group(role: &Role) -> bool {
    // A name that only a wildcard matches.
    let group = "arn:\u{1}:logs:\u{1}:\u{1}:log-group:\u{1}:log-stream:\u{1}";
    let mut actions = ["logs:CreateLogStream", "logs:PutLogEvents"].into_iter();
    actions.all(|action| role.is_known_to_grant(action, group))
}
