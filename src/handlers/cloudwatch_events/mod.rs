//! CloudWatch Events, today EventBridge: one journal entry per event, and the last state of each EC2 instance, Batch
//! job and Step Functions execution.
//!
//! The entry's type is the event's `source`, with `com.amazonaws.` for `aws.`, then its `detail-type` with `-` for
//! spaces: `com.amazonaws.ec2.EC2-Instance-State-change-Notification`. Its data is `detail` as it came. Extensions:
//! `detailtype` as AWS spells it, `awsaccount`, `awsregion`, and `replayname` on what an archive replays.
//!
//! States are ordered by the event's time. As that has whole seconds, events of one second are ordered by how far
//! their state is in the life of the resource, so that what has ended stays ended; then by the event's id.

mod detail;
mod event;

pub use event::on_event;
