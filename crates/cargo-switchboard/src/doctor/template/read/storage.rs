//! Buckets with notifications, as CloudFormation, CDK and the Serverless Framework write them.

use super::super::value::Value;
use super::functions::Functions;
use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{
    Invoker, Notification, Setting, TemplateFault, TemplateFaultKind, Trigger, TriggerKind,
};
use crate::doctor::text::{Certainty, covers, is_known};

const SERVICE: &str = "s3.amazonaws.com";

/// A list of notifications: its key, and the property that names the target.
type NotificationKeys = [(&'static str, &'static str); 3];

/// As CloudFormation spells them, and as S3's API does.
const RESOURCE: NotificationKeys = [
    ("LambdaConfigurations", "Function"),
    ("QueueConfigurations", "Queue"),
    ("TopicConfigurations", "Topic"),
];
const API: NotificationKeys = [
    ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
    ("QueueConfigurations", "QueueArn"),
    ("TopicConfigurations", "TopicArn"),
];

/// Adds the notifications to their functions, and returns what S3 would refuse.
pub(super) fn read(reader: &Reader<'_>, functions: &mut Functions) -> Vec<TemplateFault> {
    let mut faults = Vec::new();
    for read in reader.of("AWS::S3::Bucket") {
        faults.extend(notified(read, functions, &reader.arn(read), &RESOURCE));
    }
    // CDK has a function of its own put the configuration.
    for read in reader.of("Custom::S3BucketNotifications") {
        faults.extend(notified(read, functions, &bucket(reader, read), &API));
    }
    serverless(reader, functions);
    faults
}

/// Adds the notifications of the bucket `arn`. Returns the first that S3 would refuse.
fn notified(
    read: &EvaluatedResource<'_>,
    functions: &mut Functions,
    arn: &str,
    lists: &NotificationKeys,
) -> Option<TemplateFault> {
    let mut told = Vec::new();
    for (key, target) in lists {
        let path = format!("NotificationConfiguration.{key}");
        for configuration in read.properties.items_at(&path) {
            let notification = notification(configuration);
            told.push((configuration, notification.clone()));
            if key.starts_with("Lambda") {
                let at = Some(configuration.at);
                let kind = TriggerKind::Bucket(notification);
                let trigger = read.trigger(arn.to_owned(), Invoker::Service(SERVICE), kind);
                functions.add(&configuration.text_at(target), Trigger { at, ..trigger });
            }
        }
    }
    overlap(read, &told)
}

/// Two notifications for the same objects: S3 refuses the bucket's configuration.
fn overlap(read: &EvaluatedResource<'_>, told: &[(&Value, Notification)]) -> Option<TemplateFault> {
    let pairs = told.iter().enumerate().flat_map(|(place, one)| {
        let others = told.iter().skip(place + 1);
        others.map(move |other| (one, other))
    });
    let (_, other) = pairs
        .into_iter()
        .find(|((_, one), (_, other))| one.overlaps(other))?;
    let (configuration, notification) = other;
    Some(TemplateFault {
        kind: TemplateFaultKind::Overlap,
        label: read.resource.id.clone(),
        at: configuration.at,
        what: format!(
            "{} has two notifications of {} for the same objects",
            read.resource.id,
            notification.events.join(", ")
        ),
    })
}

impl Notification {
    /// Whether both are sent for the same event of the same object.
    fn overlaps(&self, other: &Self) -> bool {
        let group = |event: &str| event.trim_end_matches('*').to_owned();
        let same_event = self.events.iter().any(|one| {
            let one = group(one);
            other.events.iter().any(|other| {
                let other = group(other);
                one.starts_with(&other) || other.starts_with(&one)
            })
        });
        let keys = |notification: &Self| format!("{}*{}", notification.prefix, notification.suffix);
        self.known && other.known && same_event && covers(&keys(self), &keys(other)) == Certainty::Yes
    }
}

/// The Serverless Framework's function adds to the configuration of a bucket that exists, and permits it to invoke.
fn serverless(reader: &Reader<'_>, functions: &mut Functions) {
    for read in reader.of("Custom::S3") {
        let arn = bucket(reader, read);
        for configuration in read.properties.items_at("BucketConfigs") {
            let kind = TriggerKind::Bucket(notification(configuration));
            let trigger = read.trigger(arn.clone(), Invoker::Role(SERVICE), kind);
            let at = Some(configuration.at);
            functions.add(
                &read.properties.text_at("FunctionName"),
                Trigger { at, ..trigger },
            );
        }
    }
}

/// The ARN of the bucket that `BucketName` names; empty if it is not known.
fn bucket(reader: &Reader<'_>, read: &EvaluatedResource<'_>) -> String {
    let Setting::Known(name) = read.properties.text_at("BucketName") else {
        return String::new();
    };
    let own = reader
        .of("AWS::S3::Bucket")
        .find(|bucket| reader.name(bucket) == name);
    own.map_or_else(
        || format!("arn:{}:s3:::{name}", reader.scope.symbol("AWS::Partition")),
        |bucket| reader.arn(bucket),
    )
}

/// A notification: `Event` or `Events`, with rules spelled in one of three ways.
fn notification(configuration: &Value) -> Notification {
    let events = ["Event", "Events"]
        .map(|key| configuration.items_at(key))
        .concat();
    let texts = events.iter().filter_map(Value::as_text).map(str::to_owned);
    let mut notification = Notification {
        events: texts.collect(),
        known: !events.is_empty() && events.iter().all(Value::is_known),
        ..Notification::default()
    };
    for path in ["Filter.S3Key.Rules", "Filter.Key.FilterRules"] {
        for rule in configuration.items_at(path) {
            notification.filter(rule.text_at("Name"), rule.text_at("Value"));
        }
    }
    for rule in configuration.items_at("Rules").iter().flat_map(Value::entries) {
        notification.filter(Setting::Known(rule.0.clone()), rule.1.setting());
    }
    notification.known &= configuration.get("Filter") != Setting::Unknown;
    notification
}

impl Notification {
    fn filter(&mut self, name: Setting<String>, value: Setting<String>) {
        let (Some(name), Some(value)) = (name.known(), value.known()) else {
            self.known = false;
            return;
        };
        self.known &= is_known(value);
        match name.to_ascii_lowercase().as_str() {
            "prefix" => self.prefix.clone_from(value),
            _ => self.suffix.clone_from(value),
        }
    }
}
