//! Settings that only mappings of Kafka clusters have, and the types of the SDK that carry them.

use aws_sdk_lambda::types::{
    AmazonManagedKafkaEventSourceConfig, EventSourceMappingConfiguration as Configuration,
    KafkaSchemaRegistryAccessConfig, KafkaSchemaRegistryAuthType, KafkaSchemaRegistryConfig,
    KafkaSchemaValidationConfig, SchemaRegistryEventRecordFormat, SelfManagedKafkaEventSourceConfig,
    SourceAccessConfiguration, SourceAccessType,
};

/// How Lambda reaches a cluster or a schema registry: a type of authentication with its secret, a subnet, a security group.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct SourceAccess {
    /// The type as Lambda names it: `SASL_SCRAM_512_AUTH`, `VPC_SUBNET` …
    pub kind: String,
    /// The ARN of a secret, `subnet:ID` or `security_group:ID`.
    pub uri: String,
}

/// Settings that only mappings of Kafka clusters have.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KafkaSettings {
    /// The consumer group. `None` lets Lambda choose one. It cannot be changed later.
    pub consumer_group: Option<String>,
    /// How Lambda reaches the cluster.
    pub access: Vec<SourceAccess>,
    /// The registry by whose schemas Lambda validates records.
    pub registry: Option<SchemaRegistry>,
}

/// A schema registry. Lambda asks it in provisioned mode only.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SchemaRegistry {
    /// The ARN of a Glue registry, or the URL of another.
    pub uri: String,
    /// What the function gets: `JSON`, or `SOURCE` for the record's own format.
    pub format: String,
    /// What is validated: `KEY`, `VALUE`.
    pub validated: Vec<String>,
    /// How Lambda authenticates with a registry that is not Glue's.
    pub access: Vec<SourceAccess>,
}

impl SchemaRegistry {
    fn shown(&self) -> String {
        let validated = self.validated.join(" and ").to_lowercase();
        let access = match self.access.is_empty() {
            true => String::new(),
            false => format!(", {}", listed(&self.access)),
        };
        format!("{}, {validated} as {}{access}", self.uri, self.format)
    }

    pub(super) fn configuration(&self) -> KafkaSchemaRegistryConfig {
        let access = |one: &SourceAccess| {
            KafkaSchemaRegistryAccessConfig::builder()
                .r#type(KafkaSchemaRegistryAuthType::from(one.kind.as_str()))
                .uri(&one.uri)
                .build()
        };
        let validated = |attribute: &String| {
            KafkaSchemaValidationConfig::builder()
                .attribute(attribute.as_str().into())
                .build()
        };
        let access: Vec<_> = self.access.iter().map(access).collect();
        KafkaSchemaRegistryConfig::builder()
            .schema_registry_uri(&self.uri)
            .event_record_format(SchemaRegistryEventRecordFormat::from(self.format.as_str()))
            .set_access_configs((!access.is_empty()).then_some(access))
            .set_schema_validation_configs(Some(self.validated.iter().map(validated).collect()))
            .build()
    }
}

impl From<&KafkaSchemaRegistryConfig> for SchemaRegistry {
    fn from(found: &KafkaSchemaRegistryConfig) -> Self {
        let access = found.access_configs().iter().map(|one| SourceAccess {
            kind: one.r#type().map_or("", |kind| kind.as_str()).to_owned(),
            uri: one.uri().unwrap_or_default().to_owned(),
        });
        let validated = found.schema_validation_configs().iter();
        Self {
            uri: found.schema_registry_uri().unwrap_or_default().to_owned(),
            format: found
                .event_record_format()
                .map_or("", |format| format.as_str())
                .to_owned(),
            validated: validated
                .filter_map(|one| Some(one.attribute()?.as_str().to_owned()))
                .collect(),
            access: access.collect(),
        }
    }
}

impl KafkaSettings {
    /// The properties that can be compared, with their names.
    pub(super) fn properties(&self) -> [(&'static str, String); 2] {
        let registry = self.registry.as_ref().map(SchemaRegistry::shown);
        [
            ("access", listed(&self.access)),
            ("schema registry", registry.unwrap_or_default()),
        ]
    }

    /// What a mapping has of these settings.
    pub(super) fn of(found: &Configuration) -> Self {
        let access = found
            .source_access_configurations()
            .iter()
            .map(|one| SourceAccess {
                kind: one.r#type().map_or("", SourceAccessType::as_str).to_owned(),
                uri: one.uri().unwrap_or_default().to_owned(),
            });
        Self {
            consumer_group: consumer_group(found).map(str::to_owned),
            access: access.collect(),
            registry: registry(found).map(SchemaRegistry::from),
        }
    }

    /// The access settings as Lambda takes them; an empty list removes the current ones.
    pub(super) fn access_configurations(&self) -> Vec<SourceAccessConfiguration> {
        let one = |access: &SourceAccess| {
            SourceAccessConfiguration::builder()
                .r#type(SourceAccessType::from(access.kind.as_str()))
                .uri(&access.uri)
                .build()
        };
        self.access.iter().map(one).collect()
    }

    /// The settings of an MSK cluster; `None` if there is nothing to set.
    pub(super) fn msk(&self) -> Option<AmazonManagedKafkaEventSourceConfig> {
        let config = AmazonManagedKafkaEventSourceConfig::builder()
            .set_consumer_group_id(self.consumer_group.clone())
            .set_schema_registry_config(self.registry.as_ref().map(SchemaRegistry::configuration));
        self.is_set().then(|| config.build())
    }

    /// The settings of a self-managed cluster; `None` if there is nothing to set.
    pub(super) fn self_managed(&self) -> Option<SelfManagedKafkaEventSourceConfig> {
        let config = SelfManagedKafkaEventSourceConfig::builder()
            .set_consumer_group_id(self.consumer_group.clone())
            .set_schema_registry_config(self.registry.as_ref().map(SchemaRegistry::configuration));
        self.is_set().then(|| config.build())
    }

    fn is_set(&self) -> bool {
        self.consumer_group.is_some() || self.registry.is_some()
    }
}

/// Types and values in a fixed order, because Lambda keeps none.
fn listed(access: &[SourceAccess]) -> String {
    let mut all: Vec<String> = access
        .iter()
        .map(|one| format!("{}={}", one.kind, one.uri))
        .collect();
    all.sort();
    all.join(", ")
}

fn consumer_group(found: &Configuration) -> Option<&str> {
    let managed = found.amazon_managed_kafka_event_source_config();
    let own = found.self_managed_kafka_event_source_config();
    managed
        .and_then(|config| config.consumer_group_id())
        .or_else(|| own.and_then(|config| config.consumer_group_id()))
}

fn registry(found: &Configuration) -> Option<&KafkaSchemaRegistryConfig> {
    let managed = found.amazon_managed_kafka_event_source_config();
    let own = found.self_managed_kafka_event_source_config();
    managed
        .and_then(|config| config.schema_registry_config())
        .or_else(|| own.and_then(|config| config.schema_registry_config()))
        // An empty one is what is left of a registry that was removed.
        .filter(|config| config.schema_registry_uri().is_some())
}
