//! CloudWatch Events, now EventBridge: one journal entry per event, and the latest state of each EC2 instance, Batch
//! job and Step Functions execution.
//!
//! The entry's type is the event's `source`, with `com.amazonaws.` instead of `aws.`, followed by its `detail-type`
//! with `-` instead of spaces: `com.amazonaws.ec2.EC2-Instance-State-change-Notification`. Its data is the unchanged
//! `detail`. Extensions: `detailtype` as AWS spells it, `awsaccount`, `awsregion`, and `replayname` for events that an
//! archive replays.
//!
//! States are ordered by the event's time. It only has whole seconds, so events of the same second are ordered by how
//! late their state is in the life of the resource (a final state stays final), then by the event's id.

mod detail;
mod event;

pub use event::on_event;
