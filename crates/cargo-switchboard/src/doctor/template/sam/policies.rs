//! SAM's policy templates for services that trigger functions or receive failed events.

use super::super::node::Node;
use crate::doctor::place::Place;

/// A policy template: its parameter, what it allows, on which resource; `{}` is the parameter's value.
struct Template {
    parameter: &'static str,
    actions: &'static [&'static str],
    resources: &'static [&'static str],
}

const BUCKET: &[&str] = &["s3:::{}", "s3:::{}/*"];
const TABLE: &[&str] = &[
    "dynamodb:${AWS::Region}:${AWS::AccountId}:table/{}",
    "dynamodb:${AWS::Region}:${AWS::AccountId}:table/{}/index/*",
];
const QUEUE: &[&str] = &["sqs:${AWS::Region}:${AWS::AccountId}:{}"];
const TOPIC: &[&str] = &["sns:${AWS::Region}:${AWS::AccountId}:{}"];
const STREAM: &[&str] = &["kinesis:${AWS::Region}:${AWS::AccountId}:stream/{}"];

#[rustfmt::skip]
fn template(name: &str) -> Option<Template> {
    let (parameter, resources, actions): (_, _, &[&str]) = match name {
        "S3ReadPolicy" => ("BucketName", BUCKET, &["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation", "s3:GetObjectVersion", "s3:GetLifecycleConfiguration"]),
        "S3WritePolicy" => ("BucketName", BUCKET, &["s3:PutObject", "s3:PutObjectAcl", "s3:PutLifecycleConfiguration"]),
        "S3CrudPolicy" => ("BucketName", BUCKET, &["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectAcl", "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration", "s3:DeleteObject"]),
        "S3FullAccessPolicy" => ("BucketName", BUCKET, &["s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectAcl", "s3:DeleteObject", "s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging", "s3:GetObjectTagging", "s3:GetObjectVersionTagging", "s3:PutObjectTagging", "s3:PutObjectVersionTagging", "s3:ListBucket", "s3:GetBucketLocation", "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"]),
        "DynamoDBReadPolicy" => ("TableName", TABLE, &["dynamodb:GetItem", "dynamodb:Scan", "dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:DescribeTable"]),
        "DynamoDBWritePolicy" => ("TableName", TABLE, &["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"]),
        "DynamoDBCrudPolicy" => ("TableName", TABLE, &["dynamodb:GetItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:Query", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem", "dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:ConditionCheckItem"]),
        "SQSPollerPolicy" => ("QueueName", QUEUE, &["sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch", "sqs:DeleteMessage", "sqs:DeleteMessageBatch", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]),
        "SQSSendMessagePolicy" => ("QueueName", QUEUE, &["sqs:SendMessage*"]),
        "SNSPublishMessagePolicy" => ("TopicName", TOPIC, &["sns:Publish"]),
        "KinesisStreamReadPolicy" => ("StreamName", STREAM, &["kinesis:ListStreams", "kinesis:DescribeLimits", "kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator"]),
        "KinesisCrudPolicy" => ("StreamName", STREAM, &["kinesis:AddTagsToStream", "kinesis:CreateStream", "kinesis:DecreaseStreamRetentionPeriod", "kinesis:DeleteStream", "kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetShardIterator", "kinesis:IncreaseStreamRetentionPeriod", "kinesis:ListTagsForStream", "kinesis:MergeShards", "kinesis:PutRecord", "kinesis:PutRecords", "kinesis:SplitShard", "kinesis:RemoveTagsFromStream"]),
        _ => return None,
    };
    Some(Template { parameter, actions, resources })
}

/// The statement of the policy template `name` with these parameters.
pub(super) fn statement(at: Place, name: &str, parameters: &Node) -> Option<Node> {
    let template = template(name)?;
    let value = parameters.get(template.parameter)?;
    let resource = |arn: &&str| {
        let text = format!("arn:${{AWS::Partition}}:{}", arn.replace("{}", "${Parameter}"));
        let own = Node::map(at, [("Parameter", value.clone())]);
        let sub = Node::list(at, [Node::text(at, text), own]);
        Node::map(at, [("Fn::Sub", sub)])
    };
    let actions = template.actions.iter().map(|action| Node::text(at, *action));
    Some(Node::map(
        at,
        [
            ("Effect", Node::text(at, "Allow")),
            ("Action", Node::list(at, actions)),
            (
                "Resource",
                Node::list(at, template.resources.iter().map(resource)),
            ),
        ],
    ))
}
