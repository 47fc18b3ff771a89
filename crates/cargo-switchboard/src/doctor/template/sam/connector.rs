//! Connectors: permissions between two resources.

use super::super::node::Node;
use super::super::resource::Resource;
use crate::doctor::place::Place;

pub(super) struct Connector {
    id: String,
    at: Place,
    source: String,
    destinations: Vec<String>,
    reads: bool,
    writes: bool,
}

/// The connectors of the template: separate resources, and those inside another resource.
pub(super) fn written(root: &Node, resources: &[Resource]) -> Vec<Connector> {
    let own = resources
        .iter()
        .filter(|resource| resource.kind == "AWS::Serverless::Connector");
    let mut all: Vec<Connector> = own
        .map(|resource| {
            let source = resource.properties.get("Source").and_then(id).unwrap_or_default();
            Connector::read(&resource.id, source, &resource.properties)
        })
        .collect();
    let written = root.get("Resources").map_or(&[][..], Node::entries);
    for (source, node) in written {
        let embedded = node.get("Connectors").map_or(&[][..], Node::entries);
        all.extend(embedded.iter().filter_map(|(name, node)| {
            let properties = node.get("Properties")?;
            Some(Connector::read(&format!("{source}{name}"), source, properties))
        }));
    }
    all
}

fn id(end: &Node) -> Option<&str> {
    end.get("Id").and_then(Node::as_text)
}

impl Connector {
    fn read(id: &str, source: &str, properties: &Node) -> Self {
        let permissions = properties.get("Permissions").map_or(&[][..], Node::items);
        let has = |name: &str| permissions.iter().any(|node| node.as_text() == Some(name));
        let destinations = properties.get("Destination").map_or(&[][..], Node::items);
        Self {
            id: id.to_owned(),
            at: properties.at,
            source: source.to_owned(),
            destinations: destinations
                .iter()
                .filter_map(self::id)
                .map(str::to_owned)
                .collect(),
            reads: has("Read"),
            writes: has("Write"),
        }
    }

    /// What the connector adds between `source` and `destination`.
    fn between(&self, source: &Resource, destination: &Resource) -> Option<Resource> {
        match (&*source.kind, &*destination.kind) {
            (kind, "AWS::Lambda::Function") => self.permission(kind, destination),
            ("AWS::Lambda::Function", kind) => self.policy(kind, source, destination),
            _ => None,
        }
    }

    fn permission(&self, kind: &str, function: &Resource) -> Option<Resource> {
        let (principal, arn) = match kind {
            "AWS::S3::Bucket" => ("s3.amazonaws.com", format!("${{{}.Arn}}", self.source)),
            "AWS::SNS::Topic" => ("sns.amazonaws.com", format!("${{{}}}", self.source)),
            "AWS::Events::Rule" => ("events.amazonaws.com", format!("${{{}.Arn}}", self.source)),
            "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api" => (
                "apigateway.amazonaws.com",
                format!(
                    "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{}}}/*",
                    self.source
                ),
            ),
            _ => return None,
        };
        let properties = [
            ("FunctionName", Node::reference(self.at, &function.id)),
            ("Action", Node::text(self.at, "lambda:InvokeFunction")),
            ("Principal", Node::text(self.at, principal)),
            ("SourceArn", Node::sub(self.at, arn)),
            ("SourceAccount", Node::reference(self.at, "AWS::AccountId")),
        ];
        let id = format!("{}Permission", self.id);
        Some(Resource::new(
            id,
            "AWS::Lambda::Permission",
            self.at,
            Node::map(self.at, properties),
        ))
    }

    fn policy(&self, kind: &str, function: &Resource, destination: &Resource) -> Option<Resource> {
        let (reads, writes): (&[&str], &[&str]) = match kind {
            "AWS::S3::Bucket" => (
                &["s3:GetObject", "s3:ListBucket"],
                &["s3:PutObject", "s3:DeleteObject"],
            ),
            "AWS::SQS::Queue" => (
                &["sqs:ReceiveMessage", "sqs:GetQueueAttributes"],
                &["sqs:SendMessage", "sqs:DeleteMessage"],
            ),
            "AWS::SNS::Topic" => (&[], &["sns:Publish"]),
            "AWS::DynamoDB::Table" => (
                &["dynamodb:GetItem", "dynamodb:Query"],
                &["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
            ),
            _ => return None,
        };
        let at = self.at;
        let actions = [(self.reads, reads), (self.writes, writes)];
        let actions = actions
            .iter()
            .filter(|(on, _)| *on)
            .flat_map(|(_, actions)| *actions);
        let arn = match kind {
            "AWS::SNS::Topic" => format!("${{{}}}", destination.id),
            _ => format!("${{{}.Arn}}", destination.id),
        };
        let resources = [Node::sub(at, arn.clone()), Node::sub(at, format!("{arn}/*"))];
        let statement = [
            ("Effect", Node::text(at, "Allow")),
            (
                "Action",
                Node::list(at, actions.map(|action| Node::text(at, *action))),
            ),
            ("Resource", Node::list(at, resources)),
        ];
        let document = Node::map(at, [("Statement", Node::map(at, statement))]);
        let role = function.properties.get("Role")?.clone();
        let properties = [("Roles", Node::list(at, [role])), ("PolicyDocument", document)];
        Some(Resource::new(
            format!("{}Policy", self.id),
            "AWS::IAM::Policy",
            at,
            Node::map(at, properties),
        ))
    }
}

pub(super) fn expand(connectors: &[Connector], resources: &mut Vec<Resource>) {
    let find = |id: &str| resources.iter().find(|resource| resource.id == id);
    let pairs = connectors.iter().flat_map(|connector| {
        connector
            .destinations
            .iter()
            .filter_map(move |destination| connector.between(find(&connector.source)?, find(destination)?))
    });
    let added: Vec<Resource> = pairs.collect();
    resources.extend(added);
}
