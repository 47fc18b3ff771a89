//! Which sources a condition can hold for, by their rows of facts.

use super::{Condition, TextCondition, TextPlaces, When};
use crate::source::{Embedded, NameKind, Source};
use std::fmt;

/// A condition that no event of a source can meet.
#[derive(Debug)]
pub(crate) struct Misfit<'w> {
    condition: &'w Condition,
    source: Source,
}

impl When {
    /// What no event of the source can meet, if there is anything.
    pub(crate) fn misfit(&self, source: Source) -> Option<Misfit<'_>> {
        let mut conditions = self.conditions.iter();
        let condition = conditions.find(|condition| !condition.fits(source))?;
        Some(Misfit { condition, source })
    }
}

impl Condition {
    fn fits(&self, source: Source) -> bool {
        match self {
            Condition::Text { at, is } => match at {
                TextPlaces::Field(_) => true,
                TextPlaces::Named(what, _) => names_of(source, *what).any(|names| is.fits(names)),
            },
            // Whatever looks like an event is an agent's arguments, if it calls a tool.
            Condition::Tool(_) => source == Source::Unknown,
        }
    }

    /// The function that made it.
    fn made_by(&self) -> &'static str {
        match self {
            Condition::Text { at, is } => match at {
                TextPlaces::Field(_) => "field",
                TextPlaces::Named(what, _) => match (what.conditions(), is) {
                    ([_, suffix], TextCondition::Suffix(_)) => suffix,
                    ([first, ..], _) => first,
                    ([], _) => what.as_str(),
                },
            },
            Condition::Tool(_) => "tool",
        }
    }
}

impl TextCondition {
    /// Whether one of the names meets it; of an empty list, any may.
    fn fits(&self, names: &[&str]) -> bool {
        names.is_empty() || names.iter().any(|name| self.met(name))
    }
}

/// Where the source has such a name: the names that there are, or an empty list if they are the user's.
fn names_of(source: Source, what: NameKind) -> impl Iterator<Item = &'static [&'static str]> {
    let places = source.names().iter().filter(move |place| place.what == what);
    places.map(|place| place.names)
}

/// The conditions that can hold for the source.
fn conditions_of(source: Source) -> String {
    let mut all: Vec<&str> = Vec::new();
    let named = source.names().iter().flat_map(|place| place.what.conditions());
    let tool = (source == Source::Unknown).then_some(&"tool");
    for name in named.chain(tool).chain(["field"].iter()) {
        if !all.contains(name) {
            all.push(name);
        }
    }
    format!("`{}`", all.join("`, `"))
}

/// The sources that have such a name.
fn sources_of(what: NameKind) -> String {
    let of = Source::ALL
        .iter()
        .filter(|source| names_of(**source, what).next().is_some());
    of.map(|source| source.as_str()).collect::<Vec<_>>().join(", ")
}

