//! The values of `Ref` and `Fn::GetAtt` for the resources that rules need, after each type's "Return values".

use super::node::Node;
use super::resource::Resource;
use super::scope::Scope;
use super::value::Value;
use crate::doctor::deployment::named;

/// How a type of resource is named.
struct Naming {
    /// The property that sets the name.
    property: &'static str,
    /// The ARN, with `{}` for the name.
    arn: &'static str,
    /// Whether `Ref` returns the ARN instead of the name.
    by_arn: bool,
}

fn naming(kind: &str) -> Option<Naming> {
    let (property, arn, by_arn) = match kind {
        "AWS::Lambda::Function" => ("FunctionName", "lambda:{region}:{account}:function:{}", false),
        "AWS::SQS::Queue" => ("QueueName", "sqs:{region}:{account}:{}", false),
        "AWS::SNS::Topic" => ("TopicName", "sns:{region}:{account}:{}", true),
        "AWS::S3::Bucket" => ("BucketName", "s3:::{}", false),
        "AWS::Kinesis::Stream" => ("Name", "kinesis:{region}:{account}:stream/{}", false),
        "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" => {
            ("TableName", "dynamodb:{region}:{account}:table/{}", false)
        }
        "AWS::Logs::LogGroup" => ("LogGroupName", "logs:{region}:{account}:log-group:{}:*", false),
        "AWS::IAM::Role" => ("RoleName", "iam::{account}:role/{}", false),
        "AWS::IAM::ManagedPolicy" => ("ManagedPolicyName", "iam::{account}:policy/{}", true),
        "AWS::Events::Rule" => ("Name", "events:{region}:{account}:rule/{}", false),
        "AWS::Events::EventBus" => ("Name", "events:{region}:{account}:event-bus/{}", false),
        "AWS::KMS::Alias" => ("AliasName", "kms:{region}:{account}:{}", false),
        "AWS::KMS::Key" => ("KeyId", "kms:{region}:{account}:key/{}", false),
        "AWS::MSK::Cluster" | "AWS::MSK::ServerlessCluster" => {
            ("ClusterName", "kafka:{region}:{account}:cluster/{}/*", true)
        }
        "AWS::Cognito::UserPool" => ("UserPoolId", "cognito-idp:{region}:{account}:userpool/{}", false),
        "AWS::StepFunctions::StateMachine" => (
            "StateMachineName",
            "states:{region}:{account}:stateMachine:{}",
            true,
        ),
        "AWS::Scheduler::Schedule" => ("Name", "scheduler:{region}:{account}:schedule/default/{}", false),
        _ => return None,
    };
    Some(Naming {
        property,
        arn,
        by_arn,
    })
}

