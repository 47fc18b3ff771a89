//! Buckets that notify the function: those that its policy names.

use std::collections::BTreeMap;

use switchboard_aws::sdk::aws_sdk_s3::types::{FilterRuleName, LambdaFunctionConfiguration};

use super::live_function::LiveFunction;
use crate::doctor::deployment::{Function, Invoker, Notification, Permission, TriggerKind};
use switchboard_aws::{Bucket, CallContext as _, Failure};

const INVOKER: &str = "s3.amazonaws.com";

pub(super) async fn read(live: &LiveFunction<'_>, function: &mut Function) -> Result<(), Failure> {
    for bucket in buckets(live, &function.permissions).await? {
        let told = match bucket.notifications(&live.aws.s3()).await {
            Ok(told) => told,
            // The permission may still exist although its bucket was deleted.
            Err(failure) if failure.is_not_found() => continue,
            Err(failure) => return Err(failure),
        };
        for configuration in told.lambda_function_configurations() {
            if live.is_meant(configuration.lambda_function_arn()) {
                let kind = TriggerKind::Bucket(notification(configuration));
                let arn = format!("arn:{}:s3:::{}", live.arn.partition, bucket.name);
                function
                    .triggers
                    .push(live.trigger(&bucket.name, arn, Invoker::Service(INVOKER), kind));
            }
        }
    }
    Ok(())
}

/// The buckets that may invoke the function: all buckets of the account if a permission names none.
async fn buckets(live: &LiveFunction<'_>, permissions: &[Permission]) -> Result<Vec<Bucket>, Failure> {
    let mut found = Vec::new();
    for permission in permissions
        .iter()
        .filter(|permission| permission.principal == INVOKER)
    {
        let owner = permission.source_account.known().cloned();
        let arn = permission.source_arn.known();
        match arn.and_then(|arn| arn.split_once(":::")) {
            Some((_, name)) if !name.contains(['*', '?']) => found.push((name.to_owned(), owner)),
            _ => {
                let told = live.aws.s3().list_buckets().send().await;
                let told = told.call_context("s3:ListAllMyBuckets", "all buckets")?;
                let names = told.buckets().iter().filter_map(|bucket| bucket.name());
                found.extend(names.map(|name| (name.to_owned(), owner.clone())));
            }
        }
    }
    Ok(each_once(found))
}

/// Each bucket, and the account that must own it. If a permission names no account, or two permissions name different
/// ones, the bucket may belong to any account.
fn each_once(found: Vec<(String, Option<String>)>) -> Vec<Bucket> {
    let mut owners: BTreeMap<String, Option<String>> = BTreeMap::new();
    for (name, owner) in found {
        let known = owners.entry(name).or_insert_with(|| owner.clone());
        if *known != owner {
            *known = None;
        }
    }
    let bucket = |(name, owner)| Bucket { name, owner };
    owners.into_iter().map(bucket).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_has_the_owner_that_every_permission_names() {
        let one = |name: &str, owner: Option<&str>| (name.to_owned(), owner.map(str::to_owned));
        let found = vec![
            one("ours", Some("111111111111")),
            one("anyone's", Some("111111111111")),
            one("two", Some("111111111111")),
            one("ours", Some("111111111111")),
            one("anyone's", None),
            one("two", Some("222222222222")),
        ];
        let buckets = each_once(found).into_iter();
        let buckets: Vec<_> = buckets.map(|bucket| (bucket.name, bucket.owner)).collect();
        assert_eq!(
            buckets,
            [
                one("anyone's", None),
                one("ours", Some("111111111111")),
                one("two", None)
            ]
        );
    }
}
