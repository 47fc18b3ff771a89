//! All that is deployed together.

use std::collections::HashMap;

use super::{DeploymentKind, Function, Queue, ResourcePolicy, Store};
use crate::doctor::place::Place;
use crate::doctor::text::{Symbols, has_made_up};

/// Functions, their triggers, and what keeps events.
#[derive(Debug, Default)]
pub(crate) struct Deployment {
    pub(crate) functions: Vec<Function>,
    queues: Index<Queue>,
    stores: Index<Store>,
    /// The policies of queues, topics, buckets, keys and functions, by the resources' ARNs.
    pub(super) policies: Index<ResourcePolicy>,
    pub(crate) kind: DeploymentKind,
    /// The paths of the CDK constructs that resources come from, by label.
    pub(crate) constructs: HashMap<String, String>,
    /// Faults of the template itself.
    pub(crate) faults: Vec<TemplateFault>,
    /// What could not be understood.
    pub(crate) unread: Vec<Unread>,
    /// The stacks that it creates from templates of their own.
    pub(crate) nested: Vec<Nested>,
    /// Whether it is one of several stacks, each of which may have triggers of the others' functions.
    pub(crate) linked: bool,
    pub(crate) symbols: Symbols,
}

/// A nested stack.
#[derive(Clone, Debug)]
pub(crate) struct Nested {
    pub(crate) label: String,
    /// The path of its template, from the directory of this one; `None` if it is not a local file.
    pub(crate) template: Option<String>,
    /// The parameters that it is given. What is known only when it is deployed is an unknown text.
    pub(crate) parameters: HashMap<String, String>,
}

/// A fault of the template itself.
#[derive(Clone, Debug)]
pub(crate) struct TemplateFault {
    pub(crate) kind: TemplateFaultKind,
    /// The resource, or the function.
    pub(crate) label: String,
    pub(crate) at: Place,
    pub(crate) what: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TemplateFaultKind {
    /// A map has the same key twice.
    DuplicateKey,
    /// SAM has no event of this type.
    UnknownEvent,
    /// Two notifications of a bucket are for the same objects.
    Overlap,
}

/// A resource that could not be understood.
#[derive(Clone, Debug)]
pub(crate) struct Unread {
    pub(crate) label: String,
    pub(crate) reason: String,
    /// Whether it may invoke any function.
    pub(crate) triggers: bool,
    /// Whether it may permit invoking any function.
    pub(crate) permits: bool,
}

impl Deployment {
    pub(crate) fn new(
        functions: Vec<Function>,
        queues: Vec<Queue>,
        stores: Vec<Store>,
        kind: DeploymentKind,
    ) -> Self {
        Self {
            functions,
            queues: Index::new(queues, |queue| &queue.arn),
            stores: Index::new(stores, |store| &store.arn),
            kind,
            ..Self::default()
        }
    }

    /// The queue with this ARN, if it is part of the deployment.
    pub(crate) fn queue(&self, arn: &str) -> Option<&Queue> {
        self.queues.get(arn)
    }

    /// Adds the policies of resources that are part of the deployment.
    pub(crate) fn set_policies(&mut self, policies: Vec<ResourcePolicy>) {
        self.policies = Index::new(policies, |policy| &policy.arn);
    }

    /// The stream, topic or bucket with this ARN, if it is part of the deployment.
    pub(crate) fn store(&self, arn: &str) -> Option<&Store> {
        self.stores.get(arn)
    }
}

/// Resources by ARN. The same resource may be named with or without its region and account spelled out.
#[derive(Debug)]
pub(super) struct Index<T> {
    all: Vec<T>,
    by_arn: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
}

impl<T> Default for Index<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            by_arn: HashMap::new(),
            by_name: HashMap::new(),
        }
    }
}

impl<T> Index<T> {
    fn new(all: Vec<T>, arn: impl Fn(&T) -> &str) -> Self {
        let places = all.iter().enumerate();
        let by_arn = places
            .clone()
            .map(|(place, one)| (without_partition(arn(one)).to_owned(), place));
        let generated = places.filter(|(_, one)| has_made_up(name(arn(one))));
        let by_name = generated.map(|(place, one)| (named_service(arn(one)), place));
        Self {
            by_arn: by_arn.collect(),
            by_name: by_name.collect(),
            all,
        }
    }

    pub(super) fn get(&self, arn: &str) -> Option<&T> {
        let place = self.by_arn.get(without_partition(arn));
        let place = place.or_else(|| self.by_name.get(&named_service(arn)));
        self.all.get(*place?)
    }
}

/// A deployment is in one partition, which a template may spell out or not.
fn without_partition(arn: &str) -> &str {
    arn.splitn(3, ':').nth(2).unwrap_or(arn)
}

fn name(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

/// A generated name is unique, whatever region and account are written before it.
fn named_service(arn: &str) -> String {
    let service = arn.split(':').nth(2).unwrap_or_default();
    format!("{service}:{}", name(arn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_found_however_its_arn_is_spelled() {
        let mut symbols = Symbols::default();
        let (partition, region, account) = (
            symbols.of("AWS::Partition"),
            symbols.of("AWS::Region"),
            symbols.of("AWS::AccountId"),
        );
        let (made_up, other) = (symbols.made_up("Q"), symbols.made_up("O"));
        let queue = |name: &str| Queue {
            arn: format!("arn:{partition}:sqs:{region}:{account}:{name}"),
            ..Queue::default()
        };
        let queues = vec![queue("orders"), queue(&made_up.to_string())];
        let deployment = Deployment::new(Vec::new(), queues, Vec::new(), DeploymentKind::default());
        assert!(
            deployment
                .queue(&format!("arn:aws:sqs:{region}:{account}:orders"))
                .is_some()
        );
        assert!(
            deployment
                .queue(&format!("arn:aws:sqs:eu-west-1:1:{made_up}"))
                .is_some()
        );
        assert!(deployment.queue("arn:aws:sqs:eu-west-1:1:orders").is_none());
        assert!(
            deployment
                .queue(&format!("arn:aws:sqs:eu-west-1:1:{other}"))
                .is_none()
        );
    }
}
