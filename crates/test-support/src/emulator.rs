//! DynamoDB tables of an emulator. `make test-aws` says where it is.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use std::collections::BTreeSet;
use tokio::net::TcpStream;

/// A variable that `make test-aws` sets.
///
/// # Panics
/// If it is not set.
#[must_use]
pub fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `make test-aws`"))
}

/// A client of the emulator, which waits for as long as that takes.
#[must_use]
pub fn client() -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .region(Region::new("eu-west-1"))
        .endpoint_url(variable("AWS_ENDPOINT_URL_DYNAMODB"))
        .http_client(http_client_fn(|_, _| SharedHttpConnector::new(Loopback)))
        .build();
    Client::from_conf(config)
}

fn key(name: &str, key_type: KeyType) -> KeySchemaElement {
    let key = KeySchemaElement::builder()
        .attribute_name(name)
        .key_type(key_type);
    key.build().unwrap()
}

fn attribute(name: &str) -> AttributeDefinition {
    let attribute = AttributeDefinition::builder().attribute_name(name);
    attribute.attribute_type(ScalarAttributeType::S).build().unwrap()
}

/// Makes a table with this partition key, and indexes by their names and partition keys, each with the sort key `sort`. All of
/// these are strings.
pub async fn create_table(name: &str, partition_key: &str, indexes: &[(&str, &[&str])], sort: &str) {
    let mut names: BTreeSet<&str> = indexes.iter().flat_map(|(_, key)| key.iter().copied()).collect();
    names.insert(partition_key);
    if !indexes.is_empty() {
        names.insert(sort);
    }
    let mut create = client()
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key(partition_key, KeyType::Hash));
    for name in names {
        create = create.attribute_definitions(attribute(name));
    }
    for (index, partition_key) in indexes {
        let all = Projection::builder().projection_type(ProjectionType::All).build();
        let built = GlobalSecondaryIndex::builder().index_name(*index).projection(all);
        let hashes = partition_key.iter().map(|name| key(name, KeyType::Hash));
        let keys = hashes.chain([key(sort, KeyType::Range)]).collect();
        create = create.global_secondary_indexes(built.set_key_schema(Some(keys)).build().unwrap());
    }
    create.send().await.unwrap();
}

/// HTTP to this machine, a connection for each request: no encryption, and so none of its libraries.
#[derive(Debug)]
struct Loopback;

impl HttpConnector for Loopback {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(async move {
            exchange(request)
                .await
                .map_err(|error| ConnectorError::other(error, None))
        })
    }
}

async fn exchange(request: HttpRequest) -> Result<HttpResponse, Box<dyn std::error::Error + Send + Sync>> {
    let request = request.try_into_http1x()?;
    let authority = request.uri().authority().ok_or("no host")?.to_string();
    let (mut parts, body) = request.into_parts();
    let body = Full::new(bytes::Bytes::copy_from_slice(
        body.bytes().ok_or("a streaming body")?,
    ));
    parts.headers.insert("host", authority.parse()?);
    parts.uri = parts
        .uri
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .parse()?;
    let stream = TcpStream::connect(authority).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let response = sender
        .send_request(http::Request::from_parts(parts, body))
        .await?;
    let (parts, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    connection.abort();
    Ok(http::Response::from_parts(parts, body.into()).try_into()?)
}
