//! The policies of queues, topics, buckets, streams, keys and functions.

use std::collections::{HashMap, HashSet};

use super::policy::{in_document, statement, statements};
use super::reader::{EvaluatedResource, Reader};
use crate::doctor::deployment::{Patterns, ResourcePolicy, Setting, Statement, named};
use crate::doctor::text::{Certainty, has_made_up, same};

/// A type of resource whose policies are resources of their own.
struct Owner {
    kind: &'static str,
    /// The types of its policies, and the property in which each names what it is for.
    policies: &'static [(&'static str, &'static str)],
    /// The property in which the resource may have a policy itself.
    own: Option<&'static str>,
}

const OWNERS: &[Owner] = &[
    Owner {
        kind: "AWS::SQS::Queue",
        policies: &[
            ("AWS::SQS::QueuePolicy", "Queues"),
            ("AWS::SQS::QueueInlinePolicy", "Queue"),
        ],
        own: None,
    },
    Owner {
        kind: "AWS::SNS::Topic",
        policies: &[
            ("AWS::SNS::TopicPolicy", "Topics"),
            ("AWS::SNS::TopicInlinePolicy", "TopicArn"),
        ],
        own: None,
    },
    Owner {
        kind: "AWS::S3::Bucket",
        policies: &[("AWS::S3::BucketPolicy", "Bucket")],
        own: None,
    },
    Owner {
        kind: "AWS::Kinesis::Stream",
        policies: &[("AWS::Kinesis::ResourcePolicy", "ResourceArn")],
        own: None,
    },
    Owner {
        kind: "AWS::Events::EventBus",
        policies: &[("AWS::Events::EventBusPolicy", "EventBusName")],
        own: Some("Policy"),
    },
    Owner {
        kind: "AWS::KMS::Key",
        policies: &[],
        own: Some("KeyPolicy"),
    },
];

/// The policies of all resources of the template that may have one.
pub(super) fn read(reader: &Reader<'_>) -> Vec<ResourcePolicy> {
    let mut all: Vec<ResourcePolicy> = OWNERS.iter().flat_map(|owner| of(reader, owner)).collect();
    all.extend(of_tables(reader));
    all.extend(of_functions(reader));
    all
}

fn of<'r>(reader: &'r Reader<'r>, owner: &'static Owner) -> impl Iterator<Item = ResourcePolicy> + use<'r> {
    let policies = Policies::new(reader, owner);
    reader.of(owner.kind).map(move |read| {
        let own = owner.own.map(|path| statements(&read.properties, path));
        let others = policies.of(&reader.reference(read));
        let absent = own.as_ref().is_some_and(Vec::is_empty) && owner.kind == "AWS::KMS::Key";
        ResourcePolicy {
            arn: reader.arn(read),
            statements: others.map(|others| match absent {
                true => vec![of_account()],
                false => own.into_iter().flatten().chain(others).collect(),
            }),
        }
    })
}

/// What a key without a policy has: the account decides.
fn of_account() -> Statement {
    let all = || Patterns::of(vec!["*".to_owned()]);
    Statement {
        allows: true,
        principals: Patterns::of(vec![":root".to_owned()]),
        actions: all(),
        resources: all(),
        ..Statement::default()
    }
}

/// The streams of tables, whose policies are in the tables.
fn of_tables<'r>(reader: &'r Reader<'r>) -> impl Iterator<Item = ResourcePolicy> + use<'r> {
    reader.of("AWS::DynamoDB::Table").map(|read| ResourcePolicy {
        arn: reader.scope.stream_of(read.resource),
        statements: Some(statements(
            &read.properties,
            "StreamSpecification.ResourcePolicy.PolicyDocument",
        )),
    })
}

