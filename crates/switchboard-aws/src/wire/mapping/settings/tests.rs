//! What differs between wanted settings and those of a mapping.

use aws_sdk_lambda::types::{
    AmazonManagedKafkaEventSourceConfig, KafkaSchemaRegistryConfig, SourceAccessConfiguration,
};

use super::*;
use crate::wire::mapping::{SchemaRegistry, SourceAccess};

fn kafka(pollers: Option<Pollers>) -> Settings {
    Settings {
        batch_size: 100,
        stream: Some(StreamSettings {
            bisect: true,
            maximum_retry_attempts: -1,
            maximum_record_age: -1,
            ..StreamSettings::default()
        }),
        kafka: Some(KafkaSettings::default()),
        pollers,
        ..Settings::default()
    }
}

fn differing(wanted: &Settings, found: &Configuration) -> Vec<String> {
    let there = properties_of(found);
    let wanted = wanted.properties();
    let differing = wanted.iter().filter(|(name, value)| there[**name] != **value);
    differing
        .map(|(name, value)| format!("{name}: {} → {value}", there[*name]))
        .collect()
}

fn mapping() -> aws_sdk_lambda::types::builders::EventSourceMappingConfigurationBuilder {
    Configuration::builder().topics("orders").batch_size(100)
}

#[test]
fn kafka_has_partial_answers_and_bounds_of_retries_in_provisioned_mode_only() {
    let plain = mapping().build();
    assert_eq!(differing(&kafka(None), &plain), Vec::<String>::new());
    assert!(kafka(None).response_types().is_empty());
    let pollers = Pollers {
        maximum: Some(5),
        ..Pollers::default()
    };
    assert_eq!(
        differing(&kafka(Some(pollers)), &plain),
        [
            "bisect on error: false → true",
            "provisioned pollers:  → 1 to 5",
            "response types:  → ReportBatchItemFailures"
        ]
    );
}

#[test]
fn pollers_that_lambda_fills_in_make_no_difference() {
    let given = Pollers {
        minimum: Some(3),
        ..Pollers::default()
    };
    let filled = ProvisionedPollerConfig::builder()
        .minimum_pollers(3)
        .maximum_pollers(200)
        .build();
    let queue = |pollers| Settings {
        batch_size: 10,
        pollers,
        ..Settings::default()
    };
    let found = Configuration::builder()
        .batch_size(10)
        .function_response_types(FunctionResponseType::ReportBatchItemFailures)
        .provisioned_poller_config(filled)
        .build();
    assert_eq!(differing(&queue(Some(given)), &found), Vec::<String>::new());
    assert_eq!(
        differing(&queue(None), &found),
        ["provisioned pollers: 3 to 200 → "]
    );
    // An empty configuration is what is left of provisioned mode that was turned off.
    let empty = ProvisionedPollerConfig::builder().build();
    let off = Configuration::builder().provisioned_poller_config(empty).build();
    assert_eq!(pollers_of(&off), None);
}

#[test]
fn the_order_of_access_settings_makes_no_difference() {
    let access = |kind: &str, uri: &str| SourceAccess {
        kind: kind.to_owned(),
        uri: uri.to_owned(),
    };
    let mut wanted = kafka(None);
    wanted.kafka = Some(KafkaSettings {
        access: vec![access("VPC_SUBNET", "subnet:a"), access("VPC_SUBNET", "subnet:b")],
        ..KafkaSettings::default()
    });
    let one = |uri: &str| {
        SourceAccessConfiguration::builder()
            .r#type("VPC_SUBNET".into())
            .uri(uri)
            .build()
    };
    let found = mapping()
        .source_access_configurations(one("subnet:b"))
        .source_access_configurations(one("subnet:a"));
    assert_eq!(differing(&wanted, &found.build()), Vec::<String>::new());
    let found = mapping().source_access_configurations(one("subnet:a")).build();
    assert_eq!(
        differing(&wanted, &found),
        ["access: VPC_SUBNET=subnet:a → VPC_SUBNET=subnet:a, VPC_SUBNET=subnet:b"]
    );
}

#[test]
fn a_registry_comes_back_from_lambda_as_it_was_sent() {
    let registry = SchemaRegistry {
        uri: "https://registry.example.com".to_owned(),
        format: "JSON".to_owned(),
        validated: vec!["KEY".to_owned(), "VALUE".to_owned()],
        access: vec![SourceAccess {
            kind: "BASIC_AUTH".to_owned(),
            uri: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry".to_owned(),
        }],
    };
    assert_eq!(SchemaRegistry::from(&registry.configuration()), registry);
    let removed = AmazonManagedKafkaEventSourceConfig::builder()
        .consumer_group_id("orders")
        .schema_registry_config(KafkaSchemaRegistryConfig::builder().build());
    let found = mapping()
        .amazon_managed_kafka_event_source_config(removed.build())
        .build();
    let there = KafkaSettings::of(&found);
    assert_eq!(
        (there.registry, there.consumer_group.as_deref()),
        (None, Some("orders"))
    );
}
