//! Where a mapping reads: a queue or a stream by its ARN, or a topic of a Kafka cluster.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_lambda::operation::create_event_source_mapping::builders::CreateEventSourceMappingFluentBuilder as Create;
use aws_sdk_lambda::types::{
    EndPointType, EventSourceMappingConfiguration as Configuration, SelfManagedEventSource,
};

use super::super::Slot;
use crate::Failure;

/// Where a mapping reads.
#[derive(Clone, Debug)]
pub(crate) enum PolledSource {
    /// A queue or a stream.
    Arn(Slot<String>),
    /// A topic of an MSK cluster, by the ARN of the cluster or of a VPC connection to it.
    Msk { arn: String, topic: String },
    /// A topic of another Kafka cluster, by its bootstrap servers.
    SelfManaged { servers: Vec<String>, topic: String },
}

impl PolledSource {
    /// The ARN by which mappings are listed; `None` for a cluster without one, or if it is not known yet.
    pub(super) fn arn(&self) -> Option<String> {
        match self {
            Self::Arn(arn) => arn.get(),
            Self::Msk { arn, .. } => Some(arn.clone()),
            Self::SelfManaged { .. } => None,
        }
    }

    /// Whether a mapping cannot exist yet, because its source does not.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Arn(arn) if arn.get().is_none())
    }

    /// Whether this mapping of the function reads here. The order of the bootstrap servers makes no difference.
    pub(super) fn is_read_by(&self, found: &Configuration) -> bool {
        match self {
            Self::Arn(arn) => arn.get().as_deref() == found.event_source_arn(),
            Self::Msk { arn, topic } => {
                found.event_source_arn() == Some(arn.as_str()) && found.topics().contains(topic)
            }
            Self::SelfManaged { servers, topic } => {
                let wanted: BTreeSet<&str> = servers.iter().map(String::as_str).collect();
                wanted == bootstrap_servers(found).collect() && found.topics().contains(topic)
            }
        }
    }

    /// Names the source in the call that creates the mapping.
    ///
    /// # Errors
    /// If the ARN is not known yet.
    pub(super) fn named_in(&self, call: Create) -> Result<Create, Failure> {
        Ok(match self {
            Self::Arn(arn) => call.event_source_arn(arn.need()?),
            Self::Msk { arn, topic } => call.event_source_arn(arn).topics(topic),
            Self::SelfManaged { servers, topic } => {
                let endpoints = HashMap::from([(EndPointType::KafkaBootstrapServers, servers.clone())]);
                let cluster = SelfManagedEventSource::builder().set_endpoints(Some(endpoints));
                call.self_managed_event_source(cluster.build()).topics(topic)
            }
        })
    }
}

/// The bootstrap servers of the cluster that a mapping reads; none if the cluster has an ARN.
pub(crate) fn bootstrap_servers(found: &Configuration) -> impl Iterator<Item = &str> {
    let endpoints = found
        .self_managed_event_source()
        .and_then(|cluster| cluster.endpoints());
    let servers = endpoints.and_then(|endpoints| endpoints.get(&EndPointType::KafkaBootstrapServers));
    servers.into_iter().flatten().map(String::as_str)
}
