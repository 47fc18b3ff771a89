//! The conditions of routes compared with what triggers read: `SB0603`, `SB0604`.

use switchboard::source::Source;

use super::catalogue::{UNTAKEN_TRIGGER, UNWIRED_NAME};
use super::check::Check;
use crate::describe::{Description, NamedRoute};
use crate::doctor::deployment::Trigger;
use crate::doctor::text::{Certainty, covers};

/// Conditions on where events come from, and the ARNs of a name, as patterns.
const ORIGINS: [(&str, &[&str]); 6] = [
    ("queue", &["arn:*:sqs:*:*:{}"]),
    (
        "stream",
        &["arn:*:kinesis:*:*:stream/{}", "arn:*:kinesis:*:*:stream/{}/*"],
    ),
    (
        "table",
        &["arn:*:dynamodb:*:*:table/{}", "arn:*:dynamodb:*:*:table/{}/*"],
    ),
    ("topic", &["arn:*:sns:*:*:{}"]),
    ("bucket", &["arn:*:s3:::{}"]),
    (
        "rule",
        &["arn:*:events:*:*:rule/{}", "arn:*:events:*:*:rule/*/{}"],
    ),
];

/// What no event inside another one comes from, so that its trigger has to be there.
const NEVER_INSIDE: [&str; 3] = ["queue", "stream", "table"];

pub(super) fn check(check: &mut Check<'_>) {
    let Some(served) = check.served else { return };
    let triggers: Vec<(&Trigger, Source)> = check
        .function
        .triggers
        .iter()
        .filter_map(|trigger| Some((trigger, trigger.source()?)))
        .collect();
    let mut sources: Vec<Source> = Vec::new();
    for (_, source) in &triggers {
        if !sources.contains(source) {
            sources.push(*source);
        }
    }
    for source in sources {
        let of_source: Vec<&Trigger> = triggers
            .iter()
            .filter(|(_, of)| *of == source)
            .map(|(trigger, _)| *trigger)
            .collect();
        if !untaken(check, served, source, &of_source) {
            unwired(check, served, source, &of_source);
        }
    }
}

/// Triggers whose events no route takes; whether there are any.
fn untaken(check: &mut Check<'_>, served: &Description, source: Source, triggers: &[&Trigger]) -> bool {
    let what = ORIGINS.map(|(what, _)| what);
    let routes: Vec<_> = served.origins(source, &what).collect();
    let mut found = false;
    for trigger in triggers.iter().filter(|trigger| !trigger.arn.is_empty()) {
        let passes_by = |route: &Option<NamedRoute<'_>>| {
            route
                .as_ref()
                .is_some_and(|route| route.may_take(&trigger.arn) == Certainty::No)
        };
        if routes.is_empty() || !routes.iter().all(passes_by) {
            continue;
        }
        found = true;
        let wanted: Vec<String> = routes.iter().flatten().map(NamedRoute::shown).collect();
        let what = format!(
            "{} sends {source} from {}, but handlers are registered only for {}",
            trigger.label,
            check.show(&trigger.arn),
            wanted.join(", ")
        );
        check.report(&UNTAKEN_TRIGGER, trigger.here(), what);
    }
    found
}

/// Routes for what no trigger of their source sends.
fn unwired(check: &mut Check<'_>, served: &Description, source: Source, triggers: &[&Trigger]) {
    let unread = check.deployment.unread.iter().any(|unread| unread.triggers);
    let open = check
        .function
        .triggers
        .iter()
        .any(|trigger| trigger.source().is_none());
    if unread || open || triggers.iter().any(|trigger| trigger.arn.is_empty()) {
        return;
    }
    let inside = served.opens_envelopes();
    let what = ORIGINS.map(|(what, _)| what);
    let idle: Vec<String> = served
        .origins(source, &what)
        .flatten()
        .filter(|route| !inside || NEVER_INSIDE.contains(&route.what))
        .filter(|route| {
            let passes_by = |trigger: &&Trigger| route.may_take(&trigger.arn) == Certainty::No;
            triggers.iter().all(passes_by)
        })
        .map(|route| {
            format!(
                "{} is registered for {}, but no trigger sends it",
                route.handler,
                route.shown()
            )
        })
        .collect();
    for what in idle {
        let function = check.function;
        check.report(&UNWIRED_NAME, (&function.label, function.at), what);
    }
}

impl NamedRoute<'_> {
    /// Whether it takes what comes from this ARN.
    fn may_take(&self, arn: &str) -> Certainty {
        let patterns = ORIGINS.iter().find(|(what, _)| *what == self.what);
        let patterns = patterns.map_or(&[][..], |(_, patterns)| patterns);
        let mut answer = Certainty::No;
        for name in self.names {
            let given = name.starts_with("arn:").then(|| name.clone());
            let made = patterns.iter().map(|pattern| pattern.replace("{}", name));
            for pattern in given.into_iter().chain(made) {
                match covers(&pattern, arn) {
                    Certainty::Yes => return Certainty::Yes,
                    Certainty::Open => answer = Certainty::Open,
                    Certainty::No => {}
                }
            }
        }
        answer
    }

    fn shown(&self) -> String {
        format!("the {} {}", self.what, self.names.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_part_of_its_arns_only() {
        let takes = |what: &str, name: &str, arn: &str| {
            let names = [name.to_owned()];
            NamedRoute {
                handler: "h",
                what,
                names: &names,
            }
            .may_take(arn)
        };
        let bus_rule = "arn:aws:events:eu-west-1:1:rule/shop/nightly";
        for (what, name, arn, answer) in [
            (
                "queue",
                "orders",
                "arn:aws:sqs:eu-west-1:1:orders",
                Certainty::Yes,
            ),
            (
                "queue",
                "orders",
                "arn:aws:sqs:eu-west-1:1:orders.fifo",
                Certainty::No,
            ),
            (
                "queue",
                "arn:aws:sqs:eu-west-1:1:orders",
                "arn:aws:sqs:eu-west-1:1:orders",
                Certainty::Yes,
            ),
            (
                "stream",
                "c",
                "arn:aws:kinesis:eu-west-1:1:stream/c/consumer/d:7",
                Certainty::Yes,
            ),
            (
                "table",
                "t",
                "arn:aws:dynamodb:eu-west-1:1:table/t/stream/2026",
                Certainty::Yes,
            ),
            (
                "table",
                "t",
                "arn:aws:dynamodb:eu-west-1:1:table/tt/stream/2026",
                Certainty::No,
            ),
            ("bucket", "b", "arn:aws:s3:::b", Certainty::Yes),
            ("rule", "nightly", bus_rule, Certainty::Yes),
            ("topic", "news", "arn:aws:sns:eu-west-1:1:other", Certainty::No),
        ] {
            assert_eq!(takes(what, name, arn), answer, "{what} {name} {arn}");
        }
    }
}
