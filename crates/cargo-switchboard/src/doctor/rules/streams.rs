//! Whether a function and its front ends agree about streaming: `SB0303`.

use switchboard::source::Source;

use super::catalogue::{STREAMED_ANSWER, Severity};
use super::check::Check;
use super::fix::Edit;
use crate::doctor::deployment::{STREAM_VARIABLE, Setting, Trigger, TriggerKind};

/// A front end that can pass a response on in parts.
struct Front {
    /// Its name in the variable.
    name: &'static str,
    source: Source,
    /// The property, and its values for parts and for a whole.
    property: &'static str,
    parts: &'static str,
    whole: &'static str,
}

const FUNCTION_URL: Front = Front {
    name: "function_url",
    source: Source::FunctionUrl,
    property: "InvokeMode",
    parts: "RESPONSE_STREAM",
    whole: "BUFFERED",
};
const REST_API: Front = Front {
    name: "rest_api",
    source: Source::ApiGatewayRest,
    property: "ResponseTransferMode",
    parts: "STREAM",
    whole: "BUFFERED",
};

/// Code of managed runtimes is someone else's, and may do as it likes.
pub(super) fn check(check: &mut Check<'_>) {
    let runtime = check.function.modes.runtime.known();
    if runtime.is_some_and(|runtime| !runtime.starts_with("provided")) {
        return;
    }
    let function = check.function;
    let by_code = |front: &Front| check.served.is_some_and(|served| served.streams(front.source));
    let code_decides = [FUNCTION_URL, REST_API].iter().any(by_code);
    match &function.modes.streams_to {
        Setting::Absent if !code_decides => buffered(check),
        Setting::Absent => disagreeing(check, ""),
        Setting::Known(fronts) => disagreeing(check, fronts),
        Setting::Unknown => {}
    }
}

/// Without the variable, this library answers with one object. Unknown code may stream.
fn buffered(check: &mut Check<'_>) {
    let severity = if check.served.is_some() {
        Severity::Error
    } else {
        Severity::Warning
    };
    let streamed = check.first_of_each(|trigger| front(trigger).filter(|(_, streams)| *streams));
    for (trigger, (front, _)) in streamed {
        let what = format!(
            "{} has {} {}, but {} answers at once",
            trigger.label, front.property, front.parts, check.function.label
        );
        let finding = check
            .report_as(&STREAMED_ANSWER, severity, trigger.here(), what)
            .paste(format!("{}: {}", front.property, front.whole));
        if severity == Severity::Error {
            let at = trigger.at;
            finding
                .fix(at, &["FunctionUrlConfig"], [Edit::set("InvokeMode", "BUFFERED")])
                .fix(
                    at,
                    &["AWS::Lambda::Url"],
                    [Edit::set("Properties.InvokeMode", "BUFFERED")],
                )
                .fix(at, &["Api"], [Edit::remove("Properties.ResponseTransferMode")]);
        }
    }
}

/// With the variable, the function streams exactly where it says, and where its code says so by itself. Which of the two is meant
/// is for people to decide.
fn disagreeing(check: &mut Check<'_>, fronts: &str) {
    let served = check.served;
    let by_code = |front: &Front| served.is_some_and(|served| served.streams(front.source));
    let told = |front: &Front| by_code(front) || fronts.split(',').any(|name| name.trim() == front.name);
    let disagreeing =
        check.first_of_each(|trigger| front(trigger).filter(|(front, streams)| told(front) != *streams));
    let label = &check.function.label;
    for (trigger, (front, streams)) in disagreeing {
        let by = match by_code(&front) {
            true => format!("the code of {label}"),
            false => format!("{STREAM_VARIABLE} of {label}"),
        };
        let Front {
            name,
            property,
            parts,
            whole,
            ..
        } = front;
        let (what, paste) = match streams {
            true => (
                format!(
                    "{} has {property} {parts}, but {STREAM_VARIABLE} of {label} does not name {name}",
                    trigger.label
                ),
                format!(
                    "Environment:\n  Variables:\n    {STREAM_VARIABLE}: {}",
                    with(fronts, name)
                ),
            ),
            false => (
                format!("{by} names {name}, but {} has {property} {whole}", trigger.label),
                format!("{property}: {parts}"),
            ),
        };
        check.report(&STREAMED_ANSWER, trigger.here(), what).paste(paste);
    }
}

/// The variable's value with this front end, too.
fn with(fronts: &str, name: &str) -> String {
    let known = fronts.split(',').map(str::trim).filter(|front| !front.is_empty());
    known.chain([name]).collect::<Vec<_>>().join(",")
}

/// The front end that a trigger is, and whether it passes the answer on in parts.
fn front(trigger: &Trigger) -> Option<(Front, bool)> {
    let (front, streamed) = match trigger.kind {
        TriggerKind::FunctionUrl { streamed, .. } => (FUNCTION_URL, streamed),
        TriggerKind::Rest { streamed, proxy, .. } if proxy || streamed == Setting::Known(true) => {
            (REST_API, streamed)
        }
        _ => return None,
    };
    Some((front, streamed.or(false)?))
}
