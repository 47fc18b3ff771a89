//! The code's routes compared with the triggers: `SB0601`, `SB0602`; their conditions: `origins.rs`.

use super::api::other_version;
use super::catalogue::{IDLE_ROUTE, UNROUTED_TRIGGER};
use super::check::Check;

pub(super) fn check(check: &mut Check<'_>) {
    let Some(served) = check.served else { return };
    let function = check.function;
    let unrouted = check.first_of_each(|trigger| {
        let source = trigger.source()?;
        let explained = other_version(&trigger.kind, Some(source), served).is_some();
        (served.handler(source).is_none() && !explained).then_some(source)
    });
    for (trigger, source) in unrouted {
        let what = format!(
            "{} sends {source}, for which {} has no handler",
            trigger.label, function.label
        );
        check.report(&UNROUTED_TRIGGER, trigger.here(), what);
    }
    // Events of an unknown source, and those inside envelopes, may be for any handler, and so may those of a trigger that
    // could not be read.
    let unread = check.deployment.unread.iter().any(|unread| unread.triggers);
    let open = function.triggers.iter().any(|trigger| trigger.source().is_none());
    if unread || open || check.deployment.linked || served.opens_envelopes() {
        return;
    }
    let woken: Vec<_> = function
        .triggers
        .iter()
        .filter_map(|trigger| trigger.source())
        .collect();
    for (handler, sources) in served.handlers() {
        // A handler may be registered for several sources, as the one for HTTP is. One trigger is enough.
        let idle = sources.iter().all(|source| {
            let seen = source
                .parse()
                .is_ok_and(|source| check.deployment.kind.sees(source));
            seen && !woken.iter().any(|woken| woken.as_str() == *source)
        });
        let explained = function
            .triggers
            .iter()
            .any(|trigger| other_version(&trigger.kind, trigger.source(), served).is_some())
            && sources.iter().any(|source| source.starts_with("api_gateway_"));
        if idle && !explained {
            let what = format!(
                "{handler} is registered for {}, but no trigger sends it",
                sources.join(", ")
            );
            check.report(&IDLE_ROUTE, (&function.label, function.at), what);
        }
    }
}
