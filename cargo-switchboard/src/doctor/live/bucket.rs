//! Buckets that tell the function of their objects: those that its policy names.

use aws_sdk_s3::types::{FilterRuleName, LambdaFunctionConfiguration};

use super::load::Live;
use crate::aws::{Failure, Told as _};
use crate::doctor::deployment::{Function, Kind, Notification, Permission, named};

const INVOKER: &str = "s3.amazonaws.com";

pub(super) async fn read(live: &Live<'_>, function: &mut Function) -> Result<(), Failure> {
    for bucket in buckets(live, &function.permissions).await? {
        let s3 = live.aws.s3();
        let told = s3
            .get_bucket_notification_configuration()
            .bucket(&bucket)
            .send()
            .await;
        let told = match told.told("s3:GetBucketNotification", format!("bucket {bucket}")) {
            Ok(told) => told,
            // The permission may have outlived its bucket.
            Err(failure) if failure.is_not_found() => continue,
            Err(failure) => return Err(failure),
        };
        for configuration in told.lambda_function_configurations() {
            if named(configuration.lambda_function_arn()) == live.name {
                let kind = Kind::Bucket(notification(configuration));
                let arn = format!("arn:{}:s3:::{bucket}", live.arn.partition);
                function
                    .triggers
                    .push(live.trigger(&bucket, arn, Some(INVOKER), kind));
            }
        }
    }
    Ok(())
}

/// The buckets that may invoke the function: all of the account's where a permission names none.
async fn buckets(live: &Live<'_>, permissions: &[Permission]) -> Result<Vec<String>, Failure> {
    let mut buckets = Vec::new();
    for permission in permissions
        .iter()
        .filter(|permission| permission.principal == INVOKER)
    {
        let arn = permission.source_arn.known();
        match arn.and_then(|arn| arn.split_once(":::")) {
            Some((_, name)) if !name.contains(['*', '?']) => buckets.push(name.to_owned()),
            _ => {
                let told = live.aws.s3().list_buckets().send().await;
                let told = told.told("s3:ListAllMyBuckets", "all buckets")?;
                buckets.extend(
                    told.buckets()
                        .iter()
                        .filter_map(|bucket| bucket.name().map(str::to_owned)),
                );
            }
        }
    }
    buckets.sort_unstable();
    buckets.dedup();
    Ok(buckets)
}

fn notification(configuration: &LambdaFunctionConfiguration) -> Notification {
    let rules = configuration.filter().and_then(|filter| filter.key());
    let rules = rules.map_or(&[][..], |key| key.filter_rules());
    let value = |wanted: FilterRuleName| {
        // S3 answers `Prefix` where `prefix` was put.
        let rule = rules.iter().find(|rule| {
            let name = rule.name().map(FilterRuleName::as_str).unwrap_or_default();
            name.eq_ignore_ascii_case(wanted.as_str())
        });
        rule.and_then(|rule| rule.value()).unwrap_or_default().to_owned()
    };
    Notification {
        events: configuration
            .events()
            .iter()
            .map(|event| event.as_str().to_owned())
            .collect(),
        prefix: value(FilterRuleName::Prefix),
        suffix: value(FilterRuleName::Suffix),
        known: true,
    }
}
