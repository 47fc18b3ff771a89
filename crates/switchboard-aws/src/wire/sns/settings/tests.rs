//! What is set when a subscription changes.

use super::*;

const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:lost";

fn settings(policy: &str, scope: &str, queue: &str) -> SubscriptionSettings {
    SubscriptionSettings {
        filter_policy: policy.to_owned(),
        filter_scope: scope.to_owned(),
        dead_letter_queue: queue.to_owned(),
    }
}

fn set(name: &'static str, value: &str) -> (&'static str, Option<String>) {
    (name, Some(value.to_owned()))
}

#[test]
fn a_policy_is_removed_before_its_scope_changes() {
    let attributes = settings(r#"{"a":["b"]}"#, "MessageAttributes", "");
    let body = settings(r#"{"a":{"b":["c"]}}"#, "MessageBody", "");
    assert_eq!(
        body.changes(&attributes),
        [
            set("FilterPolicy", "{}"),
            set("FilterPolicyScope", "MessageBody"),
            set("FilterPolicy", r#"{"a":{"b":["c"]}}"#),
        ]
    );
    let other = settings(r#"{"a":["c"]}"#, "MessageAttributes", "");
    assert_eq!(
        other.changes(&attributes),
        [set("FilterPolicy", r#"{"a":["c"]}"#)]
    );
}

#[test]
fn what_is_removed_is_sent_as_sns_takes_it() {
    let all = settings(r#"{"a":["b"]}"#, "MessageAttributes", QUEUE);
    assert_eq!(
        SubscriptionSettings::default().changes(&all),
        [set("FilterPolicy", "{}"), ("RedrivePolicy", None)]
    );
    assert!(all.changes(&all).is_empty());
}

#[test]
fn attributes_come_back_from_sns_as_they_were_sent() {
    let wanted = settings(r#"{"a":["b"]}"#, "MessageBody", QUEUE);
    assert_eq!(SubscriptionSettings::of(&wanted.attributes()), wanted);
    assert_eq!(
        SubscriptionSettings::of(&HashMap::new()),
        SubscriptionSettings::default()
    );
    let spaced = HashMap::from([("FilterPolicy".to_owned(), r#"{ "a": ["b"] }"#.to_owned())]);
    assert_eq!(
        SubscriptionSettings::of(&spaced),
        settings(r#"{"a":["b"]}"#, "MessageAttributes", "")
    );
    // A removed policy stays as an empty object.
    let removed = HashMap::from([("FilterPolicy".to_owned(), "{}".to_owned())]);
    assert_eq!(
        SubscriptionSettings::of(&removed),
        SubscriptionSettings::default()
    );
}
