//! The rights that a topic's mapping needs.

use super::*;
use crate::wire::{SchemaRegistry, StreamSettings};

const CLUSTER: &str = "arn:aws:kafka:eu-west-1:123456789012:cluster/shop/0f9d1a2b-1";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:kafka";

fn settings(access: &[(&str, &str)], on_failure: Option<&str>) -> Settings {
    let access = access.iter().map(|(kind, uri)| SourceAccess {
        kind: (*kind).to_owned(),
        uri: (*uri).to_owned(),
    });
    Settings {
        kafka: Some(KafkaSettings {
            access: access.collect(),
            ..KafkaSettings::default()
        }),
        stream: Some(StreamSettings {
            on_failure: on_failure.map(str::to_owned),
            ..StreamSettings::default()
        }),
        ..Settings::default()
    }
}

fn lines(needed: Result<Vec<RequiredAccess>, Failure>) -> Vec<String> {
    let text = role::lines(&needed.unwrap());
    text.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn msk_needs_its_cluster_and_its_network_and_with_a_secret_no_iam() {
    let cluster = KafkaCluster::Msk(CLUSTER.to_owned());
    let scram = settings(&[("SASL_SCRAM_512_AUTH", SECRET)], None);
    assert_eq!(
        lines(needed(&cluster, &scram)),
        [
            format!("kafka:DescribeClusterV2, kafka:GetBootstrapBrokers on {CLUSTER}"),
            format!("kafka:ListScramSecrets on {CLUSTER}"),
            format!("{} on *", NETWORK.join(", ")),
            format!("secretsmanager:GetSecretValue on {SECRET}"),
        ]
    );
    assert!(lines(iam(&cluster, "orders", &scram)).is_empty());
    let of = |kind: &str| format!("arn:aws:kafka:eu-west-1:123456789012:{kind}/shop/0f9d1a2b-1");
    assert_eq!(
        lines(iam(&cluster, "orders", &settings(&[], Some("kafka://failed")))),
        [
            format!("kafka-cluster:Connect, kafka-cluster:DescribeClusterDynamicConfiguration on {CLUSTER}"),
            format!(
                "kafka-cluster:DescribeTopic, kafka-cluster:ReadData on {}/orders",
                of("topic")
            ),
            format!(
                "kafka-cluster:AlterGroup, kafka-cluster:DescribeGroup on {}/*",
                of("group")
            ),
            format!(
                "kafka-cluster:DescribeTopic, kafka-cluster:WriteData on {}/failed",
                of("topic")
            ),
        ]
    );
}

#[test]
fn a_self_managed_cluster_needs_a_network_only_if_it_is_in_one() {
    let cluster = KafkaCluster::SelfManaged(vec!["b-1.example.com:9096".to_owned()]);
    assert!(lines(needed(&cluster, &settings(&[], None))).is_empty());
    let in_network = settings(
        &[
            ("VPC_SUBNET", "subnet:a"),
            ("VPC_SECURITY_GROUP", "security_group:b"),
        ],
        None,
    );
    assert_eq!(
        lines(needed(&cluster, &in_network)),
        [format!("{} on *", NETWORK.join(", "))]
    );
    let queue = "arn:aws:sqs:eu-west-1:123456789012:failed";
    assert_eq!(
        lines(needed(&cluster, &settings(&[], Some(queue)))),
        [format!("sqs:SendMessage on {queue}")]
    );
}

#[test]
fn a_glue_registry_needs_rights_and_one_with_a_url_its_secret() {
    let cluster = KafkaCluster::SelfManaged(vec!["b-1.example.com:9096".to_owned()]);
    let with = |uri: &str, access: Vec<SourceAccess>| {
        let mut settings = settings(&[], None);
        settings.kafka = Some(KafkaSettings {
            registry: Some(SchemaRegistry {
                uri: uri.to_owned(),
                format: "JSON".to_owned(),
                validated: vec!["VALUE".to_owned()],
                access,
            }),
            ..KafkaSettings::default()
        });
        lines(needed(&cluster, &settings))
    };
    assert_eq!(
        with("arn:aws:glue:eu-west-1:123456789012:registry/shop", Vec::new()),
        [
            "glue:GetRegistry, glue:GetSchemaVersion on arn:aws:glue:eu-west-1:123456789012:registry/shop",
            "glue:GetSchemaVersion on arn:aws:glue:eu-west-1:123456789012:schema/shop/*",
        ]
    );
    let secret = SourceAccess {
        kind: "BASIC_AUTH".to_owned(),
        uri: SECRET.to_owned(),
    };
    assert_eq!(
        with("https://registry.example.com", vec![secret]),
        [format!("secretsmanager:GetSecretValue on {SECRET}")]
    );
}

#[test]
fn only_arns_of_msk_name_a_cluster() {
    let connection = "arn:aws:kafka:eu-west-1:123456789012:vpc-connection/210987654321/shop/0f9d1a2b-1";
    assert!(msk(CLUSTER).is_ok() && msk(connection).is_ok());
    for text in [
        "shop",
        "arn:aws:kafka:eu-west-1:123456789012:topic/shop/0f9d1a2b-1/orders",
    ] {
        let failure = msk(text).unwrap_err().to_string();
        assert!(failure.contains("--bootstrap-servers"), "{failure}");
    }
    let needed = lines(needed(
        &KafkaCluster::Msk(connection.to_owned()),
        &settings(&[], None),
    ));
    assert!(
        needed.contains(&format!("kafka:DescribeVpcConnection on {connection}")),
        "{needed:?}"
    );
}