impl Scope<'_> {
    /// The value of `Ref`.
    pub(super) fn reference_to(&self, resource: &Resource) -> String {
        match (&*resource.kind, naming(&resource.kind)) {
            ("AWS::SQS::Queue", Some(naming)) => {
                let (region, suffix) = (self.symbol("AWS::Region"), self.symbol("AWS::URLSuffix"));
                let (account, name) = (
                    self.symbol("AWS::AccountId"),
                    self.name(resource, naming.property),
                );
                format!("https://sqs.{region}.{suffix}/{account}/{name}")
            }
            ("AWS::Lambda::Alias" | "AWS::Lambda::Version", _) => self.qualified(resource),
            ("AWS::Kinesis::StreamConsumer", _) => self.consumer(resource),
            (_, Some(naming)) if naming.by_arn => self.resource_arn(resource, &naming),
            (_, Some(naming)) => self.name(resource, naming.property),
            (_, None) => self.symbol(&resource.id),
        }
    }

    /// The value of `Fn::GetAtt`, if it is known.
    pub(super) fn known_attribute(&self, resource: &Resource, attribute: &str) -> Option<String> {
        match (&*resource.kind, attribute) {
            ("AWS::Lambda::Alias", "AliasArn") | ("AWS::Lambda::Version", "FunctionArn") => {
                return Some(self.qualified(resource));
            }
            ("AWS::Lambda::Version", "Version") => return Some(self.version(resource)),
            ("AWS::Kinesis::StreamConsumer", "ConsumerARN") => return Some(self.consumer(resource)),
            _ => {}
        }
        let naming = naming(&resource.kind)?;
        match (&*resource.kind, attribute) {
            (_, "Arn" | "TopicArn" | "PolicyArn") => Some(self.resource_arn(resource, &naming)),
            (_, "QueueName" | "TopicName") => Some(self.name(resource, naming.property)),
            ("AWS::SQS::Queue", "QueueUrl") => Some(self.reference_to(resource)),
            ("AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable", "StreamArn") => {
                Some(self.stream_of(resource))
            }
            _ => None,
        }
    }

    /// The ARN of the stream of a table.
    pub(super) fn stream_of(&self, table: &Resource) -> String {
        let label = self.made_up(&format!("{}.StreamLabel", table.id));
        format!("{}/stream/{label}", self.arn_of(table))
    }

    /// The ARN of a resource.
    pub(super) fn arn_of(&self, resource: &Resource) -> String {
        naming(&resource.kind).map_or_else(
            || self.symbol(&format!("{}.Arn", resource.id)),
            |naming| self.resource_arn(resource, &naming),
        )
    }

    /// The name of a resource.
    pub(super) fn name_of(&self, resource: &Resource) -> String {
        let property = naming(&resource.kind).map_or("Name", |naming| naming.property);
        self.name(resource, property)
    }

    fn resource_arn(&self, resource: &Resource, naming: &Naming) -> String {
        let tail = naming.arn.replace("{region}", &self.symbol("AWS::Region"));
        let tail = tail.replace("{account}", &self.symbol("AWS::AccountId"));
        let name = self.name(resource, naming.property);
        // The ARN of a role or a policy has its path before the name.
        let path = match resource.kind.starts_with("AWS::IAM::") {
            true => resource.properties.get("Path").and_then(|node| self.value(node)),
            false => None,
        };
        let path = path.as_ref().and_then(Value::as_text).unwrap_or_default();
        let path = path.strip_prefix('/').unwrap_or(path);
        format!(
            "arn:{}:{}",
            self.symbol("AWS::Partition"),
            tail.replace("{}", &format!("{path}{name}"))
        )
    }

    /// The ARN of an alias or a version: that of its function, with a qualifier.
    fn qualified(&self, resource: &Resource) -> String {
        let property = |name: &str| {
            let value = self.value(resource.properties.get(name)?)?;
            value.as_text().map(str::to_owned)
        };
        let qualifier = match &*resource.kind {
            "AWS::Lambda::Alias" => property("Name"),
            _ => None,
        };
        let qualifier = qualifier.unwrap_or_else(|| self.version(resource));
        let function = property("FunctionName");
        let function = function.unwrap_or_else(|| self.symbol(&format!("{}.FunctionName", resource.id)));
        let (partition, region, account) = (
            self.symbol("AWS::Partition"),
            self.symbol("AWS::Region"),
            self.symbol("AWS::AccountId"),
        );
        let name = named(&function).name;
        format!("arn:{partition}:lambda:{region}:{account}:function:{name}:{qualifier}")
    }

    /// The number of a version, which Lambda makes up.
    fn version(&self, resource: &Resource) -> String {
        self.made_up(&format!("{}.Version", resource.id))
    }

    /// The ARN of a consumer of a stream: it begins with the stream's.
    fn consumer(&self, resource: &Resource) -> String {
        let stream = resource
            .properties
            .get("StreamARN")
            .and_then(|node| self.value(node));
        let stream = stream.and_then(|stream| stream.as_text().map(str::to_owned));
        let stream = stream.unwrap_or_else(|| self.symbol(&format!("{}.StreamARN", resource.id)));
        let name = resource.properties.get("ConsumerName").and_then(Node::as_text);
        let created = self.made_up(&format!("{}.ConsumerCreationTimestamp", resource.id));
        format!("{stream}/consumer/{}:{created}", name.unwrap_or(&resource.id))
    }
}
