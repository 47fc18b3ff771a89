//! DynamoDB tables of an emulator, and Python functions beside it. `make test-aws` says where both are.

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
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use switchboard::idempotency::Dynamodb;
use tokio::net::TcpStream;

pub(crate) fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `make test-aws`"))
}

/// A client of the emulator, which waits for as long as that takes.
pub(crate) fn client() -> Client {
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

/// Makes a table for a journal, as `template.yaml` does.
pub(crate) async fn journal_table(name: &str) {
    let mut create = client()
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash))
        .attribute_definitions(attribute("pk"))
        .attribute_definitions(attribute("position"));
    for name in ["gsi1pk", "gsi2pk", "gsi3pk", "source", "type"] {
        create = create.attribute_definitions(attribute(name));
    }
    for (index, partition_key) in [
        ("gsi1", &["gsi1pk"][..]),
        ("gsi2", &["gsi2pk"]),
        ("gsi3", &["gsi3pk"]),
        ("gsi4", &["gsi1pk", "type"]),
        ("gsi5", &["gsi2pk", "type"]),
        ("gsi6", &["gsi3pk", "source"]),
        ("gsi7", &["gsi3pk", "type"]),
    ] {
        let all = Projection::builder().projection_type(ProjectionType::All).build();
        let built = GlobalSecondaryIndex::builder().index_name(index).projection(all);
        let hashes = partition_key.iter().map(|name| key(name, KeyType::Hash));
        let keys = hashes.chain([key("position", KeyType::Range)]).collect();
        create = create.global_secondary_indexes(built.set_key_schema(Some(keys)).build().unwrap());
    }
    create.send().await.unwrap();
}

/// A table of its own, as Powertools' documentation has it made.
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) name: &'static str,
}

impl Table {
    pub(crate) async fn create(name: &'static str) -> Self {
        let client = client();
        client
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(key("id", KeyType::Hash))
            .attribute_definitions(attribute("id"))
            .send()
            .await
            .unwrap();
        Self { client, name }
    }

    pub(crate) fn store(&self) -> Dynamodb {
        Dynamodb::new(self.client.clone(), self.name)
    }

    /// Calls the function of `tests/powertools/function.py`: what became of it.
    pub(crate) fn python(&self, key: &str, validation: &str, event: &Value) -> Value {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/powertools/function.py");
        let mut python = Command::new(variable("POWERTOOLS_PYTHON"));
        self.call("python", python.arg(script), key, validation, event)
    }

    /// Calls the function of `tests/powertools/powertools.mjs`: what became of it.
    pub(crate) fn typescript(&self, key: &str, validation: &str, event: &Value) -> Value {
        let mut node = Command::new("node");
        self.call(
            "typescript",
            node.args([TYPESCRIPT, "function"]),
            key,
            validation,
            event,
        )
    }

    fn call(&self, by: &str, function: &mut Command, key: &str, validation: &str, event: &Value) -> Value {
        let call = json!({"endpoint": variable("AWS_ENDPOINT_URL_DYNAMODB"), "table": self.name, "prefix": "orders",
            "key": key, "validation": validation, "event": event, "result": {"by": by}});
        serde_json::from_str(&told(function, call.to_string())).unwrap()
    }
}

const TYPESCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/powertools/powertools.mjs");

/// What a program writes to its standard output, given this on its standard input.
fn told(program: &mut Command, input: String) -> String {
    let mut program = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = program.stdin.take().unwrap();
    // Beside the reading, as both pipes hold less than all of it.
    let writing = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = program.wait_with_output().unwrap();
    writing.join().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// So many documents with the hash that Powertools for Python gives each, behind a tab, a line each.
pub(crate) fn documents(count: usize) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/powertools/documents.py");
    let mut python = Command::new(variable("POWERTOOLS_PYTHON"));
    told(python.args([script, &count.to_string(), "1"]), String::new())
}

/// The hashes that Powertools for TypeScript gives documents, a line each.
pub(crate) fn hashes_of_typescript(documents: &[&str]) -> Vec<String> {
    let mut node = Command::new("node");
    let hashes = told(node.args([TYPESCRIPT, "hashes"]), documents.join("\n"));
    hashes.lines().map(ToOwned::to_owned).collect()
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
