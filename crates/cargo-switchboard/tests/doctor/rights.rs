//! What a role may do: its own policies, those of resources, and what either denies.

use super::run::Case;

/// What is found of a function with the role `R`, whose policy has `statements`, and other resources.
fn found(statements: &str, function: &str, resources: &str) -> Vec<String> {
    let template = format!(
        "Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      Policies: [{{ PolicyName: own, PolicyDocument: {{ Statement: [{statements}] }} }}]
  F: {{ Type: AWS::Lambda::Function, Properties: {{ Role: !GetAtt R.Arn, LoggingConfig: {{ LogGroup: shared }}, {function} }} }}
{resources}"
    );
    Case::new(&template).codes(&["--no-routes"])
}

const TO_QUEUE: &str = "DeadLetterConfig: { TargetArn: !GetAtt D.Arn }";
const QUEUE: &str = "  D: { Type: AWS::SQS::Queue }\n";
const NONE: [&str; 0] = [];

/// The policy of a resource that lets the role `R` do this.
fn policy(kind: &str, named: &str, actions: &str, resource: &str) -> String {
    format!(
        "  P: {{ Type: {kind}, Properties: {{ {named}, PolicyDocument: {{ Statement: [{{ Effect: Allow, Principal: {{ AWS: !GetAtt R.Arn }}, Action: {actions}, Resource: {resource} }}] }} }} }}\n"
    )
}

/// A destination of failed events.
fn destination(arn: &str) -> String {
    format!(
        "  C: {{ Type: AWS::Lambda::EventInvokeConfig, Properties: {{ FunctionName: !Ref F, Qualifier: $LATEST, DestinationConfig: {{ OnFailure: {{ Destination: {arn} }} }} }} }}\n"
    )
}

#[test]
fn the_policy_of_a_resource_is_enough() {
    let queue = policy(
        "AWS::SQS::QueuePolicy",
        "Queues: [!Ref D]",
        "sqs:SendMessage",
        "!GetAtt D.Arn",
    );
    assert_eq!(found("", TO_QUEUE, QUEUE), ["SB0402"]);
    assert_eq!(found("", TO_QUEUE, &format!("{QUEUE}{queue}")), NONE);
    let named = QUEUE.replace("Queue }", "Queue, Properties: { QueueName: dead } }");
    let by_url = queue.replace(
        "!Ref D]",
        "!Sub 'https://sqs.${AWS::Region}.amazonaws.com/${AWS::AccountId}/dead']",
    );
    assert_eq!(found("", TO_QUEUE, &format!("{named}{by_url}")), NONE);
    let topic = policy(
        "AWS::SNS::TopicPolicy",
        "Topics: [!Ref D]",
        "sns:Publish",
        "!Ref D",
    );
    let to_topic = format!("  D: {{ Type: AWS::SNS::Topic }}\n{}", destination("!Ref D"));
    assert_eq!(found("", "", &to_topic), ["SB0402"]);
    assert_eq!(found("", "", &format!("{to_topic}{topic}")), NONE);
    let bucket = policy(
        "AWS::S3::BucketPolicy",
        "Bucket: !Ref D",
        "['s3:PutObject', 's3:ListBucket']",
        "[!GetAtt D.Arn, !Sub '${D.Arn}/*']",
    );
    let to_bucket = format!(
        "  D: {{ Type: AWS::S3::Bucket }}\n{}",
        destination("!GetAtt D.Arn")
    );
    assert_eq!(found("", "", &to_bucket), ["SB0402", "SB0402"]);
    assert_eq!(found("", "", &format!("{to_bucket}{bucket}")), NONE);
    let to_function = format!(
        "  D: {{ Type: AWS::Lambda::Function, Properties: {{ LoggingConfig: {{ LogGroup: shared }}, DeadLetterConfig: {{ TargetArn: 'arn:aws:sqs:eu-west-1:1:d' }} }} }}\n{}",
        destination("!GetAtt D.Arn")
    );
    let permission = "  P: { Type: AWS::Lambda::Permission, Properties: { FunctionName: !Ref D, Action: 'lambda:InvokeFunction', Principal: !GetAtt R.Arn } }\n";
    assert_eq!(found("", "", &to_function), ["SB0402"]);
    assert_eq!(found("", "", &format!("{to_function}{permission}")), NONE);
    let to_bus = format!(
        "  D: {{ Type: AWS::Events::EventBus }}\n{}",
        destination("!GetAtt D.Arn")
    );
    let on_bus = "  P: { Type: AWS::Events::EventBusPolicy, Properties: { EventBusName: !Ref D, StatementId: s, Statement: { Effect: Allow, Principal: { AWS: !GetAtt R.Arn }, Action: 'events:PutEvents', Resource: !GetAtt D.Arn } } }\n";
    assert_eq!(found("", "", &to_bus), ["SB0402"]);
    assert_eq!(found("", "", &format!("{to_bus}{on_bus}")), NONE);
}

