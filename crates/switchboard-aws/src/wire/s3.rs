//! `wire s3`: a bucket's notification, and the permission that it requires.
//!
//! Follows Lambda's document "Process Amazon S3 event notifications with Lambda". S3 has no event source mappings:
//! `CreateEventSourceMapping` refuses a bucket's ARN.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::NotificationConfiguration;

use super::mark::{is_mark, mark};
use super::notification::{
    EventFilter, Notification, notifications, with_notification, without_notification,
};
use super::permission::{Grant, Permission};
use super::plan::{BoxFuture, Found, Resource, Wiring};
use super::wait::retry;
use super::{Function, Slot};
use crate::{Aws, Bucket, Failure};

/// The longest that S3 takes to see a new permission.
const PERMISSION_SPREADS: Duration = Duration::from_secs(20);

/// The bucket with this name. Without an owner it must belong to the function's account.
pub fn bucket(function: &Function, name: &str, owner: Option<&str>) -> Bucket {
    let owner = owner.unwrap_or(&function.arn.account);
    Bucket {
        name: name.to_owned(),
        owner: Some(owner.to_owned()),
    }
}

/// Sends a bucket's notifications to the function.
pub fn wiring(aws: &Aws, function: &Function, bucket: &Bucket, watched: EventFilter) -> Wiring {
    let notification = Notification {
        id: id(function, &watched),
        to: function.target(),
        watched,
    };
    Wiring::new(format!("bucket {} → function {}", bucket.name, function.label()))
        .with(permission(aws, function, bucket))
        .with(BucketNotification::new(aws, bucket, notification))
}

/// The resources that this command created between the bucket and the function: all of them, or those with this filter.
///
/// # Errors
/// If the bucket's configuration cannot be read.
pub async fn unwiring(
    aws: &Aws,
    function: &Function,
    bucket: &Bucket,
    filter: Option<(String, String)>,
) -> Result<Wiring, Failure> {
    let there = notifications(&bucket.notifications(&aws.s3()).await?);
    let to_function = there.into_iter().filter(|one| one.to == function.target());
    let asked = |one: &Notification| {
        let EventFilter { prefix, suffix, .. } = &one.watched;
        let wanted = filter.as_ref().is_none_or(|(p, s)| (p, s) == (prefix, suffix));
        is_mark("s3", &one.id) && wanted
    };
    let (ours, others): (Vec<_>, Vec<_>) = to_function.partition(asked);
    let stays = others
        .first()
        .map(|other| format!("notification {} needs it", other.id));
    let permission = permission(aws, function, bucket).staying(stays);
    let title = format!("bucket {} → function {}", bucket.name, function.label());
    let wiring = Wiring::new(title).with(permission);
    Ok(ours.into_iter().fold(wiring, |wiring, one| {
        wiring.with(BucketNotification::new(aws, bucket, one))
    }))
}

/// One id for each key filter, so that wiring other events for the same keys changes the notification.
fn id(function: &Function, watched: &EventFilter) -> String {
    mark("s3", &[&function.target(), &watched.prefix, &watched.suffix])
}

/// A bucket's ARN does not name its account, so the permission does: another account could take the name of a deleted bucket.
fn permission(aws: &Aws, function: &Function, bucket: &Bucket) -> Permission {
    let arn = format!("arn:{}:s3:::{}", function.arn.partition, bucket.name);
    let sid = mark("s3", &[&function.target(), &bucket.name]);
    let grant = Grant {
        source_account: bucket.owner.clone(),
        ..Grant::service("s3.amazonaws.com", Slot::of("the bucket's ARN", arn))
    };
    Permission::new(aws, function, sid, grant)
}

struct BucketNotification {
    client: Client,
    bucket: Bucket,
    wanted: Notification,
    found: Option<Notification>,
}

impl BucketNotification {
    fn new(aws: &Aws, bucket: &Bucket, wanted: Notification) -> Self {
        Self {
            client: aws.s3(),
            bucket: bucket.clone(),
            wanted,
            found: None,
        }
    }

    /// Reads the configuration again before writing it, so that concurrent changes are not lost.
    async fn rewrite(
        &self,
        how: impl Fn(NotificationConfiguration) -> NotificationConfiguration,
    ) -> Result<(), Failure> {
        let changed = how(self.bucket.notifications(&self.client).await?);
        let put = async || {
            self.bucket
                .set_notifications(&self.client, changed.clone(), self.name())
                .await
        };
        retry(PERMISSION_SPREADS, cannot_validate, put)
            .await
            .map_err(|failure| match cannot_validate(&failure) {
                true => failure.advise(
                    "S3 validates every notification of the bucket: check that the queue, topic or function of each one \
                     exists and lets S3 access it",
                ),
                false => failure,
            })
    }

    /// # Errors
    /// If another notification covers the same events. S3 would refuse both without naming the other one.
    fn check(&self, all: &[Notification]) -> Result<(), Failure> {
        let others = all.iter().filter(|other| other.id != self.wanted.id);
        let overlapping = others
            .into_iter()
            .find(|other| other.watched.overlaps(&self.wanted.watched));
        overlapping.map_or(Ok(()), |other| {
            Err(Failure::new(format!(
                "bucket {} already has notification {} to {}: {}; S3 refuses a second one for the same events and keys",
                self.bucket.name,
                other.id,
                other.to,
                other.watched.shown()
            ))
            .advise("choose --events, --prefix or --suffix that do not overlap, or let the bucket notify EventBridge or an SNS topic"))
        })
    }
}

/// S3 does not see a new permission yet, or the destination of any notification does not let S3 access it.
fn cannot_validate(failure: &Failure) -> bool {
    failure.code() == Some("InvalidArgument") && failure.message().contains("Unable to validate")
}

impl Resource for BucketNotification {
    fn name(&self) -> String {
        format!("notification {} of bucket {}", self.wanted.id, self.bucket.name)
    }

    fn wanted(&self) -> Vec<String> {
        vec![format!("{} → {}", self.wanted.watched.shown(), self.wanted.to)]
    }

    fn find(&mut self) -> BoxFuture<'_, Found> {
        Box::pin(async move {
            let all = notifications(&self.bucket.notifications(&self.client).await?);
            self.check(&all)?;
            self.found = all.into_iter().find(|one| one.id == self.wanted.id);
            Ok(match &self.found {
                None => Found::Absent,
                Some(found) => Found::Ours(found.watched.differences(&self.wanted.watched)),
            })
        })
    }

    fn create(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.rewrite(|there| with_notification(there, &self.wanted)))
    }

    fn change(&mut self) -> BoxFuture<'_, ()> {
        self.create()
    }

    fn restore(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let Some(found) = &self.found else { return Ok(()) };
            self.rewrite(|there| with_notification(there, found)).await
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.rewrite(|there| without_notification(there, &self.wanted.id)))
    }
}