/// What is wrong with the handler of the source.
impl fmt::Display for Misfit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (made_by, source) = (self.condition.made_by(), self.source);
        write!(f, "has the condition `{made_by}`, which can never hold there: ")?;
        match self.condition {
            Condition::Text {
                at: TextPlaces::Named(what, _),
                ..
            } => match names_of(source, *what).next() {
                Some(names) => return write!(f, "it is one of {}", names.join(", ")),
                None => write!(f, "it is for {}", sources_of(*what))?,
            },
            Condition::Text { .. } | Condition::Tool(_) => {
                f.write_str("it is for payloads of your own (`Router::direct`)")?;
            }
        }
        write!(f, "; for {source} there is {}", conditions_of(source))?;
        match source.embedded() {
            Embedded::Text(_) => f.write_str(
                ". If it is for the event inside a record (`Unwrap`), give it to the handler of that event's source",
            ),
            Embedded::Nothing | Embedded::Detail(_) | Embedded::Input => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::when::{
        bucket, detail_type, event_name, field, intent, key_prefix, key_suffix, queue, resolver, rule,
        stream, table, tool, topic, trigger, user_pool,
    };

    /// Each condition, the function that makes it, and the sources that it can hold for. Written by hand, because the rows are what is
    /// tested.
    fn all() -> Vec<(&'static str, When, Vec<Source>)> {
        use Source::{
            AppsyncBatch, AppsyncResolver, CloudwatchEvents, Cognito, Dynamodb, DynamodbWindow, Kafka,
            Kinesis, KinesisWindow, LexV1, LexV2, S3, Sns, Sqs, Unknown,
        };
        let objects = vec![S3, CloudwatchEvents];
        vec![
            ("queue", queue("x"), vec![Sqs]),
            ("stream", stream("x"), vec![Kinesis, KinesisWindow]),
            ("table", table("x"), vec![Dynamodb, DynamodbWindow]),
            ("topic", topic("x"), vec![Sns, Kafka]),
            ("bucket", bucket("x"), objects.clone()),
            ("key_prefix", key_prefix("x"), objects.clone()),
            ("key_suffix", key_suffix("x"), objects),
            ("event_name", event_name("ObjectCreated:*"), vec![S3]),
            (
                "event_name",
                event_name("REMOVE"),
                vec![S3, Dynamodb, DynamodbWindow],
            ),
            ("detail_type", detail_type("x"), vec![CloudwatchEvents]),
            ("rule", rule("x"), vec![CloudwatchEvents]),
            #[cfg(feature = "cloudwatch_logs")]
            (
                "log_group",
                crate::when::log_group("x"),
                vec![Source::CloudwatchLogs],
            ),
            ("trigger", trigger("x"), vec![Cognito]),
            ("user_pool", user_pool("x"), vec![Cognito]),
            (
                "resolver",
                resolver("x", "y"),
                vec![AppsyncResolver, AppsyncBatch],
            ),
            ("intent", intent("x"), vec![LexV1, LexV2]),
            ("tool", tool("x"), vec![Unknown]),
            ("field", field("x").is("y"), Source::ALL.to_vec()),
        ]
    }

    #[test]
    fn a_condition_fits_the_sources_whose_events_have_what_it_asks_for() {
        for (made_by, when, sources) in all() {
            for source in Source::ALL {
                let misfit = when.misfit(*source).map(|misfit| misfit.to_string());
                assert_eq!(
                    misfit.is_none(),
                    sources.contains(source),
                    "{made_by} of {source}: {misfit:?}"
                );
                if let Some(misfit) = misfit {
                    assert!(misfit.contains(&format!("the condition `{made_by}`")), "{misfit}");
                }
            }
        }
    }

    #[test]
    fn of_several_conditions_each_has_to_fit() {
        for (made_by, when, sources) in all() {
            for (_, other, also) in all() {
                let both = when.clone().and(other);
                for source in Source::ALL {
                    let fits = sources.contains(source) && also.contains(source);
                    assert_eq!(both.misfit(*source).is_none(), fits, "{made_by}, {source}");
                }
            }
        }
    }

    /// A source's own conditions are those that its error offers.
    #[test]
    fn what_is_offered_fits() {
        for source in Source::ALL {
            let mut offered: Vec<_> = all()
                .into_iter()
                .filter(|(_, _, sources)| sources.contains(source))
                .map(|(made_by, ..)| format!("`{made_by}`"))
                .collect();
            #[cfg(not(feature = "cloudwatch_logs"))]
            if *source == Source::CloudwatchLogs {
                offered.push("`log_group`".to_owned());
            }
            offered.sort();
            offered.dedup();
            let text = conditions_of(*source);
            let mut said: Vec<_> = text.split(", ").collect();
            said.sort_unstable();
            assert_eq!(said, offered, "{source}");
        }
    }

    #[test]
    fn an_error_says_what_would_fit() {
        let says = |when: When, source| when.misfit(source).unwrap().to_string();
        assert_eq!(
            says(detail_type("x"), Source::Sqs),
            "has the condition `detail_type`, which can never hold there: it is for cloudwatch_events; for sqs there is `queue`, \
             `field`. If it is for the event inside a record (`Unwrap`), give it to the handler of that event's source"
        );
        assert_eq!(
            says(tool("x"), Source::Kinesis),
            "has the condition `tool`, which can never hold there: it is for payloads of your own (`Router::direct`); for kinesis \
             there is `stream`, `field`"
        );
        assert_eq!(
            says(event_name("ObjectCreated:*"), Source::Dynamodb),
            "has the condition `event_name`, which can never hold there: it is one of INSERT, MODIFY, REMOVE"
        );
    }
}
