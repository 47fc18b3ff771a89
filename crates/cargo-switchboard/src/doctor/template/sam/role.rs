//! The execution role that SAM creates for a function without one.

use super::super::node::Node;
use super::super::resource::Resource;
use super::expansion::Expansion;
use super::policies;
use crate::doctor::place::Place;

pub(super) struct RoleMaker {
    id: String,
    at: Place,
    /// Whether the function names a role, to which SAM adds nothing.
    given: bool,
    managed: Vec<Node>,
    statements: Vec<Node>,
}

impl RoleMaker {
    pub(super) fn new(function: &Resource) -> Self {
        let at = function.at;
        let mut role = Self {
            id: format!("{}Role", function.id),
            at,
            given: function.properties.get("Role").is_some(),
            managed: Vec::new(),
            statements: Vec::new(),
        };
        role.managed(
            at,
            match function.properties.get("DurableConfig") {
                Some(_) => "service-role/AWSLambdaBasicDurableExecutionRolePolicy",
                None => "service-role/AWSLambdaBasicExecutionRole",
            },
        );
        let of = |key: &str| function.properties.get(key);
        if of("Tracing").is_some_and(|tracing| tracing.as_text() != Some("Disabled")) {
            role.managed(at, "AWSXrayWriteOnlyAccess");
        }
        if of("VpcConfig").is_some() {
            role.managed(at, "service-role/AWSLambdaVPCAccessExecutionRole");
        }
        if let Some(target) = of("DeadLetterQueue").and_then(|queue| queue.get("TargetArn")) {
            role.allow(at, &["sqs:SendMessage", "sns:Publish"], target.clone());
        }
        for policy in of("Policies").map_or(&[][..], Node::items) {
            role.policy(policy);
        }
        role
    }

    /// Adds a managed policy of AWS's own.
    pub(super) fn managed(&mut self, at: Place, name: &str) {
        let arn = format!("arn:${{AWS::Partition}}:iam::aws:policy/{name}");
        self.managed.push(Node::sub(at, arn));
    }

    pub(super) fn allow(&mut self, at: Place, actions: &[&str], resource: Node) {
        let actions = actions.iter().map(|action| Node::text(at, *action));
        self.statements.push(Node::map(
            at,
            [
                ("Effect", Node::text(at, "Allow")),
                ("Action", Node::list(at, actions)),
                ("Resource", resource),
            ],
        ));
    }

    /// The ARN of a destination, and the permission to send to it. SAM creates queues and topics that are not named, with a
    /// logical id that begins with `id`.
    pub(super) fn destination(&mut self, destination: &Node, id: &str, made: &mut Expansion) -> Node {
        let at = destination.at;
        let given = destination.get("Destination").cloned();
        let kind = destination
            .get("Type")
            .and_then(Node::as_text)
            .unwrap_or_default();
        let arn = given.unwrap_or_else(|| match kind {
            "SQS" => {
                let id = format!("{id}Queue");
                made.push(&*id, "AWS::SQS::Queue", at, Node::map(at, []));
                Node::attribute(at, &id, "Arn")
            }
            "SNS" => {
                let id = format!("{id}Topic");
                made.push(&*id, "AWS::SNS::Topic", at, Node::map(at, []));
                Node::attribute(at, &id, "TopicArn")
            }
            _ => destination.clone(),
        });
        self.sends(at, kind, &arn);
        arn
    }

    /// Allows what a destination of this type needs.
    pub(super) fn sends(&mut self, at: Place, kind: &str, arn: &Node) {
        let action = match kind {
            "SQS" => "sqs:SendMessage",
            "SNS" => "sns:Publish",
            "Lambda" => "lambda:InvokeFunction",
            "EventBridge" => "events:PutEvents",
            // A mapping calls a bucket `S3`, an asynchronous invocation `S3Bucket`.
            "S3" | "S3Bucket" => {
                let parts = Node::list(at, [arn.clone(), Node::text(at, "*")]);
                let objects = Node::list(at, [Node::text(at, "/"), parts]);
                self.allow(at, &["s3:PutObject"], Node::map(at, [("Fn::Join", objects)]));
                "s3:ListBucket"
            }
            _ => return,
        };
        self.allow(at, &[action], arn.clone());
    }

    /// An entry of `Policies`: a managed policy, a document, or one of SAM's templates.
    fn policy(&mut self, policy: &Node) {
        let at = policy.at;
        match policy.entries() {
            [] => match policy.as_text() {
                Some(name) if !name.starts_with("arn:") => self.managed(at, name),
                _ => self.managed.push(policy.clone()),
            },
            _ if policy.get("Statement").is_some() => {
                let statements = policy.get("Statement").map_or(&[][..], Node::items);
                self.statements.extend_from_slice(statements);
            }
            [(name, parameters)] if policy.function().is_none() => {
                match policies::statements(at, name, parameters) {
                    Some(statements) => self.statements.extend(statements),
                    // An unknown policy template may allow anything.
                    None => self.managed.push(Node::text(at, name.clone())),
                }
            }
            _ => self.managed.push(policy.clone()),
        }
    }

    /// The role, unless the function names one.
    pub(super) fn finish(self) -> Option<Resource> {
        let at = self.at;
        let document = Node::map(at, [("Statement", Node::list(at, self.statements))]);
        let policy = Node::map(at, [("PolicyDocument", document)]);
        let properties = Node::map(
            at,
            [
                ("ManagedPolicyArns", Node::list(at, self.managed)),
                ("Policies", Node::list(at, [policy])),
            ],
        );
        (!self.given).then(|| Resource::new(self.id, "AWS::IAM::Role", at, properties))
    }
}
