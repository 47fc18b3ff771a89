//! A table with a million entries that answers `Query` as DynamoDB's reference says, in this process, and counts what is asked of it.
//! Its items are made when they are read, as the store lays them out.

use super::{ENTRIES, entry, event_type, source, subject, thirds};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use switchboard_function::journal::Position;

/// What one call reads, before its filter, in bytes.
const CALL_BYTES: usize = 1024 * 1024;

/// Which of four partitions an entry is spread to: by a hash, as the store does.
fn shard(n: u64) -> u64 {
    n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 62
}

type Failure = Box<dyn Error + Send + Sync>;

/// What was asked.
#[derive(Clone, Copy, Default)]
pub(super) struct Counted {
    pub(super) calls: u64,
    pub(super) items: u64,
}

/// What the entries of a partition of an index have in common. Each index has other members, so that it need not be named.
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
struct Partition {
    source: Option<u64>,
    event_type: Option<u64>,
    subject: Option<u64>,
    shard: Option<u64>,
}

impl Partition {
    /// The partitions of the seven indexes that an entry stands in.
    fn of(n: u64) -> [Self; 7] {
        let [source, event_type, subject] = thirds(n).map(Some);
        let shard = Some(shard(n));
        let none = Self::default();
        [
            Self { shard, ..none },
            Self {
                source,
                shard,
                ..none
            },
            Self { subject, ..none },
            Self {
                event_type,
                shard,
                ..none
            },
            Self {
                source,
                event_type,
                shard,
                ..none
            },
            Self {
                subject,
                source,
                ..none
            },
            Self {
                subject,
                event_type,
                ..none
            },
        ]
    }

    /// Adds what an attribute of the partition key says.
    fn with(mut self, attribute: &str, value: &str) -> Option<Self> {
        let third = |name: fn(u64) -> String, value: &str| (0..3).find(|class| name(*class) == value);
        let sharded = |value: &str| {
            let (group, shard) = value.rsplit_once('#')?;
            Some((group.to_owned(), shard.parse().ok()?))
        };
        match attribute {
            "gsi1pk" => self.shard = Some(sharded(value)?.1),
            "gsi2pk" => {
                let (group, shard) = sharded(value)?;
                self.source = Some(third(source, group.strip_prefix("source#")?)?);
                self.shard = Some(shard);
            }
            "gsi3pk" => self.subject = Some(third(subject, value.strip_prefix("subject#")?)?),
            "source" => self.source = Some(third(source, value)?),
            "type" => self.event_type = Some(third(event_type, value)?),
            _ => return None,
        }
        Some(self)
    }
}

#[derive(Clone)]
pub(super) struct Table {
    /// The entries of each partition, in order.
    indexes: Arc<HashMap<Partition, Vec<u64>>>,
    counted: Arc<Mutex<Counted>>,
}

impl Table {
    pub(super) fn new() -> Self {
        let mut indexes: HashMap<Partition, Vec<u64>> = HashMap::new();
        for n in 0..ENTRIES {
            for partition in Partition::of(n) {
                indexes.entry(partition).or_default().push(n);
            }
        }
        Self {
            indexes: Arc::new(indexes),
            counted: Arc::default(),
        }
    }

    pub(super) fn client(&self) -> Client {
        let table = self.clone();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(Credentials::new("id", "secret", None, None, "bench"))
            .region(Region::new("eu-west-1"))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| {
                SharedHttpConnector::new(table.clone())
            }))
            .build();
        Client::from_conf(config)
    }

    /// What was asked since this was last called.
    pub(super) fn take(&self) -> Counted {
        std::mem::take(&mut self.counted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer(&self, request: &HttpRequest) -> Result<Value, Failure> {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        if !target.ends_with(".Query") {
            return Err(format!("{target} is not measured").into());
        }
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
        self.query(&Query { body: &body })
    }

    fn query(&self, query: &Query<'_>) -> Result<Value, Failure> {
        let partition = query.partition().ok_or("it has no such partition")?;
        let entries = self.indexes.get(&partition).map_or(&[][..], Vec::as_slice);
        let from = query.from();
        let mut failure = None;
        let begin = entries.partition_point(|n| match position(*n) {
            Ok(position) => position < from,
            Err(error) => {
                failure = Some(error);
                false
            }
        });
        if let Some(failure) = failure {
            return Err(failure);
        }
        let limit = query.body["Limit"].as_u64().unwrap_or(u64::MAX);
        let (mut found, mut last) = (Vec::new(), None);
        let (mut bytes, mut counted) = (0, 0);
        for n in &entries[begin..] {
            let item = item(*n)?;
            if query.is_behind(&item) {
                last = None;
                break;
            }
            if counted == limit || bytes > CALL_BYTES {
                break;
            }
            bytes += size(&item);
            counted += 1;
            last = Some(json!({ "pk": item["pk"], "position": item["position"] }));
            if query.lets_through(&item) {
                found.push(item);
            }
        }
        if counted < limit && bytes <= CALL_BYTES {
            last = None;
        }
        let mut total = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        total.calls += 1;
        total.items += counted;
        let mut answer = json!({ "Items": found });
        if let Some(last) = last {
            answer["LastEvaluatedKey"] = last;
        }
        Ok(answer)
    }
}

/// A request's body.
struct Query<'b> {
    body: &'b Value,
}

