//! `wire kafka`: the event source mapping of a topic, of an MSK cluster or of one that is managed elsewhere.
//!
//! Follows Lambda's documents "Configuring Lambda permissions for Amazon MSK event source mappings", "Configuring Amazon MSK
//! cluster authentication methods in Lambda" and "Using schema registries with Kafka event sources in Lambda".

use super::Function;
use super::mapping::{KafkaSettings, Mapping, PolledSource, Settings, SourceAccess};
use super::mark::mark;
use super::plan::Wiring;
use super::role::{self, RequiredAccess};
use crate::{Arn, Aws, Failure};

/// A Kafka cluster.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KafkaCluster {
    /// An MSK cluster: its ARN, or the ARN of a VPC connection to it.
    Msk(String),
    /// A cluster that is managed elsewhere: its bootstrap servers, `HOST:PORT`.
    SelfManaged(Vec<String>),
}

impl KafkaCluster {
    fn shown(&self) -> String {
        match self {
            Self::Msk(arn) => {
                let name = arn.parse::<Arn>().ok();
                let name = name.as_ref().and_then(|arn| arn.name().split('/').next());
                format!("MSK cluster {}", name.unwrap_or(arn))
            }
            Self::SelfManaged(servers) => format!("Kafka cluster {}", servers.join(",")),
        }
    }

    fn source(&self, topic: &str) -> PolledSource {
        let topic = topic.to_owned();
        match self.clone() {
            Self::Msk(arn) => PolledSource::Msk { arn, topic },
            Self::SelfManaged(servers) => PolledSource::SelfManaged { servers, topic },
        }
    }
}

/// Sends a topic to the function.
///
/// # Errors
/// If the cluster's ARN is not that of an MSK cluster, or if a setting requires provisioned mode.
pub fn wiring(
    aws: &Aws,
    function: &Function,
    cluster: &KafkaCluster,
    topic: &str,
    settings: Settings,
) -> Result<Wiring, Failure> {
    let needed = needed(cluster, &settings)?;
    let policy = mark("kafka", &[&function.target(), &cluster.shown(), topic]);
    let advice = role::advice(function, &policy, &needed);
    let shown = format!("topic {topic} of {}", cluster.shown());
    let title = format!("{shown} → function {}", function.label());
    let mut wiring = Wiring::new(title);
    if !needed.is_empty() {
        wiring = wiring.note(role::note(function, &needed));
    }
    let iam = iam(cluster, topic, &settings)?;
    if !iam.is_empty() {
        wiring = wiring.note(format!(
            "if the cluster authenticates clients with IAM, the role must also allow\n{}",
            role::lines(&iam)
        ));
    }
    if !settings.has_retry_controls() {
        wiring = wiring.note(
            "without provisioned mode (--min-pollers, --max-pollers) Lambda takes no partial answers and retries a failed batch \
             until it succeeds: a record that always fails blocks its partition",
        );
    }
    let mapping = Mapping::new(aws, function, shown, cluster.source(topic), settings, advice);
    Ok(wiring.with(mapping))
}

/// The mapping that this command created between the topic and the function.
pub fn unwiring(aws: &Aws, function: &Function, cluster: &KafkaCluster, topic: &str) -> Wiring {
    let settings = Settings {
        kafka: Some(KafkaSettings::default()),
        ..Settings::default()
    };
    let shown = format!("topic {topic} of {}", cluster.shown());
    let title = format!("{shown} → function {}", function.label());
    let mapping = Mapping::new(
        aws,
        function,
        shown,
        cluster.source(topic),
        settings,
        String::new(),
    );
    Wiring::new(title).with(mapping)
}

/// The rights with which Lambda reads the topic for the function, whatever the cluster authenticates clients with.
fn needed(cluster: &KafkaCluster, settings: &Settings) -> Result<Vec<RequiredAccess>, Failure> {
    let empty = KafkaSettings::default();
    let kafka = settings.kafka.as_ref().unwrap_or(&empty);
    let mut needed = Vec::new();
    let subnets = kafka.access.iter().any(|one| one.kind.starts_with("VPC_"));
    if let KafkaCluster::Msk(arn) = cluster {
        needed.extend(of_cluster(&msk(arn)?, kafka));
    }
    if subnets || matches!(cluster, KafkaCluster::Msk(_)) {
        needed.push(RequiredAccess {
            actions: NETWORK,
            resource: "*".to_owned(),
        });
    }
    let registry = kafka.registry.as_ref();
    let registry_access = registry.map(|registry| registry.access.as_slice());
    let secrets = kafka.access.iter().chain(registry_access.unwrap_or_default());
    needed.extend(secrets.filter_map(secret));
    needed.extend(registry.into_iter().flat_map(|registry| glue(&registry.uri)));
    let destination = settings.on_failure().filter(|to| !to.starts_with("kafka://"));
    needed.extend(destination.into_iter().flat_map(role::destination));
    Ok(needed)
}

