//! What `Ref` and `Fn::GetAtt` give for the resources that the rules have to do with, after each type's "Return values".

use super::resource::Resource;
use super::scope::Scope;

/// How a type of resource is named.
struct Naming {
    /// The property that sets the name.
    property: &'static str,
    /// The ARN, with `{}` for the name.
    arn: &'static str,
    /// Whether `Ref` gives the ARN, not the name.
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
        "AWS::Scheduler::Schedule" => ("Name", "scheduler:{region}:{account}:schedule/default/{}", false),
        _ => return None,
    };
    Some(Naming {
        property,
        arn,
        by_arn,
    })
}

/// What `Ref` gives.
pub(super) fn reference(scope: &Scope<'_>, resource: &Resource) -> String {
    match (&*resource.kind, naming(&resource.kind)) {
        ("AWS::SQS::Queue", Some(naming)) => {
            let (region, suffix) = (scope.symbol("AWS::Region"), scope.symbol("AWS::URLSuffix"));
            let (account, name) = (
                scope.symbol("AWS::AccountId"),
                scope.name(resource, naming.property),
            );
            format!("https://sqs.{region}.{suffix}/{account}/{name}")
        }
        // An alias is a function with a qualifier; so is a version.
        ("AWS::Lambda::Alias" | "AWS::Lambda::Version", _) => qualified(scope, resource),
        (_, Some(naming)) if naming.by_arn => arn(scope, resource, &naming),
        (_, Some(naming)) => scope.name(resource, naming.property),
        (_, None) => scope.symbol(&resource.id),
    }
}

/// What `Fn::GetAtt` gives, if it is known.
pub(super) fn attribute(scope: &Scope<'_>, resource: &Resource, attribute: &str) -> Option<String> {
    let naming = naming(&resource.kind)?;
    match (&*resource.kind, attribute) {
        (_, "Arn" | "TopicArn" | "PolicyArn") => Some(arn(scope, resource, &naming)),
        (_, "QueueName" | "TopicName") => Some(scope.name(resource, naming.property)),
        ("AWS::SQS::Queue", "QueueUrl") => Some(reference(scope, resource)),
        ("AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable", "StreamArn") => {
            let label = scope.symbol(&format!("{}.StreamLabel", resource.id));
            Some(format!("{}/stream/{label}", arn(scope, resource, &naming)))
        }
        _ => None,
    }
}

/// The ARN of a resource of the types named above.
pub(super) fn arn_of(scope: &Scope<'_>, resource: &Resource) -> String {
    naming(&resource.kind).map_or_else(
        || scope.symbol(&format!("{}.Arn", resource.id)),
        |naming| arn(scope, resource, &naming),
    )
}

/// The name of a resource of the types named above.
pub(super) fn name_of(scope: &Scope<'_>, resource: &Resource) -> String {
    let property = naming(&resource.kind).map_or("Name", |naming| naming.property);
    scope.name(resource, property)
}

fn arn(scope: &Scope<'_>, resource: &Resource, naming: &Naming) -> String {
    let tail = naming.arn.replace("{region}", &scope.symbol("AWS::Region"));
    let tail = tail.replace("{account}", &scope.symbol("AWS::AccountId"));
    let name = scope.name(resource, naming.property);
    format!(
        "arn:{}:{}",
        scope.symbol("AWS::Partition"),
        tail.replace("{}", &name)
    )
}

fn qualified(scope: &Scope<'_>, resource: &Resource) -> String {
    let function = resource
        .properties
        .get("FunctionName")
        .and_then(|node| scope.value(node));
    let function = function.and_then(|value| value.as_text().map(str::to_owned));
    let qualifier = scope.symbol(&resource.id);
    match function {
        Some(function) => format!("{function}:{qualifier}"),
        None => qualifier,
    }
}
