//! Merging, removing and overlapping notifications.

use super::*;
use aws_sdk_s3::types::{EventBridgeConfiguration, QueueConfiguration, TopicConfiguration};
use proptest::prelude::*;

fn watched(events: &[&str], prefix: &str, suffix: &str) -> EventFilter {
    EventFilter {
        events: events.iter().map(|event| (*event).to_owned()).collect(),
        prefix: prefix.to_owned(),
        suffix: suffix.to_owned(),
    }
}

fn ours() -> Notification {
    Notification {
        id: "switchboard-s3-0a1b2c3d4e".to_owned(),
        to: "arn:aws:lambda:eu-west-1:123456789012:function:thumbnails".to_owned(),
        watched: watched(&["s3:ObjectCreated:*"], "incoming/", ".jpg"),
    }
}

#[test]
fn notifications_overlap_as_s3_says() {
    let all = watched(&["s3:ObjectCreated:*"], "", "");
    let put = |prefix, suffix| watched(&["s3:ObjectCreated:Put", "s3:ObjectTagging:Put"], prefix, suffix);
    assert!(all.overlaps(&put("a/", ".jpg")) && put("a/", ".jpg").overlaps(&all));
    assert!(put("a/", "").overlaps(&put("a/b/", "")));
    assert!(put("a/", "").overlaps(&put("", ".jpg")));
    assert!(!put("a/", "").overlaps(&put("b/", "")));
    assert!(!put("a/", ".jpg").overlaps(&put("a/", ".png")));
    assert!(!all.overlaps(&watched(&["s3:ObjectRemoved:*"], "", "")));
}

#[test]
fn a_notification_survives_a_round_trip() {
    let configuration = with_notification(NotificationConfiguration::builder().build(), &ours());
    assert_eq!(notifications(&configuration), [ours()]);
}

#[test]
fn a_notification_with_the_same_id_is_replaced() {
    let changed = Notification {
        watched: watched(&["s3:ObjectRemoved:*"], "incoming/", ".jpg"),
        ..ours()
    };
    let once = with_notification(NotificationConfiguration::builder().build(), &ours());
    assert_eq!(notifications(&with_notification(once, &changed)), [changed]);
}

prop_compose! {
    fn configuration()(functions in prop::collection::vec("[a-z]{1,5}", 0..4),
                       queues in prop::collection::vec("[a-z]{1,5}", 0..3),
                       topics in prop::collection::vec("[a-z]{1,5}", 0..3),
                       bridge: bool) -> NotificationConfiguration {
        let event = Event::from("s3:ObjectRemoved:*");
        let functions = functions.iter().map(|id| {
            LambdaFunctionConfiguration::builder().id(id).lambda_function_arn("f").events(event.clone()).build().unwrap()
        });
        let queues = queues.iter().map(|id| {
            QueueConfiguration::builder().id(id).queue_arn("q").events(event.clone()).build().unwrap()
        });
        let topics = topics.iter().map(|id| {
            TopicConfiguration::builder().id(id).topic_arn("t").events(Event::from("s3:Unheard:Of")).build().unwrap()
        });
        NotificationConfiguration::builder()
            .set_lambda_function_configurations(Some(functions.collect()))
            .set_queue_configurations(Some(queues.collect()))
            .set_topic_configurations(Some(topics.collect()))
            .set_event_bridge_configuration(bridge.then(|| EventBridgeConfiguration::builder().build()))
            .build()
    }
}

proptest! {
    #[test]
    fn merging_and_removing_leave_the_others_unchanged(before in configuration()) {
        let once = with_notification(before.clone(), &ours());
        prop_assert_eq!(&with_notification(once.clone(), &ours()), &once);
        prop_assert_eq!(once.topic_configurations(), before.topic_configurations());
        prop_assert_eq!(without_notification(once, &ours().id), before);
    }
}
