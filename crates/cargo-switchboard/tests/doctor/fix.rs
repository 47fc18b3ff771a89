//! `doctor --fix`: what it shows, and what it writes.

use std::process::Output;

use super::run::Case;

const TEMPLATE: &str = "\
# The shop.
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:   # one function
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 60
      LoggingConfig: { LogGroup: !Ref Lines }
      Events:
        Jobs: { Type: SQS, Properties: { Queue: !GetAtt Jobs.Arn } }
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      # Set long ago.
      VisibilityTimeout: 30   # seconds
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: 5 }
  Failed: { Type: AWS::SQS::Queue }
  Lines: { Type: AWS::Logs::LogGroup, Properties: { RetentionInDays: 7 } }
";

fn fix(case: &Case, args: &[&str]) -> Output {
    case.file(
        "routes.json",
        r#"{"routes": [{"source": "sqs", "handler": "shop::on_job"}]}"#,
    );
    case.doctor(&[&["--fix", "--routes", "routes.json"], args].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_changes_are_shown_as_a_diff_and_nothing_is_written() {
    for args in [&[][..], &["--dry-run"]] {
        let case = Case::new(TEMPLATE);
        let output = fix(&case, args);
        assert_eq!(output.status.code(), Some(1));
        let diff = text(&output.stdout);
        assert_eq!(
            diff,
            "\
--- template.yaml
+++ template.yaml
@@ -7,12 +7,12 @@
       Timeout: 60
       LoggingConfig: { LogGroup: !Ref Lines }
       Events:
-        Jobs: { Type: SQS, Properties: { Queue: !GetAtt Jobs.Arn } }
+        Jobs: { Type: SQS, Properties: { Queue: !GetAtt Jobs.Arn, FunctionResponseTypes: [ReportBatchItemFailures] } }
   Jobs:
     Type: AWS::SQS::Queue
     Properties:
       # Set long ago.
-      VisibilityTimeout: 30   # seconds
+      VisibilityTimeout: 360   # seconds
       RedrivePolicy: { deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: 5 }
   Failed: { Type: AWS::SQS::Queue }
   Lines: { Type: AWS::Logs::LogGroup, Properties: { RetentionInDays: 7 } }
"
        );
        let said = text(&output.stderr);
        assert!(
            said.contains("This fixes SB0101 of OrdersJobs, SB0104 of Jobs."),
            "{said}"
        );
        assert_eq!(
            said.contains("Pass --yes to write it."),
            args.is_empty(),
            "{said}"
        );
        assert_eq!(case.read("template.yaml"), TEMPLATE);
    }
}

#[test]
fn with_yes_the_template_is_changed_and_checked_again() {
    let case = Case::new(TEMPLATE);
    let output = fix(&case, &["--yes"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).ends_with("1 function: nothing found\n"));
    let expected = TEMPLATE.replace("30   #", "360   #").replace(
        "Jobs.Arn } }",
        "Jobs.Arn, FunctionResponseTypes: [ReportBatchItemFailures] } }",
    );
    assert_eq!(case.read("template.yaml"), expected);
    let output = fix(&case, &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("nothing can be fixed without a decision"));
}

#[test]
fn what_is_accepted_is_not_changed() {
    let case = Case::new(TEMPLATE);
    let entry = |code: &str, resource: &str| {
        format!(r#"{{"code":"{code}","resource":"{resource}","reason":"next week","date":"2026-11-30"}}"#)
    };
    let all = [entry("SB0104", "Jobs"), entry("SB0101", "OrdersJobs")].join(",");
    case.file("accepted.json", &format!(r#"{{"accepted":[{all}]}}"#));
    let output = fix(&case, &["--yes", "--baseline", "accepted.json"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(case.read("template.yaml"), TEMPLATE);
}

#[test]
fn what_comes_from_a_parameter_is_left_to_people() {
    let template = TEMPLATE.replace("VisibilityTimeout: 30", "VisibilityTimeout: !Ref Seconds");
    let template = format!("{template}Parameters: {{ Seconds: {{ Type: Number, Default: 30 }} }}\n");
    let case = Case::new(&template);
    let output = fix(&case, &["--yes"]);
    assert_eq!(output.status.code(), Some(1));
    let left = text(&output.stdout);
    assert!(
        left.contains("error SB0104") && !left.contains("error SB0101"),
        "{left}"
    );
}

#[test]
fn templates_that_tools_write_are_not_changed() {
    let case = Case::new(r#"{"Resources": {"F": {"Type": "AWS::Lambda::Function"}}}"#);
    let output = case.doctor(&["--fix", "--no-routes", "--yes"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("is JSON"));
    case.file(
        "A.template.json",
        r#"{"Resources": {"F": {"Type": "AWS::Lambda::Function"}}}"#,
    );
    let output = case.doctor(&["--fix", "--no-routes", "--yes", "--template", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("change the code"));
}

/// What is left after the fix, and the template with it.
fn mended(template: &str) -> (Vec<String>, String, String) {
    let case = Case::new(template);
    let output = case.doctor(&["--fix", "--no-routes", "--yes"]);
    let said = text(&output.stderr);
    (case.codes(&["--no-routes"]), case.read("template.yaml"), said)
}

#[test]
fn what_is_added_exists_under_the_condition_of_what_it_is_for() {
    let (left, fixed, _) = mended(
        "Conditions: { Paid: !Equals [!Ref AWS::Region, eu-west-1] }
Resources:
  R: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: {} } }
  F: { Type: AWS::Lambda::Function, Properties: { Role: !GetAtt R.Arn, LoggingConfig: { LogGroup: shared }, DeadLetterConfig: { TargetArn: 'arn:aws:sqs:eu-west-1:1:x' } } }
  Q: { Type: AWS::SQS::Queue, Condition: Paid, Properties: { RedrivePolicy: { deadLetterTargetArn: !GetAtt D.Arn, maxReceiveCount: 5 } } }
  D: { Type: AWS::SQS::Queue, Condition: Paid }
  M: { Type: AWS::Lambda::EventSourceMapping, Condition: Paid, Properties: { FunctionName: !Ref F, EventSourceArn: !GetAtt Q.Arn } }
  Rule: { Type: AWS::Events::Rule, Condition: Paid, Properties: { Targets: [{ Arn: !GetAtt F.Arn, Id: f, DeadLetterConfig: { Arn: !GetAtt D.Arn } }] } }
",
    );
    assert_eq!(left, [""; 0], "{fixed}");
    for added in ["RulePermission", "DPolicy"] {
        let of = fixed.split(&format!("  {added}:\n")).nth(1).unwrap();
        let of: String = of.lines().take(2).collect();
        assert!(of.contains("Condition: Paid"), "{added}: {fixed}");
    }
    assert!(fixed.contains("Fn::If:"), "{fixed}");
}

#[test]
fn a_policy_that_would_close_a_circle_is_a_resource_of_its_own() {
    let (left, fixed, _) = mended(
        "Resources:
  R: { Type: AWS::IAM::Role, Properties: { Policies: [{ PolicyName: a, PolicyDocument: { Statement: [{ Effect: Allow, Action: ['sqs:*'], Resource: ['arn:aws:sqs:*:*:*'] }] } }] } }
  F: { Type: AWS::Lambda::Function, Properties: { Role: !GetAtt R.Arn, LoggingConfig: { LogGroup: shared } } }
  Q: { Type: AWS::SQS::Queue, Properties: { KmsMasterKeyId: !Ref K, RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:1:d', maxReceiveCount: 5 } } }
  M: { Type: AWS::Lambda::EventSourceMapping, Properties: { FunctionName: !Ref F, EventSourceArn: !GetAtt Q.Arn } }
  K:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - { Effect: Allow, Principal: { AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root' }, Action: 'kms:*', Resource: '*' }
          - { Effect: Allow, Principal: { AWS: !GetAtt R.Arn }, Action: 'kms:Sign', Resource: '*' }
",
    );
    assert_eq!(left, ["SB0405"], "{fixed}");
    assert!(fixed.contains("    Type: AWS::IAM::Policy\n"), "{fixed}");
    assert!(fixed.contains("DependsOn: RKms"), "{fixed}");
}

#[test]
fn a_fix_that_closes_a_circle_anyway_is_left_to_people() {
    // The queue is named after the function, whose mapping SAM makes of the function's event.
    let template = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  R: { Type: AWS::IAM::Role, Properties: { Tags: [] } }
  F:
    Type: AWS::Serverless::Function
    Properties:
      Role: !GetAtt R.Arn
      LoggingConfig: { LogGroup: shared }
      Events:
        Jobs: { Type: SQS, Properties: { Queue: !GetAtt Q.Arn } }
  Q: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub '${F}-jobs', RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:1:d', maxReceiveCount: 5 } } }
";
    let (left, fixed, said) = mended(template);
    assert_eq!((left, &*fixed), (vec!["SB0401".to_owned()], template));
    assert!(
        said.contains("SB0401 of R is left to people: its resources would depend on each other in a circle"),
        "{said}"
    );
}

#[test]
fn a_permission_of_an_alias_refers_to_it() {
    let (left, fixed, _) = mended(
        "Resources:
  F: { Type: AWS::Lambda::Function, Properties: { LoggingConfig: { LogGroup: shared }, DeadLetterConfig: { TargetArn: 'arn:aws:sqs:eu-west-1:1:x' } } }
  V: { Type: AWS::Lambda::Version, Properties: { FunctionName: !Ref F } }
  Live: { Type: AWS::Lambda::Alias, Properties: { FunctionName: !Ref F, FunctionVersion: !GetAtt V.Version, Name: live } }
  T: { Type: AWS::SNS::Topic }
  S: { Type: AWS::SNS::Subscription, Properties: { Protocol: lambda, TopicArn: !Ref T, Endpoint: !Ref Live } }
",
    );
    assert_eq!(left, [""; 0], "{fixed}");
    assert!(fixed.contains("FunctionName: !Ref Live\n"), "{fixed}");
}

#[test]
fn a_new_log_group_is_one_that_the_role_may_write_to() {
    let template = |resource: &str| {
        format!(
            "Resources:
  R: {{ Type: AWS::IAM::Role, Properties: {{ Policies: [{{ PolicyName: a, PolicyDocument: {{ Statement: [{{ Effect: Allow, Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: {resource} }}] }} }}] }} }}
  F: {{ Type: AWS::Lambda::Function, Properties: {{ Role: !GetAtt R.Arn }} }}
"
        )
    };
    let (left, fixed, _) = mended(&template(
        "!Sub 'arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/*'",
    ));
    assert_eq!(left, ["SB0501"], "{fixed}");
    let (left, fixed, _) = mended(&template("'*'"));
    assert_eq!(left, [""; 0], "{fixed}");
}