#[test]
fn a_source_may_be_read_by_its_own_policy() {
    let mapping = "  M: { Type: AWS::Lambda::EventSourceMapping, Properties: { FunctionName: !Ref F, EventSourceArn: !GetAtt D.Arn } }\n";
    let queue = "  D: { Type: AWS::SQS::Queue, Properties: { RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:1:d', maxReceiveCount: 5 } } }\n";
    let reads = |principal: &str| {
        let policy = policy("AWS::SQS::QueuePolicy", "Queues: [!Ref D]", "'sqs:*'", "'*'");
        let policy = policy.replace("{ AWS: !GetAtt R.Arn }", principal);
        found("", "", &format!("{queue}{mapping}{policy}"))
    };
    assert_eq!(reads("{ AWS: !GetAtt R.Arn }"), NONE);
    assert_eq!(reads("'*'"), NONE);
    assert_eq!(
        reads("{ AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root' }"),
        ["SB0401"]
    );
    assert_eq!(reads("{ Service: lambda.amazonaws.com }"), ["SB0401"]);
    let text = queue.replace(
        "{ deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:1:d', maxReceiveCount: 5 }",
        r#"'{"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:1:d", "maxReceiveCount": 2}'"#,
    );
    let all = "{ Effect: Allow, Action: ['sqs:Rec*', 'sqs:Del*', 'sqs:Get*'], Resource: !GetAtt D.Arn }";
    assert_eq!(found(all, "", &format!("{text}{mapping}")), ["SB0106"]);
}

#[test]
fn what_is_denied_is_not_allowed() {
    let allow = "{ Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt D.Arn }";
    let denied = |statement: &str| found(&format!("{allow}, {statement}"), TO_QUEUE, QUEUE);
    assert_eq!(
        denied("{ Effect: Deny, Action: 'sqs:*', Resource: '*' }"),
        ["SB0402"]
    );
    assert_eq!(
        denied("{ Effect: Deny, NotAction: 'sns:*', Resource: '*' }"),
        ["SB0402"]
    );
    for harmless in [
        "{ Effect: Deny, Action: 'sqs:*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }",
        "{ Effect: Deny, NotAction: ['sqs:*', 'logs:*'], Resource: '*' }",
        "{ Effect: Deny, Action: 'sqs:DeleteQueue', Resource: '*' }",
    ] {
        assert_eq!(denied(harmless), NONE, "{harmless}");
    }
    let by_queue = "  P: { Type: AWS::SQS::QueuePolicy, Properties: { Queues: [!Ref D], PolicyDocument: { Statement: [{ Effect: Deny, Principal: '*', Action: 'sqs:Send*', Resource: '*' }] } } }\n";
    assert_eq!(found(allow, TO_QUEUE, &format!("{QUEUE}{by_queue}")), ["SB0402"]);
}

#[test]
fn what_a_statement_does_not_mean_is_not_allowed_by_it() {
    for other in [
        "{ Effect: Allow, Action: sns:Publish, NotResource: 'arn:aws:sns:*:*:secret' }",
        "{ Effect: Allow, NotAction: 'sqs:*', Resource: '*' }",
        "{ Effect: Allow, Action: sns:Publish, Resource: !GetAtt D.Nothing }",
    ] {
        assert_eq!(found(other, TO_QUEUE, QUEUE), ["SB0402"], "{other}");
    }
    for enough in [
        "{ Effect: Allow, NotAction: 'iam:*', Resource: '*' }",
        "{ Effect: Allow, Action: 'sqs:SendMessage', NotResource: 'arn:aws:sqs:*:*:secret' }",
    ] {
        assert_eq!(found(enough, TO_QUEUE, QUEUE), NONE, "{enough}");
    }
}

