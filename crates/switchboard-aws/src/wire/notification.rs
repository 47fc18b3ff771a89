//! A bucket's notification configuration, merged and never replaced. These functions do no I/O.
//!
//! Follows S3's document "Configuring event notifications using object key name filtering".

use aws_sdk_s3::types::{
    Event, FilterRule, FilterRuleName, LambdaFunctionConfiguration, NotificationConfiguration,
    NotificationConfigurationFilter, S3KeyFilter,
};

use super::plan::Difference;

/// Which events of a bucket notify, and for which keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventFilter {
    /// Event types, such as `s3:ObjectCreated:*`.
    pub events: Vec<String>,
    /// The prefix of matching keys; empty matches any key.
    pub prefix: String,
    /// The suffix of matching keys; empty matches any key.
    pub suffix: String,
}

/// One of a bucket's notifications, to any destination.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Notification {
    pub id: String,
    /// The ARN of a function, a queue or a topic.
    pub to: String,
    pub watched: EventFilter,
}

impl EventFilter {
    fn of(events: &[Event], filter: Option<&NotificationConfigurationFilter>) -> Self {
        let rules = filter
            .and_then(|filter| filter.key())
            .map(S3KeyFilter::filter_rules)
            .unwrap_or_default();
        let rule = |name: &str| {
            // S3 accepts the names in any case.
            let rule = rules.iter().find(|rule| {
                rule.name()
                    .is_some_and(|is| is.as_str().eq_ignore_ascii_case(name))
            });
            rule.and_then(FilterRule::value).unwrap_or_default().to_owned()
        };
        Self {
            events: events.iter().map(|event| event.as_str().to_owned()).collect(),
            prefix: rule("prefix"),
            suffix: rule("suffix"),
        }
    }

    /// Whether S3 refuses both in one bucket, because an object's event could match both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let events = |a: &String| other.events.iter().any(|b| matches(a, b) || matches(b, a));
        let (a, b) = (self, other);
        self.events.iter().any(events)
            && (a.prefix.starts_with(&b.prefix) || b.prefix.starts_with(&a.prefix))
            && (a.suffix.ends_with(&b.suffix) || b.suffix.ends_with(&a.suffix))
    }

    /// How this differs from the wanted filter.
    pub fn differences(&self, wanted: &Self) -> Vec<Difference> {
        let sorted = |events: &[String]| {
            let mut events = events.to_vec();
            events.sort();
            events.dedup();
            events.join(", ")
        };
        [
            Difference::between("events", sorted(&self.events), sorted(&wanted.events)),
            Difference::between("prefix", &self.prefix, &wanted.prefix),
            Difference::between("suffix", &self.suffix, &wanted.suffix),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The filter for display.
    pub fn shown(&self) -> String {
        let filter = |name: &str, value: &str| match value {
            "" => String::new(),
            value => format!(", {name} {value}"),
        };
        format!(
            "{}{}{}",
            self.events.join(", "),
            filter("prefix", &self.prefix),
            filter("suffix", &self.suffix)
        )
    }
}

/// A pattern such as `s3:ObjectCreated:*` matches every event with its prefix.
fn matches(pattern: &str, event: &str) -> bool {
    pattern == event
        || pattern
            .strip_suffix('*')
            .is_some_and(|start| event.starts_with(start))
}

/// All notifications of a bucket.
pub(super) fn notifications(configuration: &NotificationConfiguration) -> Vec<Notification> {
    let notification = |id: Option<&str>, to: &str, watched| Notification {
        id: id.unwrap_or_default().to_owned(),
        to: to.to_owned(),
        watched,
    };
    let functions = configuration.lambda_function_configurations().iter().map(|c| {
        notification(
            c.id(),
            c.lambda_function_arn(),
            EventFilter::of(c.events(), c.filter()),
        )
    });
    let queues = configuration
        .queue_configurations()
        .iter()
        .map(|c| notification(c.id(), c.queue_arn(), EventFilter::of(c.events(), c.filter())));
    let topics = configuration
        .topic_configurations()
        .iter()
        .map(|c| notification(c.id(), c.topic_arn(), EventFilter::of(c.events(), c.filter())));
    functions.chain(queues).chain(topics).collect()
}

/// Adds a notification to the configuration, or replaces the one with the same id.
pub(super) fn with_notification(
    mut configuration: NotificationConfiguration,
    notification: &Notification,
) -> NotificationConfiguration {
    let ours = to_function(notification);
    let functions = configuration
        .lambda_function_configurations
        .get_or_insert_default();
    match functions
        .iter_mut()
        .find(|there| there.id() == Some(&notification.id))
    {
        Some(there) => *there = ours,
        None => functions.push(ours),
    }
    configuration
}

/// Removes the notification with this id from the configuration.
pub(super) fn without_notification(
    mut configuration: NotificationConfiguration,
    id: &str,
) -> NotificationConfiguration {
    if let Some(functions) = &mut configuration.lambda_function_configurations {
        functions.retain(|there| there.id() != Some(id));
    }
    configuration
}

fn to_function(notification: &Notification) -> LambdaFunctionConfiguration {
    let EventFilter {
        events,
        prefix,
        suffix,
    } = &notification.watched;
    let rule = |name: FilterRuleName, value: &str| {
        let rule = FilterRule::builder().name(name).value(value).build();
        (!value.is_empty()).then_some(rule)
    };
    let rules: Vec<FilterRule> = [
        rule(FilterRuleName::Prefix, prefix),
        rule(FilterRuleName::Suffix, suffix),
    ]
    .into_iter()
    .flatten()
    .collect();
    let key = (!rules.is_empty()).then(|| S3KeyFilter::builder().set_filter_rules(Some(rules)).build());
    LambdaFunctionConfiguration::builder()
        .id(&notification.id)
        .lambda_function_arn(&notification.to)
        .set_events(Some(
            events.iter().map(|event| Event::from(event.as_str())).collect(),
        ))
        .set_filter(key.map(|key| NotificationConfigurationFilter::builder().key(key).build()))
        .build()
        .expect("the function's ARN and the events are given")
}

#[cfg(test)]
mod tests;
