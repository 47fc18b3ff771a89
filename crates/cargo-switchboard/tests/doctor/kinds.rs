//! The spellings and triggers that tools write: each is read for what it is.

use super::run::Case;

/// What every template has: the function F with its log group and role, and a queue with its dead-letter queue.
const COMMON: &str = "  L: { Type: AWS::Logs::LogGroup, Properties: { RetentionInDays: 7 } }
  R: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: {} } }
  D: { Type: AWS::SQS::Queue }
  Q: { Type: AWS::SQS::Queue, Properties: { RedrivePolicy: { deadLetterTargetArn: !GetAtt D.Arn, maxReceiveCount: 5 } } }
  V: { Type: AWS::Lambda::Version, Properties: { FunctionName: !Ref F } }
  Live: { Type: AWS::Lambda::Alias, Properties: { FunctionName: !Ref F, FunctionVersion: !GetAtt V.Version, Name: live } }
";

/// The codes found in a template with `resources`, for the function with `properties` that serves `sources`.
fn found(properties: &str, resources: &str, sources: &[&str]) -> Vec<String> {
    let template = format!(
        "Resources:\n  F: {{ Type: AWS::Lambda::Function, Properties: {{ Runtime: provided.al2023, Role: !GetAtt R.Arn, \
         LoggingConfig: {{ LogGroup: !Ref L }}, {properties} }} }}\n{COMMON}{resources}"
    );
    let case = Case::new(&template);
    let routes: Vec<String> = sources
        .iter()
        .map(|source| format!(r#"{{"source": "{source}", "handler": "shop::{source}"}}"#))
        .collect();
    case.file("routes.json", &format!(r#"{{"routes": [{}]}}"#, routes.join(",")));
    match sources.is_empty() {
        true => case.codes(&["--no-routes"]),
        false => case.codes(&["--routes", "F=routes.json"]),
    }
}

const URI: &str =
    "!Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'";

#[test]
fn every_service_that_names_the_function_is_its_trigger() {
    for (source, resource) in [
        (
            "kinesis_firehose",
            "{ Type: AWS::KinesisFirehose::DeliveryStream, Properties: { HttpEndpointDestinationConfiguration: { ProcessingConfiguration: { Processors: [{ Type: Lambda, Parameters: [{ ParameterName: LambdaArn, ParameterValue: !Join [':', [!GetAtt F.Arn, $LATEST]] }] }] } } } }",
        ),
        (
            "cloudformation",
            "{ Type: AWS::CloudFormation::CustomResource, Properties: { ServiceToken: !Ref Live } }",
        ),
        (
            "cloudformation",
            "{ Type: 'Custom::Thing', Properties: { ServiceToken: !GetAtt F.Arn } }",
        ),
        (
            "appsync_resolver",
            "{ Type: AWS::AppSync::DataSource, Properties: { LambdaConfig: { LambdaFunctionArn: !GetAtt F.Arn } } }",
        ),
        (
            "s3_object_lambda",
            "{ Type: AWS::S3ObjectLambda::AccessPoint, Properties: { ObjectLambdaConfiguration: { TransformationConfigurations: [{ ContentTransformation: { AwsLambda: { FunctionArn: !GetAtt F.Arn } } }] } } }",
        ),
        (
            "cloudfront",
            "{ Type: AWS::CloudFront::Distribution, Properties: { DistributionConfig: { CacheBehaviors: [{ LambdaFunctionAssociations: [{ LambdaFunctionARN: !Ref V }] }] } } }",
        ),
        (
            "codepipeline",
            "{ Type: AWS::CodePipeline::Pipeline, Properties: { Stages: [{ Actions: [{ Configuration: { FunctionName: !Ref F } }] }] } }",
        ),
        (
            "codedeploy",
            "{ Type: AWS::Lambda::Alias, UpdatePolicy: { CodeDeployLambdaAliasUpdate: { BeforeAllowTrafficHook: !Ref F } }, Properties: { FunctionName: other, Name: x } }",
        ),
        (
            "kinesis_analytics",
            "{ Type: AWS::KinesisAnalyticsV2::ApplicationOutput, Properties: { Output: { LambdaOutput: { ResourceARN: !GetAtt F.Arn } } } }",
        ),
        (
            "sqs",
            "{ Type: AWS::StepFunctions::StateMachine, Properties: { DefinitionString: !Sub '{\"States\": {\"A\": {\"Resource\": \"${F.Arn}\"}}}' } }",
        ),
        (
            "sqs",
            "{ Type: AWS::Pipes::Pipe, Properties: { Target: !GetAtt F.Arn } }",
        ),
        ("connect", "{ Type: AWS::S3::Bucket }"),
        ("s3_batch", "{ Type: AWS::S3::Bucket }"),
    ] {
        let found = found("", &format!("  X: {resource}\n"), &[source]);
        assert_eq!(found, [""; 0], "{source}: {resource}");
    }
}

#[test]
fn a_service_that_needs_a_permission_lacks_it() {
    for (source, resource) in [
        (
            "vpc_lattice_v2",
            "{ Type: AWS::VpcLattice::TargetGroup, Properties: { Type: LAMBDA, Config: { LambdaEventStructureVersion: V2 }, Targets: [{ Id: !GetAtt F.Arn }] } }",
        ),
        (
            "transfer_family",
            "{ Type: AWS::Transfer::Server, Properties: { IdentityProviderDetails: { Function: !GetAtt F.Arn } } }",
        ),
        (
            "cognito",
            "{ Type: AWS::Cognito::UserPool, Properties: { LambdaConfig: { PreSignUp: !GetAtt F.Arn } } }",
        ),
        (
            "secretsmanager_rotation",
            "{ Type: AWS::SecretsManager::RotationSchedule, Properties: { RotationLambdaARN: !GetAtt F.Arn } }",
        ),
        (
            "appsync_authorizer",
            "{ Type: AWS::AppSync::GraphQLApi, Properties: { LambdaAuthorizerConfig: { AuthorizerUri: !GetAtt F.Arn } } }",
        ),
        (
            "api_gateway_authorizer_request",
            &format!(
                "{{ Type: AWS::ApiGateway::Authorizer, Properties: {{ Type: REQUEST, AuthorizerUri: {URI} }} }}"
            ),
        ),
        (
            "iot_custom_auth",
            "{ Type: AWS::IoT::Authorizer, Properties: { AuthorizerFunctionArn: !GetAtt F.Arn } }",
        ),
    ] {
        let found = found("", &format!("  X: {resource}\n"), &[source]);
        assert_eq!(found, ["SB0403"], "{source}: {resource}");
    }
}

#[test]
fn a_handler_without_a_trigger_is_still_found() {
    assert_eq!(found("", "", &["cloudfront"]), ["SB0601"]);
    assert_eq!(found("", "", &["sqs"]), ["SB0601"]);
}

/// A rule that invokes `target`, with a permission for `permitted`, and a destination for `kept`.
fn rule(target: &str, permitted: &str, kept: &str) -> Vec<String> {
    let resources = format!(
        "  U: {{ Type: AWS::Events::Rule, Properties: {{ ScheduleExpression: rate(1 day), Targets: [{{ Id: f, Arn: {target}, DeadLetterConfig: {{ Arn: 'arn:aws:sqs:x:1:d' }} }}] }} }}
  P: {{ Type: AWS::Lambda::Permission, Properties: {{ FunctionName: {permitted}, Action: 'lambda:InvokeFunction', Principal: events.amazonaws.com, SourceArn: !GetAtt U.Arn }} }}
  I: {{ Type: AWS::Lambda::EventInvokeConfig, Properties: {{ FunctionName: !Ref F, Qualifier: {kept}, DestinationConfig: {{ OnFailure: {{ Destination: 'arn:aws:events:x:1:event-bus/b' }} }} }} }}
  Send: {{ Type: AWS::IAM::Policy, Properties: {{ Roles: [!Ref R], PolicyDocument: {{ Statement: [{{ Effect: Allow, Action: 'events:PutEvents', Resource: 'arn:aws:events:x:1:event-bus/b' }}] }} }} }}\n"
    );
    found("", &resources, &[])
}

#[test]
fn a_version_or_alias_is_not_the_function() {
    let none = [""; 0];
    assert_eq!(rule("!GetAtt F.Arn", "!Ref F", "$LATEST"), none);
    assert_eq!(rule("!Ref Live", "!Ref Live", "live"), none);
    assert_eq!(rule("!Ref Live", "!Sub '${F.Arn}:live'", "live"), none);
    assert_eq!(rule("!Ref V", "!Ref V", "!GetAtt V.Version"), none);
    let parts = "!Join ['', ['arn:aws:lambda:x:1:function:', !Select [6, !Split [':', !Ref Live]], ':live']]";
    assert_eq!(rule(parts, "!Ref Live", "live"), none);
    assert_eq!(rule("!Ref Live", "!Ref F", "live"), ["SB0403"]);
    assert_eq!(rule("!GetAtt F.Arn", "!Ref Live", "$LATEST"), ["SB0403"]);
    assert_eq!(rule("!Ref Live", "!Ref Live", "$LATEST"), ["SB0201"]);
    assert_eq!(rule("!GetAtt F.Arn", "!Ref F", "live"), ["SB0201"]);
    assert_eq!(rule("!Ref V", "!Ref V", "live"), ["SB0201"]);
}

#[test]
fn what_is_known_later_is_not_guessed() {
    let api = |uri: &str, permitted: &str| {
        let api = format!(
            "  A: {{ Type: AWS::ApiGateway::RestApi }}
  M: {{ Type: AWS::ApiGateway::Method, Properties: {{ RestApiId: !Ref A, Integration: {{ Type: AWS_PROXY, Uri: {uri} }} }} }}
  P: {{ Type: AWS::Lambda::Permission, Properties: {{ FunctionName: {permitted}, Principal: apigateway.amazonaws.com, SourceArn: !Sub 'arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{A}}/*' }} }}\n"
        );
        found("", &api, &[])
    };
    let stage = URI.replace("${F.Arn}", "${F.Arn}:${!stageVariables.alias}");
    assert_eq!(api(&stage, "!Ref Live"), [""; 0]);
    assert_eq!(api(URI, "!Ref Live"), ["SB0403"]);
    // Whether the condition holds is not known either.
    assert_eq!(api(URI, "!If [Unknown, !Ref Live, !Ref F]"), [""; 0]);
}

#[test]
fn an_alias_in_the_uri_of_an_api_is_the_function() {
    let uri = URI.replace("${F.Arn}", "${Live}");
    let api = format!(
        "  A: {{ Type: AWS::ApiGateway::RestApi }}
  M: {{ Type: AWS::ApiGateway::Method, Properties: {{ RestApiId: !Ref A, Integration: {{ Type: AWS_PROXY, Uri: {uri} }} }} }}
  P: {{ Type: AWS::Lambda::Permission, Properties: {{ FunctionName: !Ref Live, Principal: apigateway.amazonaws.com, SourceArn: !Sub 'arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{A}}/*' }} }}\n"
    );
    assert_eq!(found("Timeout: 60", &api, &[]), ["SB0302"]);
}

#[test]
fn a_streamed_answer_is_not_bound_by_the_apis_time() {
    let uri = URI
        .replace("2015-03-31", "2021-11-15")
        .replace("/invocations", "/response-streaming-invocations");
    let api = format!(
        "  A: {{ Type: AWS::ApiGateway::RestApi }}
  M: {{ Type: AWS::ApiGateway::Method, Properties: {{ RestApiId: !Ref A, Integration: {{ Type: AWS_PROXY, Uri: {uri} }} }} }}\n"
    );
    assert_eq!(found("Timeout: 60", &api, &[]), ["SB0303", "SB0403"]);
}

#[test]
fn an_integration_that_does_not_wait_is_asynchronous() {
    let api = format!(
        "  A: {{ Type: AWS::ApiGateway::RestApi }}
  M: {{ Type: AWS::ApiGateway::Method, Properties: {{ RestApiId: !Ref A, Integration: {{ Type: AWS, Credentials: r, Uri: {URI}, RequestParameters: {{ integration.request.header.X-Amz-Invocation-Type: \"'Event'\" }} }} }} }}\n"
    );
    assert_eq!(found("Timeout: 60", &api, &[]), ["SB0201"]);
}

#[test]
fn an_api_that_invokes_with_the_callers_rights_is_one_trigger() {
    let api = format!(
        "  A: {{ Type: AWS::ApiGateway::RestApi, Properties: {{ Body: {{ paths: {{ /a: {{ get: {{ x-amazon-apigateway-integration: {{ type: aws_proxy, credentials: 'arn:aws:iam::*:user/*', uri: {URI} }} }} }} }} }} }} }}
  P: {{ Type: AWS::Lambda::Permission, Properties: {{ FunctionName: !Ref F, Principal: apigateway.amazonaws.com, SourceArn: !Sub 'arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{A}}/*' }} }}\n"
    );
    assert_eq!(found("", &api, &["api_gateway_rest", "sqs"]), ["SB0601"]);
}

#[test]
fn custom_resources_of_cdk_and_serverless_do_what_they_say() {
    let writes = "  W: { Type: AWS::IAM::Policy, Properties: { Roles: [!Ref R], PolicyDocument: { Statement: [{ Effect: Allow, Action: 's3:PutObject', Resource: !Sub '${B.Arn}/*' }] } } }
  B: { Type: AWS::S3::Bucket }\n";
    let cdk = "  N: { Type: 'Custom::S3BucketNotifications', Properties: { BucketName: !Ref B, NotificationConfiguration: { LambdaFunctionConfigurations: [{ Events: ['s3:ObjectCreated:*'], LambdaFunctionArn: !GetAtt F.Arn }] } } }\n";
    assert_eq!(
        found("", &format!("{writes}{cdk}"), &[]),
        ["SB0201", "SB0203", "SB0403"]
    );
    // The Serverless Framework's function makes the permission itself.
    let serverless = "  N: { Type: 'Custom::S3', Properties: { FunctionName: !Ref F, BucketName: !Ref B, BucketConfigs: [{ Event: 's3:ObjectCreated:*', Rules: [{ Prefix: in/ }] }] } }\n";
    assert_eq!(
        found("", &format!("{writes}{serverless}"), &[]),
        ["SB0201", "SB0203"]
    );
    let logs = "Resources:
  F: { Type: AWS::Lambda::Function, Properties: {} }
  N: { Type: 'Custom::LogRetention', Properties: { LogGroupName: !Join ['', [/aws/lambda/, !Ref F]], RetentionInDays: 7 } }\n";
    assert_eq!(Case::new(logs).codes(&["--no-routes"]), [""; 0]);
}

#[test]
fn functions_of_tools_are_left_out() {
    let own = "  LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A: { Type: AWS::Lambda::Function, Properties: {} }\n";
    let mine =
        "  F: { Type: AWS::Lambda::Function, Metadata: { aws:cdk:path: App/F/Resource }, Properties: {} }\n";
    let case = Case::new(&format!("Resources:\n{own}{mine}"));
    let report = case.report(&["--no-routes"]);
    assert_eq!(report["functions"], 1);
    assert_eq!(report["findings"][0]["construct"], "App/F/Resource");
    assert_eq!(case.report(&["--no-routes", "--all-functions"])["functions"], 2);
    let output = Case::new(&format!("Resources:\n{own}")).doctor(&["--no-routes"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--all-functions"));
}

#[test]
fn streams_are_known_through_their_consumers() {
    let resources = "  S: { Type: AWS::Kinesis::Stream, Properties: { RetentionPeriodHours: 24 } }
  C: { Type: AWS::Kinesis::StreamConsumer, Properties: { ConsumerName: c, StreamARN: !GetAtt S.Arn } }
  M: { Type: AWS::Lambda::EventSourceMapping, Properties: { FunctionName: !Ref F, EventSourceArn: !Ref C, MaximumRecordAgeInSeconds: 604800 } }\n";
    assert_eq!(found("", resources, &[]), ["SB0102", "SB0103"]);
}

/// A mapping of a Kafka cluster, with `settings`.
fn kafka(settings: &str) -> Vec<String> {
    let mapping = format!(
        "  M: {{ Type: AWS::Lambda::EventSourceMapping, Properties: {{ FunctionName: !Ref F, EventSourceArn: 'arn:aws:kafka:x:1:cluster/c/1', {settings} }} }}\n"
    );
    found("", &mapping, &["kafka"])
}

#[test]
fn kafka_ends_retries_with_a_destination_or_in_provisioned_mode() {
    let answers = "FunctionResponseTypes: [ReportBatchItemFailures]";
    let kept = "DestinationConfig: { OnFailure: { Destination: 'kafka://failed' } }";
    assert_eq!(kafka(""), ["SB0101", "SB0102", "SB0103"]);
    assert_eq!(kafka(&format!("{answers}, {kept}")), [""; 0]);
    assert_eq!(kafka(&format!("{answers}, MaximumRetryAttempts: 3")), ["SB0103"]);
    assert_eq!(
        kafka(&format!(
            "{kept}, ProvisionedPollerConfig: {{ MinimumPollers: 1 }}, ScalingConfig: {{ MaximumConcurrency: 5 }}"
        )),
        ["SB0101", "SB0108"]
    );
}

/// A mapping of a queue or a stream that a key encrypts, with a statement of the key's policy.
fn encrypted(source: &str, principal: &str, extra: &str) -> Vec<String> {
    let resources = format!(
        "  K: {{ Type: AWS::KMS::Key, Properties: {{ KeyPolicy: {{ Statement: [{{ Effect: Allow, Principal: {{ AWS: {principal} }}, Action: 'kms:*', Resource: '*' }}] }} }} }}
  A: {{ Type: AWS::KMS::Alias, Properties: {{ AliasName: alias/mine, TargetKeyId: !Ref K }} }}
  X: {source}
  M: {{ Type: AWS::Lambda::EventSourceMapping, Properties: {{ FunctionName: !Ref F, EventSourceArn: !GetAtt X.Arn, MaximumRetryAttempts: 1, DestinationConfig: {{ OnFailure: {{ Destination: 'arn:aws:x' }} }} }} }}
  W: {{ Type: AWS::IAM::Policy, Properties: {{ Roles: [!Ref R], PolicyDocument: {{ Statement: [{{ Effect: Allow, Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'kinesis:Get*', 'kinesis:Describe*', 'kinesis:List*'], Resource: !GetAtt X.Arn }}{extra}] }} }} }}\n"
    );
    found("", &resources, &[])
}

#[test]
fn a_key_of_ones_own_needs_a_right() {
    let root = "!Sub 'arn:aws:iam::${AWS::AccountId}:root'";
    let redrive = "RedrivePolicy: { deadLetterTargetArn: !GetAtt D.Arn, maxReceiveCount: 5 }";
    let queue = |key: &str| {
        format!("{{ Type: AWS::SQS::Queue, Properties: {{ KmsMasterKeyId: {key}, {redrive} }} }}")
    };
    let stream = "{ Type: AWS::Kinesis::Stream, Properties: { StreamEncryption: { EncryptionType: KMS, KeyId: !GetAtt K.Arn } } }";
    for source in [
        &*queue("!Ref K"),
        &queue("!GetAtt K.Arn"),
        &queue("!Ref A"),
        &queue("alias/mine"),
        stream,
    ] {
        assert_eq!(encrypted(source, root, ""), ["SB0401"], "{source}");
    }
    let none = [""; 0];
    assert_eq!(encrypted(&queue("alias/aws/sqs"), root, ""), none);
    assert_eq!(encrypted(&queue("!Ref K"), "!GetAtt R.Arn", ""), none);
    let decrypt = ", { Effect: Allow, Action: 'kms:Decrypt', Resource: !GetAtt K.Arn }";
    assert_eq!(encrypted(&queue("!Ref K"), root, decrypt), none);
}

#[test]
fn a_bucket_of_failures_may_be_listed() {
    let with = |actions: &str| {
        let resources = format!(
            "  B: {{ Type: AWS::S3::Bucket }}
  I: {{ Type: AWS::Lambda::EventInvokeConfig, Properties: {{ FunctionName: !Ref F, Qualifier: $LATEST, DestinationConfig: {{ OnFailure: {{ Destination: !GetAtt B.Arn }} }} }} }}
  W: {{ Type: AWS::IAM::Policy, Properties: {{ Roles: [!Ref R], PolicyDocument: {{ Statement: [{{ Effect: Allow, Action: {actions}, Resource: [!GetAtt B.Arn, !Sub '${{B.Arn}}/*'] }}] }} }} }}\n"
        );
        found("", &resources, &[])
    };
    assert_eq!(with("['s3:PutObject']"), ["SB0402"]);
    assert_eq!(with("['s3:PutObject', 's3:ListBucket']"), [""; 0]);
}

#[test]
fn a_missing_right_to_list_is_a_warning() {
    let resources = "  S: { Type: AWS::Kinesis::Stream }
  M: { Type: AWS::Lambda::EventSourceMapping, Properties: { FunctionName: !Ref F, EventSourceArn: !GetAtt S.Arn, MaximumRetryAttempts: 1, DestinationConfig: { OnFailure: { Destination: 'arn:aws:x' } } } }
  W: { Type: AWS::IAM::Policy, Properties: { Roles: [!Ref R], PolicyDocument: { Statement: [{ Effect: Allow, Action: ['kinesis:Get*', 'kinesis:DescribeStream'], Resource: !GetAtt S.Arn }] } } }\n";
    let template = format!(
        "Resources:\n  F: {{ Type: AWS::Lambda::Function, Properties: {{ Role: !GetAtt R.Arn, LoggingConfig: {{ LogGroup: !Ref L }} }} }}\n{COMMON}{resources}"
    );
    let report = Case::new(&template).report(&["--no-routes"]);
    assert_eq!(report["findings"][0]["severity"], "warning", "{report:#}");
}

#[test]
fn a_fault_of_a_shared_role_names_every_function() {
    let template = "Resources:
  R: { Type: AWS::IAM::Role, Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] } }
  A: { Type: AWS::Lambda::Function, Properties: { Role: !GetAtt R.Arn, LoggingConfig: { LogGroup: x } } }
  B: { Type: AWS::Lambda::Function, Properties: { Role: !GetAtt R.Arn, LoggingConfig: { LogGroup: x } } }\n";
    let case = Case::new(template);
    let report = case.report(&["--no-routes"]);
    let findings = report["findings"].as_array().unwrap();
    let functions: Vec<_> = findings
        .iter()
        .map(|finding| finding["function"].as_str().unwrap())
        .collect();
    assert_eq!(functions, ["A", "B"]);
    let text = String::from_utf8(case.doctor(&["--no-routes"]).stdout).unwrap();
    assert_eq!(text.matches("warning SB0405").count(), 1, "{text}");
    assert!(text.contains("for   A, B"), "{text}");
}
