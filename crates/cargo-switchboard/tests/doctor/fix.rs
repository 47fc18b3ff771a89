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
