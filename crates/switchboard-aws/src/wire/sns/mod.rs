//! `wire sns`: a topic's subscription, and the permission that it requires.
//!
//! Follows SNS's documents "Fanout to Lambda functions", "Amazon SNS subscription filter policies" and "Configuring an Amazon SNS
//! dead-letter queue for a subscription".

mod wiring;
pub(super) use wiring::is_ours;
pub use wiring::{SubscriptionOptions, unwiring, wiring};

mod settings;
pub(super) use settings::SubscriptionSettings;

mod subscription;
pub(super) use subscription::subscription;
