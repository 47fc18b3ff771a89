//! Runs the command, on templates in files.
#![expect(clippy::unwrap_used, reason = "a broken test environment ends the test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A resource of a template: the API `Api` may invoke the function `F`.
pub(super) const API_PERMISSION: &str = "  May:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref F
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*'
";

/// A directory with a template in it, in which the command runs.
pub(crate) struct Case {
    directory: TempDir,
}

impl Case {
    pub(crate) fn new(template: &str) -> Self {
        let case = Self {
            directory: TempDir::new().unwrap(),
        };
        case.file("template.yaml", template);
        case
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn folder(&self, name: &str) {
        std::fs::create_dir(self.directory.path().join(name)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.directory.path().join(name)).unwrap()
    }

    pub(crate) fn doctor(&self, args: &[&str]) -> Output {
        doctor(self.directory.path(), args)
    }

    /// The report in JSON.
    pub(crate) fn report(&self, args: &[&str]) -> Value {
        let output = self.doctor(&[args, &["--format", "json"]].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no report: {error}"))
    }

    pub(crate) fn codes(&self, args: &[&str]) -> Vec<String> {
        codes(&self.report(args))
    }
}

pub(crate) fn doctor(directory: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-switchboard"));
    command.args(["switchboard", "doctor"]).args(args);
    command.current_dir(directory).output().unwrap()
}

pub(crate) fn codes(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["code"].as_str().unwrap().to_owned())
        .collect()
}
