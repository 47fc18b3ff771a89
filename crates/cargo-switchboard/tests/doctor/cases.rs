//! What the command does around the findings: exit codes, what is not checked, whose code is asked.

use std::path::Path;

use serde_json::Value;

use super::run::{Case, codes, doctor};

const SOUND: &str = include_str!("sound.cfn.yaml");
const ROUTES: &str = include_str!("routes.json");
/// The role, the permissions and the queues are SAM's.
const IMPLIED: &str = include_str!("implied.sam.yaml");

#[test]
fn nothing_is_found_in_this_projects_template() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = doctor(&root, &["--format", "json", "--template", "template.yaml"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(codes(&report).is_empty(), "{report:#}");
    // Built and asked: nothing is left unchecked.
    assert_eq!(report["unchecked"].as_array().unwrap().len(), 0);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_sam_implies_is_there() {
    let case = Case::new(IMPLIED);
    assert_eq!(case.codes(&["--no-routes"]), [""; 0]);
}

#[test]
fn errors_alone_make_the_exit_code() {
    let code = |template: &str| Case::new(template).doctor(&["--no-routes"]).status.code();
    assert_eq!(code(SOUND), Some(0));
    assert_eq!(
        code(&SOUND.replace("VisibilityTimeout: 30", "VisibilityTimeout: 29")),
        Some(0)
    );
    assert_eq!(
        code(&SOUND.replace("VisibilityTimeout: 30", "VisibilityTimeout: 4")),
        Some(1)
    );
    assert_eq!(code("Resources: ["), Some(2));
    assert_eq!(code("a: 1"), Some(2));
}

#[test]
fn a_template_without_a_function_to_check_is_refused() {
    let said = |template: &str| {
        let output = Case::new(template).doctor(&["--no-routes"]);
        assert_eq!(output.status.code(), Some(2), "{template}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said("Resources: {Q: {Type: AWS::SQS::Queue}}").contains("no Lambda function"));
    assert!(said("Resources: {S: {Type: AWS::CloudFormation::Stack}}").contains("nested stack"));
    let sam = "Resources: {F: {Type: AWS::Serverless::Function}}";
    assert!(said(sam).contains("no Transform: AWS::Serverless-2016-10-31"));
    let absent =
        "Conditions: {No: !Equals [a, b]}\nResources: {F: {Type: AWS::Lambda::Function, Condition: No}}";
    assert!(said(absent).contains("none of the functions (F) exists"));
}

#[test]
fn accepted_findings_are_left_out() {
    let case = Case::new(&SOUND.replace("VisibilityTimeout: 30", "VisibilityTimeout: 4"));
    let accepted = |code: &str| {
        let entry = format!(
            r#"{{"code":"{code}","resource":"Jobs","reason":"moves next week","date":"2026-11-30"}}"#
        );
        case.file("doctor.json", &format!(r#"{{"accepted":[{entry}]}}"#));
        case.doctor(&["--no-routes", "--baseline", "doctor.json"])
    };
    let output = accepted("SB0104");
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).ends_with("1 function: nothing found (1 accepted)\n"));
    let output = accepted("SB0106");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("not found any more: SB0106 of Jobs"));
}

#[test]
fn a_directory_of_cdk_is_every_stack_in_it() {
    let case = Case::new("");
    let function = r#"{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 3}}}}"#;
    case.file("A.template.json", function);
    case.file("B.template.json", function);
    case.file(
        "Empty.template.json",
        r#"{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}"#,
    );
    let report = case.report(&["--no-routes", "--template", "."]);
    assert_eq!(report["functions"], 2);
    let files: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| &finding["file"])
        .collect();
    assert_eq!(files, ["./A.template.json", "./B.template.json"]);
    assert_eq!(report["unread"][0]["resource"], "./Empty.template.json");
    assert_eq!(
        report["unread"][0]["reason"],
        "the template has no Lambda function"
    );
}

#[test]
fn a_directory_of_cdk_has_the_stacks_of_its_stages() {
    let case = Case::new("");
    let function = r#"{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 3}}}}"#;
    let files = |report: &Value| -> Vec<String> {
        let findings = report["findings"].as_array().unwrap();
        let files = findings.iter().filter_map(|finding| finding["file"].as_str());
        files.map(str::to_owned).collect()
    };
    case.folder("assembly-Prod");
    case.folder("assembly-Prod/assembly-Prod-Eu");
    case.folder("asset.0123");
    case.file("assembly-Prod/ProdA.template.json", function);
    case.file("asset.0123/Other.template.json", function);
    let args = ["--no-routes", "--template", "."];
    assert_eq!(
        files(&case.report(&args)),
        ["./assembly-Prod/ProdA.template.json"]
    );
    case.file("assembly-Prod/assembly-Prod-Eu/B.template.json", function);
    case.file("Top.template.json", function);
    let all = [
        "./Top.template.json",
        "./assembly-Prod/ProdA.template.json",
        "./assembly-Prod/assembly-Prod-Eu/B.template.json",
    ];
    assert_eq!(files(&case.report(&args)), all);
}

#[test]
fn a_nested_stack_in_a_directory_of_cdk_may_have_its_triggers_elsewhere() {
    let case = Case::new("");
    let function = r#"{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 3}}}}"#;
    let parent = r#"{"Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Fn::Sub": "https://s3.${AWS::Region}/b"}}}}}"#;
    case.file("Top.template.json", parent);
    case.file("TopN.nested.template.json", function);
    case.file(
        "routes.json",
        r#"{"routes": [{"source": "sqs", "handler": "shop::orders"}]}"#,
    );
    let report = case.report(&["--routes", "F=routes.json", "--template", "."]);
    assert_eq!(codes(&report), ["SB0501"]);
}

#[test]
fn annotations_name_file_and_line() {
    let case = Case::new(&SOUND.replace("VisibilityTimeout: 30", "VisibilityTimeout: 4"));
    let output = case.doctor(&["--no-routes", "--format", "github"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let line = SOUND.lines().position(|line| line == "  Jobs:").unwrap() + 1;
    let start = format!("::error title=SB0104,file=template.yaml,line={line},col=3::Jobs ");
    assert!(text.starts_with(&start), "{text}");
}

#[test]
fn wrong_options_of_doctor_are_errors_that_name_them() {
    let case = Case::new(SOUND);
    let said = |args: &[&str]| {
        let output = case.doctor(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&["--template", "none.yaml"]).contains("cannot read none.yaml"));
    assert!(said(&["--no-routes", "--parameter", "Stage=x"]).contains("no parameter Stage"));
    assert!(
        said(&["--routes", "Other=routes.json"])
            .contains("no function Other in this deployment; its functions are Orders")
    );
    assert!(said(&["--routes", "template.yaml"]).contains("SWITCHBOARD_DESCRIBE=1"));
}

#[test]
fn rules_about_the_code_are_left_out_where_nothing_is_known_of_it() {
    let case = Case::new(&SOUND.replace(
        "FunctionResponseTypes: [ReportBatchItemFailures]",
        "Enabled: true",
    ));
    let mute = case.file("mute.sh", "#!/bin/sh\necho no routes\n");
    let mut mode = std::fs::metadata(&mute).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    std::fs::set_permissions(&mute, mode).unwrap();
    for (args, reason) in [
        (&[][..], "no Cargo.toml"),
        (&["--no-routes"], "--no-routes"),
        (&["--binary", "mute.sh"], "not a Switchboard function"),
    ] {
        let report = case.report(args);
        assert!(codes(&report).is_empty());
        let unchecked = &report["unchecked"][0];
        assert_eq!(unchecked["function"], "Orders");
        assert!(
            unchecked["reason"].as_str().unwrap().contains(reason),
            "{unchecked}"
        );
    }
    case.file("routes.json", ROUTES);
    assert_eq!(case.codes(&["--routes", "routes.json"]), ["SB0101", "SB0101"]);
}

#[test]
fn of_several_functions_each_may_have_its_code() {
    let function = |id: &str| {
        format!(
            "  {id}:\n    Type: AWS::Serverless::Function\n    Properties:\n      Timeout: 5\n      \
             LoggingConfig: {{ LogGroup: shared }}\n      Events:\n        Web: {{ Type: HttpApi }}\n"
        )
    };
    let template = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n{}{}",
        function("A"),
        function("B")
    );
    let case = Case::new(&template);
    case.file("none.json", r#"{"routes": []}"#);
    let report = case.report(&["--routes", "B=none.json"]);
    assert_eq!(codes(&report), ["SB0602"]);
    assert_eq!(report["findings"][0]["function"], "B");
    assert_eq!(report["unchecked"][0]["function"], "A");
    let unsaid = case.report(&["--routes", "none.json"]);
    assert_eq!(unsaid["unchecked"].as_array().unwrap().len(), 2);
}

#[test]
fn findings_depend_on_the_parameters_values() {
    let template = SOUND
        .replace(
            "Resources:\n  Orders:",
            "Parameters: { Seconds: { Type: Number } }\n\nResources:\n  Orders:",
        )
        .replace("Timeout: 5\n", "Timeout: !Ref Seconds\n");
    let case = Case::new(&template);
    assert_eq!(case.codes(&["--no-routes"]), [""; 0]);
    assert_eq!(
        case.codes(&["--no-routes", "--parameter", "Seconds=6"]),
        ["SB0104"]
    );
}

#[test]
fn text_names_file_line_and_remedy() {
    let case = Case::new(&SOUND.replace("VisibilityTimeout: 30", "VisibilityTimeout: 4"));
    let output = case.doctor(&["--no-routes"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let line = SOUND.lines().position(|line| line == "  Jobs:").unwrap() + 1;
    assert!(
        text.starts_with(&format!("template.yaml:{line}:3: error SB0104: Jobs ")),
        "{text}"
    );
    assert!(text.contains("\n  fix   Set VisibilityTimeout"), "{text}");
    assert!(text.ends_with("1 function: 1 error\n"), "{text}");
}

#[test]
fn code_that_does_not_build_hides_nothing_of_the_template() {
    let case = Case::new(&SOUND.replace("VisibilityTimeout: 30", "VisibilityTimeout: 4"));
    case.file(
        "Cargo.toml",
        "[package]\nname = \"broken\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n",
    );
    case.folder("src");
    case.file("src/main.rs", "fn main() { this is not Rust }\n");
    let output = case.doctor(&["--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(codes(&report), ["SB0104"]);
    assert_eq!(report["unchecked"][0]["reason"], "its code could not be built");
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("cargo build failed"), "{error}");
}

#[test]
#[cfg(not(feature = "aws"))]
fn a_build_without_aws_says_so() {
    let output = Case::new(SOUND).doctor(&["--function", "orders"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--features aws"));
}

#[test]
fn nested_stacks_are_read_with_their_parameters() {
    let case = Case::new(
        "Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: stacks/orders.yaml
      Parameters: { Visible: 4, Longest: !GetAtt Elsewhere.Outputs.Longest }
  Elsewhere:
    Type: AWS::Serverless::Application
    Properties: { Location: { ApplicationId: arn:aws:serverlessrepo:x, SemanticVersion: 1.0.0 } }
  Gone:
    Type: AWS::Serverless::Application
    Properties: { Location: gone.yaml }
",
    );
    case.folder("stacks");
    case.file(
        "stacks/orders.yaml",
        "Parameters: { Visible: { Type: Number, Default: 3600 }, Longest: { Type: Number, Default: 900 } }
Resources:
  F: { Type: AWS::Lambda::Function, Properties: { Timeout: 5, LoggingConfig: { LogGroup: x } } }
  G: { Type: AWS::Lambda::Function, Properties: { Timeout: !Ref Longest, LoggingConfig: { LogGroup: x } } }
  D: { Type: AWS::SQS::Queue }
  Q: { Type: AWS::SQS::Queue, Properties: { VisibilityTimeout: !Ref Visible, RedrivePolicy: { deadLetterTargetArn: !GetAtt D.Arn, maxReceiveCount: 5 } } }
  M: { Type: AWS::Lambda::EventSourceMapping, Properties: { FunctionName: !Ref F, EventSourceArn: !GetAtt Q.Arn } }
  N: { Type: AWS::Lambda::EventSourceMapping, Properties: { FunctionName: !Ref G, EventSourceArn: !GetAtt Q.Arn } }
  Back: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: ../template.yaml } }
",
    );
    let report = case.report(&["--no-routes"]);
    assert_eq!(report["functions"], 2);
    assert_eq!(super::run::codes(&report), ["SB0104"], "{report:#}");
    let finding = &report["findings"][0];
    assert_eq!(
        (&finding["file"], &finding["function"]),
        (&"stacks/orders.yaml".into(), &"F".into())
    );
    let unread: Vec<_> = report["unread"]
        .as_array()
        .unwrap()
        .iter()
        .map(|unread| &unread["resource"])
        .collect();
    assert_eq!(unread, ["Elsewhere", "Gone"]);
}

#[test]
fn another_stack_may_have_the_trigger() {
    let case = Case::new(
        "Resources:
  F: { Type: AWS::Lambda::Function, Properties: { LoggingConfig: { LogGroup: x } } }
  Triggers: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: 'https://s3.amazonaws.com/b/t.yaml' } }
",
    );
    case.file(
        "routes.json",
        r#"{"routes": [{"source": "sqs", "handler": "a::b"}]}"#,
    );
    let report = case.report(&["--routes", "F=routes.json"]);
    assert_eq!(super::run::codes(&report), [""; 0]);
    assert_eq!(report["unread"][0]["resource"], "Triggers");
}
