//! Connectors: permissions between two resources.

use super::super::node::Node;
use super::super::resource::Resource;
use crate::doctor::place::Place;

pub(super) struct Connector {
    id: String,
    at: Place,
    sources: Vec<Node>,
    destinations: Vec<Node>,
    reads: bool,
    writes: bool,
}

/// One end of a connector: a resource of the template, or the properties that describe one of elsewhere.
struct End {
    kind: String,
    arn: Option<Node>,
    /// The name of its role.
    role: Option<Node>,
    /// The id of an API.
    api: Option<Node>,
    qualifier: Option<Node>,
}

/// The connectors of the template: separate resources, and those inside another resource.
pub(super) fn written(root: &Node, resources: &[Resource]) -> Vec<Connector> {
    let own = resources
        .iter()
        .filter(|resource| resource.kind == "AWS::Serverless::Connector");
    let mut all: Vec<Connector> = own
        .map(|resource| {
            let sources = resource.properties.get("Source").map_or(&[][..], Node::items);
            Connector::read(&resource.id, sources.to_vec(), &resource.properties)
        })
        .collect();
    let written = root.get("Resources").map_or(&[][..], Node::entries);
    for (source, node) in written {
        let embedded = node.get("Connectors").map_or(&[][..], Node::entries);
        all.extend(embedded.iter().filter_map(|(name, node)| {
            let properties = node.get("Properties")?;
            let mut end = Node::map(node.at, [("Id", Node::text(node.at, source))]);
            if let Some(qualifier) = properties
                .get("SourceReference")
                .and_then(|source| source.get("Qualifier"))
            {
                end.set("Qualifier", qualifier.clone());
            }
            Some(Connector::read(&format!("{source}{name}"), vec![end], properties))
        }));
    }
    all
}

impl Connector {
    fn read(id: &str, sources: Vec<Node>, properties: &Node) -> Self {
        let permissions = properties.get("Permissions").map_or(&[][..], Node::items);
        let has = |name: &str| permissions.iter().any(|node| node.as_text() == Some(name));
        Self {
            id: id.to_owned(),
            at: properties.at,
            sources,
            destinations: properties
                .get("Destination")
                .map_or(&[][..], Node::items)
                .to_vec(),
            reads: has("Read"),
            writes: has("Write"),
        }
    }

    /// What the connector adds between `source` and `destination`.
    fn between(&self, source: &End, destination: &End) -> Option<Resource> {
        match (&*source.kind, &*destination.kind) {
            ("AWS::SQS::Queue" | "AWS::DynamoDB::Table", "AWS::Lambda::Function") => {
                self.policy(polled(&source.kind), destination.role.clone()?, source)
            }
            ("AWS::Lambda::Function", kind) => self.policy(used(kind)?, source.role.clone()?, destination),
            (_, "AWS::Lambda::Function") => self.permission(source, destination),
            _ => None,
        }
    }

    fn permission(&self, source: &End, function: &End) -> Option<Resource> {
        let principal = match &*source.kind {
            "AWS::S3::Bucket" => "s3.amazonaws.com",
            "AWS::SNS::Topic" => "sns.amazonaws.com",
            "AWS::Events::Rule" => "events.amazonaws.com",
            "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api" => "apigateway.amazonaws.com",
            "AWS::AppSync::GraphQLApi" => "appsync.amazonaws.com",
            _ => return None,
        };
        let at = self.at;
        let arn = match (&source.api, principal) {
            (Some(api), "apigateway.amazonaws.com") => self.api_arn(api, source.qualifier.as_ref()),
            _ => source.arn.clone()?,
        };
        let mut properties = Node::map(
            at,
            [
                ("FunctionName", function.arn.clone()?),
                ("Action", Node::text(at, "lambda:InvokeFunction")),
                ("Principal", Node::text(at, principal)),
                ("SourceArn", arn),
            ],
        );
        if principal == "s3.amazonaws.com" {
            properties.set("SourceAccount", Node::reference(at, "AWS::AccountId"));
        }
        let id = format!("{}Permission", self.id);
        self.writes
            .then(|| Resource::new(id, "AWS::Lambda::Permission", at, properties))
    }

    fn api_arn(&self, api: &Node, qualifier: Option<&Node>) -> Node {
        let at = self.at;
        let text = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/${Qualifier}";
        let qualifier = qualifier.cloned().unwrap_or_else(|| Node::text(at, "*"));
        let own = Node::map(at, [("Api", api.clone()), ("Qualifier", qualifier)]);
        Node::map(at, [("Fn::Sub", Node::list(at, [Node::text(at, text), own]))])
    }

    /// A policy of the role with this name, about `resource`.
    fn policy(&self, rights: Rights, role: Node, resource: &End) -> Option<Resource> {
        let at = self.at;
        let actions = [(self.reads, rights.reads), (self.writes, rights.writes)];
        let actions: Vec<Node> = actions
            .iter()
            .filter(|(on, _)| *on)
            .flat_map(|(_, actions)| *actions)
            .map(|action| Node::text(at, *action))
            .collect();
        let arn = resource.arn.clone()?;
        let resources = rights.suffixes.iter().map(|suffix| {
            let parts = Node::list(at, [arn.clone(), Node::text(at, *suffix)]);
            Node::map(at, [("Fn::Join", Node::list(at, [Node::text(at, ""), parts]))])
        });
        let statement = [
            ("Effect", Node::text(at, "Allow")),
            ("Action", Node::list(at, actions)),
            ("Resource", Node::list(at, resources)),
        ];
        let document = Node::map(at, [("Statement", Node::map(at, statement))]);
        let properties = [("Roles", Node::list(at, [role])), ("PolicyDocument", document)];
        let id = format!("{}Policy", self.id);
        Some(Resource::new(
            id,
            "AWS::IAM::Policy",
            at,
            Node::map(at, properties),
        ))
    }
}