/// The permissions of functions, as the statements that Lambda makes of them.
fn of_functions(reader: &Reader<'_>) -> Vec<ResourcePolicy> {
    let mut by_name: HashMap<String, Vec<&EvaluatedResource<'_>>> = HashMap::new();
    let mut open = false;
    for read in reader.of("AWS::Lambda::Permission") {
        match read.properties.text_at("FunctionName") {
            Setting::Known(name) => by_name
                .entry(named(&name).name.to_owned())
                .or_default()
                .push(read),
            _ => open = true,
        }
    }
    let functions = reader.of("AWS::Lambda::Function").map(|read| {
        let arn = reader.arn(read);
        let permissions = by_name.get(&reader.name(read)).map_or(&[][..], Vec::as_slice);
        let statements = permissions.iter().map(|permission| permitted(permission, &arn));
        ResourcePolicy {
            statements: (!open).then(|| statements.collect()),
            arn,
        }
    });
    functions.collect()
}

fn permitted(read: &EvaluatedResource<'_>, arn: &str) -> Statement {
    let text = |key: &str| match read.properties.text_at(key) {
        Setting::Known(text) => Patterns::of(vec![text]),
        Setting::Unknown => Patterns {
            open: true,
            ..Patterns::default()
        },
        Setting::Absent => Patterns::default(),
    };
    let name = read.properties.text_at("FunctionName");
    let qualifier = name.known().map_or("", |name| named(name).qualifier);
    let resource = match qualifier {
        "" => arn.to_owned(),
        qualifier => format!("{arn}:{qualifier}"),
    };
    let restricting = ["SourceArn", "SourceAccount", "EventSourceToken", "PrincipalOrgID"];
    Statement {
        at: Some(read.resource.at),
        allows: true,
        principals: text("Principal"),
        actions: text("Action"),
        resources: Patterns::of(vec![resource]),
        conditional: restricting
            .iter()
            .any(|key| !read.properties.get(key).is_absent()),
    }
}

/// The policies of one type of resource, by what they name.
struct Policies {
    by_name: HashMap<String, Vec<Statement>>,
    /// Texts of which it is unknown what they name; `None` is no text at all.
    open: Vec<Option<String>>,
}

impl Policies {
    fn new(reader: &Reader<'_>, owner: &Owner) -> Self {
        let own = reader.of(owner.kind);
        let own = own.map(|read| short(&reader.reference(read)).to_owned());
        let own: HashSet<String> = own.collect();
        let mut by_name: HashMap<String, Vec<Statement>> = HashMap::new();
        let mut open = Vec::new();
        for (kind, key) in owner.policies {
            for read in reader.of(kind) {
                let said = said(read);
                for value in read.properties.items_at(key) {
                    match value.as_text() {
                        // A generated name is that of one resource, and so is the name of one of the template.
                        Some(text) => {
                            let name = short(text);
                            by_name.entry(name.to_owned()).or_default().extend(said.clone());
                            let certain = has_made_up(name) || own.contains(name);
                            open.extend((!certain).then(|| Some(name.to_owned())));
                        }
                        None => open.push(None),
                    }
                }
                open.extend((read.properties.get(key) == Setting::Unknown).then_some(None));
            }
        }
        Self { by_name, open }
    }

    /// The statements for the resource with this name, URL or ARN; `None` if it is unknown whether there are others.
    fn of(&self, reference: &str) -> Option<Vec<Statement>> {
        let name = short(reference);
        if let Some(said) = self.by_name.get(name) {
            return Some(said.clone());
        }
        let maybe = |text: &Option<String>| {
            text.as_ref()
                .is_none_or(|text| same(text, name) == Certainty::Open)
        };
        (!self.open.iter().any(maybe)).then(Vec::new)
    }
}

/// The name in a URL or an ARN, however much of the rest is spelled out: a policy is for a resource of its own account.
fn short(text: &str) -> &str {
    text.rsplit(['/', ':']).next().unwrap_or(text)
}

/// What a policy says: its document, or the one statement of a bus's policy.
fn said(read: &EvaluatedResource<'_>) -> Vec<Statement> {
    for key in ["PolicyDocument", "ResourcePolicy"] {
        if !read.properties.get(key).is_absent() {
            return statements(&read.properties, key);
        }
    }
    match read.properties.get("Statement") {
        Setting::Known(one) if one.get("Statement").is_absent() => vec![statement(one)],
        Setting::Known(document) => in_document(document),
        // The older form has the parts of a statement that allows as properties.
        _ => vec![Statement {
            allows: true,
            ..statement(&read.properties)
        }],
    }
}
