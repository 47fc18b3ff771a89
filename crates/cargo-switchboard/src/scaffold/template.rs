//! `template.yaml` of a new function, for SAM.

use super::known::{Failing, SourceTemplate};

const ASYNC: &str = "      # Lambda tries these events again itself. What fails for good goes to the queue.
      EventInvokeConfig:
        MaximumRetryAttempts: 2
        DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Failures.Arn } }
";

const POLICIES: &str =
    "      Policies: [{ SQSSendMessagePolicy: { QueueName: !GetAtt Failures.QueueName } }]\n";

const URL: &str = "      # Accepts signed requests only (IAM). NONE opens it to everybody.
      FunctionUrlConfig: { AuthType: AWS_IAM }
";

const FAILURES: &str = "  # What fails for good.
  Failures:
    Type: AWS::SQS::Queue
    Properties: { MessageRetentionPeriod: 1209600 }
";

const LOGS: &str = "  Logs:
    Type: AWS::Logs::LogGroup
    Properties: { RetentionInDays: 30 }
";

pub(super) fn template(name: &str, sources: &[&SourceTemplate]) -> String {
    let has = |failing: Failing| sources.iter().any(|known| known.failing == failing);
    let mut text = format!(
        "AWSTemplateFormatVersion: \"2010-09-09\"\nTransform: AWS::Serverless-2016-10-31\nDescription: The function {name}\n\n"
    );
    let parameters: String = sources.iter().map(|known| known.parameters).collect();
    if !parameters.is_empty() {
        text.push_str(&format!("Parameters:\n{parameters}\n"));
    }
    text.push_str(&function(name));
    if has(Failing::FromTheMapping) || has(Failing::FromTheFunction) {
        text.push_str(POLICIES);
    }
    if has(Failing::FromTheFunction) {
        text.push_str(ASYNC);
    }
    if sources
        .iter()
        .any(|known| known.source.as_str() == "function_url")
    {
        text.push_str(URL);
    }
    let triggers: String = sources.iter().map(|known| known.trigger).collect();
    if !triggers.is_empty() {
        text.push_str(&format!("      Events:\n{triggers}"));
    }
    let own = sources.iter().map(|known| known.resources);
    let failures = if sources.iter().any(|known| known.failing != Failing::ToTheSource) {
        FAILURES
    } else {
        ""
    };
    for resource in own.chain([failures, LOGS]).filter(|text| !text.is_empty()) {
        text.push('\n');
        text.push_str(resource);
    }
    text
}

fn function(name: &str) -> String {
    format!(
        "Resources:
  Function:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: rust-cargolambda
      BuildProperties: {{ Binary: {name} }}
    Properties:
      CodeUri: .
      Handler: bootstrap
      Runtime: provided.al2023
      Architectures: [arm64]
      MemorySize: 256
      Timeout: 29
      LoggingConfig: {{ LogFormat: JSON, LogGroup: !Ref Logs }}
"
    )
}