/// What a connector allows.
struct Rights {
    reads: &'static [&'static str],
    writes: &'static [&'static str],
    /// What follows the ARN of the resource in the policy.
    suffixes: &'static [&'static str],
}

/// What Lambda needs to read this source for the function.
fn polled(kind: &str) -> Rights {
    match kind {
        "AWS::SQS::Queue" => Rights {
            reads: &["sqs:ReceiveMessage", "sqs:GetQueueAttributes"],
            writes: &["sqs:DeleteMessage"],
            suffixes: &[""],
        },
        _ => Rights {
            reads: &[
                "dynamodb:DescribeStream",
                "dynamodb:GetRecords",
                "dynamodb:GetShardIterator",
                "dynamodb:ListStreams",
            ],
            writes: &[],
            suffixes: &["/stream/*"],
        },
    }
}

/// What a function needs to use this resource.
fn used(kind: &str) -> Option<Rights> {
    let (reads, writes, suffixes): (&[&str], &[&str], &[&str]) = match kind {
        "AWS::S3::Bucket" => (
            &["s3:GetObject*", "s3:ListBucket*", "s3:ListMultipartUploadParts"],
            &[
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:DeleteObjectVersion",
                "s3:PutObject",
                "s3:RestoreObject",
            ],
            &["", "/*"],
        ),
        "AWS::SQS::Queue" => (
            &["sqs:ReceiveMessage", "sqs:GetQueueAttributes"],
            &[
                "sqs:DeleteMessage",
                "sqs:SendMessage",
                "sqs:ChangeMessageVisibility",
                "sqs:PurgeQueue",
            ],
            &[""],
        ),
        "AWS::SNS::Topic" => (&[], &["sns:Publish"], &[""]),
        "AWS::DynamoDB::Table" => (
            &[
                "dynamodb:GetItem",
                "dynamodb:Query",
                "dynamodb:Scan",
                "dynamodb:BatchGetItem",
            ],
            &[
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "dynamodb:DeleteItem",
                "dynamodb:BatchWriteItem",
            ],
            &["", "/index/*"],
        ),
        "AWS::Events::EventBus" => (&[], &["events:PutEvents"], &[""]),
        "AWS::Lambda::Function" => (&[], &["lambda:InvokeAsync", "lambda:InvokeFunction"], &[""]),
        "AWS::StepFunctions::StateMachine" => (
            &["states:DescribeStateMachine", "states:ListExecutions"],
            &["states:StartExecution", "states:StartSyncExecution"],
            &[""],
        ),
        _ => return None,
    };
    Some(Rights {
        reads,
        writes,
        suffixes,
    })
}

/// SAM's types by CloudFormation's.
fn plain(kind: &str) -> &str {
    match kind {
        "AWS::Serverless::Function" => "AWS::Lambda::Function",
        "AWS::Serverless::StateMachine" => "AWS::StepFunctions::StateMachine",
        "AWS::Serverless::Api" => "AWS::ApiGateway::RestApi",
        "AWS::Serverless::HttpApi" => "AWS::ApiGatewayV2::Api",
        "AWS::Serverless::SimpleTable" => "AWS::DynamoDB::Table",
        kind => kind,
    }
}

fn end(node: &Node, resources: &[Resource]) -> Option<End> {
    let Some(id) = node.get("Id").and_then(Node::as_text) else {
        return Some(End {
            kind: plain(node.get("Type")?.as_text()?).to_owned(),
            arn: node.get("Arn").cloned(),
            role: node.get("RoleName").cloned(),
            api: node.get("ResourceId").cloned(),
            qualifier: node.get("Qualifier").cloned(),
        });
    };
    let resource = resources.iter().find(|resource| resource.id == id)?;
    let arn = match &*resource.kind {
        "AWS::SNS::Topic" | "AWS::StepFunctions::StateMachine" => Node::reference(node.at, id),
        _ => Node::attribute(node.at, id, "Arn"),
    };
    Some(End {
        kind: resource.kind.clone(),
        arn: Some(arn),
        role: resource.properties.get("Role").cloned(),
        api: Some(Node::reference(node.at, id)),
        qualifier: node.get("Qualifier").cloned(),
    })
}

pub(super) fn expand(connectors: &[Connector], resources: &mut Vec<Resource>) {
    let mut added = Vec::new();
    for connector in connectors {
        for source in connector.sources.iter().filter_map(|node| end(node, resources)) {
            let destinations = connector
                .destinations
                .iter()
                .filter_map(|node| end(node, resources));
            added.extend(destinations.filter_map(|destination| connector.between(&source, &destination)));
        }
    }
    resources.extend(added);
}
