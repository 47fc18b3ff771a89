//! Log groups, and what keeps their log events for how long.

use std::collections::HashMap;

use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{Logs, Setting};
use crate::doctor::text::{Certainty, has_made_up, is_known, same};

/// CDK's `logRetention` sets the retention of a group that Lambda creates.
const RETENTION: &str = "Custom::LogRetention";

/// The log groups of a template, by name.
pub(super) struct LogGroups<'r> {
    by_name: HashMap<String, &'r EvaluatedResource<'r>>,
    /// Names without a generated part, which may turn out to be that of any group.
    named: Vec<String>,
}

impl<'r> LogGroups<'r> {
    pub(super) fn new(reader: &'r Reader<'r>) -> Self {
        let groups = reader
            .of("AWS::Logs::LogGroup")
            .map(|read| (reader.name(read), read));
        let retained = reader.of(RETENTION).filter_map(|read| {
            let name = read.properties.text_at("LogGroupName");
            Some((name.known()?.clone(), read))
        });
        let by_name: HashMap<_, _> = groups.chain(retained).collect();
        let named = by_name.keys().filter(|name| !has_made_up(name)).cloned();
        Self {
            named: named.collect(),
            by_name,
        }
    }

    /// The log group that the function names, or the one that Lambda creates for it.
    pub(super) fn of(&self, read: &EvaluatedResource<'_>, name: &str) -> Logs {
        let (group, own) = match read.properties.text_at("LoggingConfig.LogGroup") {
            Setting::Known(group) => (group, false),
            Setting::Absent => (format!("/aws/lambda/{name}"), true),
            Setting::Unknown => return unknown(),
        };
        if let Some(read) = self.by_name.get(&group) {
            return Logs {
                at: Some(read.resource.at),
                label: Some(read.resource.id.clone()),
                retention: read.properties.number_at("RetentionInDays"),
            };
        }
        let maybe = || {
            self.named
                .iter()
                .any(|name| same(name, &group) == Certainty::Open)
        };
        // The log group is defined elsewhere, so its retention is unknown.
        if !own || (!is_known(&group) && maybe()) {
            return unknown();
        }
        Logs {
            at: Some(read.resource.at),
            ..Logs::default()
        }
    }
}

fn unknown() -> Logs {
    Logs {
        retention: Setting::Unknown,
        ..Logs::default()
    }
}
