//! Buckets with notifications.

use super::super::value::Value;
use super::reader::{Reader, function_of};
use crate::doctor::deployment::{Function, Notification, Trigger, TriggerKind};
use crate::doctor::text::is_known;

pub(super) fn read(reader: &Reader<'_>, functions: &mut [Function]) {
    for read in reader.of("AWS::S3::Bucket") {
        let arn = reader.arn(read);
        for configuration in read
            .properties
            .items_at("NotificationConfiguration.LambdaConfigurations")
        {
            let target = configuration.text_at("Function");
            let Some(function) = target.known().and_then(|target| function_of(functions, target)) else {
                continue;
            };
            let kind = TriggerKind::Bucket(notification(configuration));
            let trigger = read.trigger(arn.clone(), Some("s3.amazonaws.com"), kind);
            let at = Some(configuration.at);
            function.triggers.push(Trigger { at, ..trigger });
        }
    }
}

fn notification(configuration: &Value) -> Notification {
    let mut notification = Notification {
        events: configuration
            .text_at("Event")
            .known()
            .cloned()
            .into_iter()
            .collect(),
        known: configuration
            .get("Event")
            .known()
            .is_some_and(|event| event.is_known()),
        ..Notification::default()
    };
    for rule in configuration.items_at("Filter.S3Key.Rules") {
        let (name, value) = (rule.text_at("Name"), rule.text_at("Value"));
        let (Some(name), Some(value)) = (name.known(), value.known()) else {
            notification.known = false;
            continue;
        };
        notification.known &= is_known(value);
        match name.to_ascii_lowercase().as_str() {
            "prefix" => notification.prefix.clone_from(value),
            _ => notification.suffix.clone_from(value),
        }
    }
    notification
}