/// Lambda polls through network interfaces in the cluster's network. EC2 has no finer resources for most of these actions.
const NETWORK: &[&str] = &[
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
];

fn of_cluster(arn: &Arn, kafka: &KafkaSettings) -> impl Iterator<Item = RequiredAccess> + use<> {
    let connection = arn.resource.starts_with("vpc-connection/");
    let scram = kafka.access.iter().any(|one| one.kind.starts_with("SASL_SCRAM"));
    let cluster: &[&str] = &["kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers"];
    let all = [
        Some(cluster),
        connection.then_some(&["kafka:DescribeVpcConnection"]),
        scram.then_some(&["kafka:ListScramSecrets"]),
    ];
    let resource = arn.to_string();
    all.into_iter().flatten().map(move |actions| RequiredAccess {
        actions,
        resource: resource.clone(),
    })
}

fn secret(access: &SourceAccess) -> Option<RequiredAccess> {
    access.uri.contains(":secretsmanager:").then(|| RequiredAccess {
        actions: &["secretsmanager:GetSecretValue"],
        resource: access.uri.clone(),
    })
}

/// A Glue registry and the schemas in it; nothing for a registry with a URL.
fn glue(registry: &str) -> Vec<RequiredAccess> {
    let Some(arn) = registry.parse::<Arn>().ok().filter(|arn| arn.service == "glue") else {
        return Vec::new();
    };
    let schemas = arn.sibling("glue", format!("schema/{}/*", arn.name()));
    vec![
        RequiredAccess {
            actions: &["glue:GetRegistry", "glue:GetSchemaVersion"],
            resource: arn.to_string(),
        },
        RequiredAccess {
            actions: &["glue:GetSchemaVersion"],
            resource: schemas.to_string(),
        },
    ]
}

/// What the role needs if an MSK cluster authenticates clients with IAM, which Lambda uses only without a secret.
fn iam(cluster: &KafkaCluster, topic: &str, settings: &Settings) -> Result<Vec<RequiredAccess>, Failure> {
    let kafka = settings.kafka.as_ref();
    let has_secret = kafka.is_some_and(|kafka| kafka.access.iter().any(|one| secret(one).is_some()));
    let KafkaCluster::Msk(arn) = cluster else {
        return Ok(Vec::new());
    };
    let arn = msk(arn)?;
    // A VPC connection's ARN does not have the cluster's id.
    let path = arn.resource.strip_prefix("cluster/");
    let Some(path) = path.filter(|_| !has_secret) else {
        return Ok(Vec::new());
    };
    let group = kafka
        .and_then(|kafka| kafka.consumer_group.as_deref())
        .unwrap_or("*");
    let on = |actions, resource| RequiredAccess {
        actions,
        resource: arn.sibling("kafka", resource).to_string(),
    };
    let mut needed = vec![
        on(
            &[
                "kafka-cluster:Connect",
                "kafka-cluster:DescribeClusterDynamicConfiguration",
            ],
            arn.resource.clone(),
        ),
        on(
            &["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"],
            format!("topic/{path}/{topic}"),
        ),
        on(
            &["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"],
            format!("group/{path}/{group}"),
        ),
    ];
    let failed = settings.on_failure().and_then(|to| to.strip_prefix("kafka://"));
    needed.extend(failed.map(|failed| {
        on(
            &["kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"],
            format!("topic/{path}/{failed}"),
        )
    }));
    Ok(needed)
}

/// # Errors
/// If the text is not the ARN of an MSK cluster or of a VPC connection.
fn msk(arn: &str) -> Result<Arn, Failure> {
    let parsed: Option<Arn> = arn.parse().ok();
    let of_msk = |arn: &Arn| {
        let kinds = ["cluster/", "vpc-connection/"];
        arn.service == "kafka" && kinds.iter().any(|kind| arn.resource.starts_with(kind))
    };
    parsed.filter(of_msk).ok_or_else(|| {
        Failure::new(format!("{arn} is not the ARN of an MSK cluster"))
            .advise("find it with `aws kafka list-clusters-v2`, or pass --bootstrap-servers for a cluster outside MSK")
    })
}

#[cfg(test)]
mod tests;
