//! Notifications of Amazon SNS. Lambda Developer Guide, “Invoking Lambda functions with Amazon SNS notifications”.

use serde_json::{Value, json};

use super::REGION;
use super::item::{Item, arn};

pub(in crate::simulate) fn record(item: &Item) -> Value {
    let topic = arn("sns", "simulated");
    let subscription = format!("{topic}:21be56ed-a058-49f5-8c98-aedd2564c486");
    let service = format!("https://sns.{REGION}.amazonaws.com");
    json!({
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription,
        "EventSource": "aws:sns",
        "Sns": {
            "SignatureVersion": "1",
            "Timestamp": item.sent_text(),
            "Signature": "simulated",
            "SigningCertUrl": format!("{service}/SimpleNotificationService-simulated.pem"),
            "MessageId": item.record.identifier,
            "Message": item.json(),
            "MessageAttributes": {},
            "Type": "Notification",
            "UnsubscribeUrl": format!("{service}/?Action=Unsubscribe&SubscriptionArn={subscription}"),
            "TopicArn": topic,
            "Subject": null,
        },
    })
}
