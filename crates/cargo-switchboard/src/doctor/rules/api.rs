//! APIs: `SB0301`, `SB0302`.

use switchboard::source::Source;

use super::catalogue::{API_TIMEOUT, PAYLOAD_FORMAT};
use super::check::Check;
use super::fix::Edit;
use crate::describe::Description;
use crate::doctor::deployment::{PAYLOAD_FORMATS, TriggerKind};

/// How long an integration waits by default, in milliseconds, after "Amazon API Gateway quotas".
const REST: u64 = 29_000;
const HTTP: u64 = 30_000;
/// Lambda's default, in seconds.
const TIMEOUT: u64 = 3;

pub(super) fn check(check: &mut Check<'_>) {
    formats(check);
    timeouts(check);
}

/// The version that an HTTP API must send, if the code does not support the one it sends.
pub(super) fn other_version(
    kind: &TriggerKind,
    source: Option<Source>,
    served: &Description,
) -> Option<&'static str> {
    let (TriggerKind::Http { .. }, Some(source)) = (kind, source) else {
        return None;
    };
    let mut others = PAYLOAD_FORMATS.into_iter().filter(|(_, other)| *other != source);
    let served_other = others.find(|(_, other)| served.handler(*other).is_some());
    let (version, _) = served_other.filter(|_| served.handler(source).is_none())?;
    Some(version)
}

fn formats(check: &mut Check<'_>) {
    let Some(served) = check.served else { return };
    let wrong = check.first_of_each(|trigger| other_version(&trigger.kind, trigger.source(), served));
    for (trigger, version) in wrong {
        let what = format!(
            "{} sends a payload format other than {version}, the only one that the code supports",
            trigger.label
        );
        let finding = check.report(&PAYLOAD_FORMAT, trigger.here(), what);
        let edit = Edit::set("Properties.PayloadFormatVersion", format!("\"{version}\""));
        finding.paste(format!("PayloadFormatVersion: \"{version}\"")).fix(
            trigger.at,
            &["HttpApi", "AWS::ApiGatewayV2::Integration"],
            [edit],
        );
    }
}

fn timeouts(check: &mut Check<'_>) {
    let Some(seconds) = check.function.timeout.or(TIMEOUT) else {
        return;
    };
    let short = check.first_of_each(|trigger| {
        let waits = match &trigger.kind {
            TriggerKind::Rest {
                timeout, streamed, ..
            } => timeout.or(REST).filter(|_| streamed.or(false) == Some(false)),
            TriggerKind::Http { timeout, .. } => timeout.or(HTTP),
            TriggerKind::WebSocket { timeout } => timeout.or(REST),
            TriggerKind::Mapping(_)
            | TriggerKind::Bucket(_)
            | TriggerKind::Rule(_)
            | TriggerKind::Schedule(_)
            | TriggerKind::FunctionUrl { .. }
            | TriggerKind::Other { .. } => None,
        };
        waits.filter(|waits| seconds.saturating_mul(1000) > *waits)
    });
    for (trigger, waits) in short {
        let what = format!(
            "{} may run for {seconds} s, but {} waits for {} s only",
            check.function.label,
            trigger.label,
            waits as f64 / 1000.0
        );
        let finding = check.report(&API_TIMEOUT, (&check.function.label, check.function.at), what);
        finding.paste(format!("Timeout: {}", waits / 1000));
    }
}