impl Query<'_> {
    fn name(&self, name: &str) -> &str {
        self.body["ExpressionAttributeNames"][name]
            .as_str()
            .unwrap_or_default()
    }

    fn value(&self, name: &str) -> &str {
        self.body["ExpressionAttributeValues"][name]["S"]
            .as_str()
            .unwrap_or_default()
    }

    fn partition(&self) -> Option<Partition> {
        let conditions = self.body["KeyConditionExpression"].as_str()?;
        let conditions = conditions.strip_prefix("#position BETWEEN :lower AND :upper AND ")?;
        conditions
            .split(" AND ")
            .try_fold(Partition::default(), |partition, condition| {
                let (name, value) = condition.split_once(" = ")?;
                partition.with(self.name(name), self.value(value))
            })
    }

    /// The least position that is read.
    fn from(&self) -> String {
        match self.body["ExclusiveStartKey"]["position"]["S"].as_str() {
            Some(start) => format!("{start}\0"),
            None => self.value(":lower").to_owned(),
        }
    }

    fn is_behind(&self, item: &Value) -> bool {
        item["position"]["S"]
            .as_str()
            .is_none_or(|position| position > self.value(":upper"))
    }

    fn lets_through(&self, item: &Value) -> bool {
        let filter = self.body["FilterExpression"].as_str().unwrap_or_default();
        filter
            .split(" AND ")
            .all(|condition| match condition.split_once(" = ") {
                Some((name, value)) => item[self.name(name)]["S"] == self.value(value),
                // All entries have what they may have.
                None => true,
            })
    }
}

fn position(n: u64) -> Result<String, Failure> {
    let append = made(n)?;
    let position = Position::of(&append, &append.entry, SystemTime::now().into());
    Ok(position.as_str().to_owned())
}

fn made(n: u64) -> Result<switchboard_function::journal::Append, Failure> {
    entry(n).map_err(|error| error.to_string().into())
}

fn item(n: u64) -> Result<Value, Failure> {
    let entry = made(n)?.entry;
    let (source, shard) = (entry.source(), shard(n));
    let subject = entry.subject().unwrap_or_default();
    let attributes = [
        ("pk", format!("entry#{source} {}", entry.id())),
        ("gsi1pk", format!("entries#{shard}")),
        ("gsi2pk", format!("source#{source}#{shard}")),
        ("gsi3pk", format!("subject#{subject}")),
        ("position", position(n)?),
        ("identity", entry.identity().into_owned()),
        ("source", source.to_owned()),
        ("id", entry.id().to_owned()),
        ("type", entry.event_type().to_owned()),
        ("subject", subject.to_owned()),
        (
            "time",
            entry.time().map(|time| time.to_rfc3339()).unwrap_or_default(),
        ),
        ("document", entry.to_json()),
    ];
    let attribute = |(name, text): (&str, String)| (name.to_owned(), json!({ "S": text }));
    Ok(attributes
        .into_iter()
        .map(attribute)
        .collect::<Map<_, _>>()
        .into())
}

/// The bytes of an item: of the names of its attributes and of their texts.
fn size(item: &Value) -> usize {
    let attributes = item.as_object().into_iter().flatten();
    attributes
        .map(|(name, value)| name.len() + value["S"].as_str().map_or(0, str::len))
        .sum()
}

impl HttpConnector for Table {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.answer(&request).and_then(|answer| {
            let status = 200.try_into()?;
            Ok(HttpResponse::new(status, answer.to_string().into()))
        });
        HttpConnectorFuture::ready(answer.map_err(|error| ConnectorError::other(error, None)))
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").finish_non_exhaustive()
    }
}