#[test]
fn a_generated_name_is_not_one_that_a_policy_spells_out() {
    let sends = |resource: &str| {
        let statement = format!("{{ Effect: Allow, Action: 'sqs:SendMessage', Resource: {resource} }}");
        found(&statement, TO_QUEUE, QUEUE)
    };
    assert_eq!(sends("'arn:aws:sqs:eu-west-1:123456789012:dead'"), ["SB0402"]);
    assert_eq!(sends("!Sub 'arn:aws:sqs:*:${AWS::AccountId}:dead'"), ["SB0402"]);
    for open in [
        "'arn:aws:sqs:*:*:shop-*'",
        "!Sub 'arn:aws:sqs:*:*:${AWS::StackName}-D-*'",
    ] {
        assert_eq!(sends(open), NONE, "{open}");
    }
}

#[test]
fn a_right_to_a_table_is_not_one_to_its_stream() {
    let table = "  T: { Type: AWS::DynamoDB::Table, Properties: { StreamSpecification: { StreamViewType: NEW_IMAGE } } }
  M: { Type: AWS::Lambda::EventSourceMapping, Properties: { FunctionName: !Ref F, EventSourceArn: !GetAtt T.StreamArn, MaximumRetryAttempts: 5, DestinationConfig: { OnFailure: { Destination: !GetAtt D.Arn } } } }\n";
    let reads = |resource: &str| {
        let statements = format!(
            "{{ Effect: Allow, Action: 'dynamodb:*', Resource: {resource} }}, {{ Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt D.Arn }}"
        );
        let mut codes = found(&statements, "Timeout: 3", &format!("{table}{QUEUE}"));
        codes.retain(|code| code != "SB0405");
        codes
    };
    assert_eq!(reads("!GetAtt T.Arn"), ["SB0401"]);
    for enough in [
        "!GetAtt T.StreamArn",
        "!Sub '${T.Arn}/stream/*'",
        "!Sub '${T.Arn}*'",
    ] {
        assert_eq!(reads(enough), NONE, "{enough}");
    }
}

#[test]
fn a_role_may_be_named_by_its_text() {
    let role = |role: &str, properties: &str| {
        let template = format!(
            "Resources:
  R: {{ Type: AWS::IAM::Role, Properties: {{ {properties} }} }}
  F: {{ Type: AWS::Lambda::Function, Properties: {{ Role: {role}, LoggingConfig: {{ LogGroup: shared }}, {TO_QUEUE} }} }}
{QUEUE}"
        );
        Case::new(&template).codes(&["--no-routes"])
    };
    let (named, below) = ("RoleName: orders", "RoleName: orders, Path: /shop/");
    assert_eq!(role("'arn:aws:iam::123456789012:role/orders'", named), ["SB0402"]);
    let joined = "!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/orders'";
    assert_eq!(role(joined, named), ["SB0402"]);
    assert_eq!(
        role("'arn:aws:iam::123456789012:role/shop/orders'", below),
        ["SB0402"]
    );
    assert_eq!(role("!GetAtt R.Arn", below), ["SB0402"]);
    assert_eq!(role("'arn:aws:iam::123456789012:role/other'", named), NONE);
}

#[test]
fn a_key_that_leaves_nothing_to_the_account_needs_the_role_in_its_policy() {
    let encrypted = |principal: &str| {
        let statements = "{ Effect: Allow, Action: ['sqs:SendMessage', 'kms:Decrypt', 'kms:GenerateDataKey'], Resource: [!GetAtt D.Arn, !GetAtt K.Arn] }";
        let resources = format!(
            "  D: {{ Type: AWS::SQS::Queue, Properties: {{ KmsMasterKeyId: !GetAtt K.Arn }} }}
  K: {{ Type: AWS::KMS::Key, Properties: {{ KeyPolicy: {{ Statement: [{{ Effect: Allow, Principal: {{ AWS: {principal} }}, Action: 'kms:*', Resource: '*' }}] }} }} }}\n"
        );
        found(statements, TO_QUEUE, &resources)
    };
    assert_eq!(encrypted("!Sub 'arn:aws:iam::${AWS::AccountId}:root'"), NONE);
    assert_eq!(encrypted("!Ref AWS::AccountId"), NONE);
    assert_eq!(encrypted("!GetAtt R.Arn"), NONE);
    // The name of the function's role is generated: it is not one that somebody wrote.
    assert_eq!(encrypted("'arn:aws:iam::123456789012:role/admin'"), ["SB0402"]);
    assert_eq!(encrypted("'arn:aws:iam::123456789012:user/admin'"), ["SB0402"]);
}
