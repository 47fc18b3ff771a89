//! Runs every rule on every function.

use std::collections::HashMap;

use super::catalogue::{DUPLICATE_KEY, OVERLAP, Rule, UNKNOWN_EVENT};
use super::check::{Check, Finding};
use super::{
    api, asynchronous, concurrency, logs, mapping, modes, origins, permission, queue, recursion, rights,
    routes, streams, url, wide,
};
use crate::describe::Description;
use crate::doctor::deployment::{Deployment, Function, TemplateFault, TemplateFaultKind};

/// Finds what is wrong with the deployment, in the order of the file. `served` says what each function's code serves.
pub(crate) fn check<'d>(
    deployment: &'d Deployment,
    served: impl Fn(&Function) -> Option<&'d Description>,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = deployment
        .faults
        .iter()
        .map(|fault| of_template(deployment, fault))
        .collect();
    for function in &deployment.functions {
        let mut check = Check {
            deployment,
            function,
            served: served(function),
            findings: Vec::new(),
        };
        for rule in [
            mapping::check,
            queue::check,
            concurrency::check,
            asynchronous::check,
            recursion::check,
            api::check,
            streams::check,
            rights::check,
            permission::check,
            url::check,
            wide::check,
            logs::check,
            routes::check,
            origins::check,
            modes::check,
        ] {
            rule(&mut check);
        }
        findings.append(&mut check.findings);
    }
    findings.sort_by(|a, b| (a.at, a.rule.code).cmp(&(b.at, b.rule.code)));
    merged(findings)
}

/// Functions may share a role or a queue: its fault is one finding, with all their names.
fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut places = HashMap::new();
    for finding in findings {
        let key = (finding.rule.code, finding.at, finding.what.clone());
        match places.get(&key).filter(|_| finding.at.is_some()) {
            Some(place) => {
                let known: &mut Finding = &mut merged[*place];
                let new = finding
                    .functions
                    .into_iter()
                    .filter(|name| !known.functions.contains(name));
                let new: Vec<String> = new.collect();
                known.functions.extend(new);
            }
            None => {
                places.insert(key, merged.len());
                merged.push(finding);
            }
        }
    }
    merged
}

fn of_template(deployment: &Deployment, fault: &TemplateFault) -> Finding {
    let rule: &'static Rule = match fault.kind {
        TemplateFaultKind::DuplicateKey => &DUPLICATE_KEY,
        TemplateFaultKind::UnknownEvent => &UNKNOWN_EVENT,
        TemplateFaultKind::Overlap => &OVERLAP,
    };
    let is_function = deployment
        .functions
        .iter()
        .any(|function| function.label == fault.label);
    Finding {
        rule,
        severity: rule.severity,
        functions: is_function.then(|| fault.label.clone()).into_iter().collect(),
        file: None,
        resource: fault.label.clone(),
        construct: deployment.constructs.get(&fault.label).cloned(),
        at: Some(fault.at),
        what: fault.what.clone(),
        paste: None,
        fixes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fmt::Write as _;
    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    use super::*;
    use crate::doctor::load;

    /// A template with this many functions, each with a role, a log group, a queue and a rule.
    fn template(functions: usize) -> String {
        let mut text = "Resources:\n  D: {Type: AWS::SQS::Queue}\n".to_owned();
        for n in 0..functions {
            write!(
                text,
                "  F{n}: {{Type: AWS::Lambda::Function, Properties: {{Role: !GetAtt R{n}.Arn}}}}
  R{n}: {{Type: AWS::IAM::Role, Properties: {{Policies: [{{PolicyDocument: {{Statement: [{{Effect: Allow, Action: 'sqs:*', Resource: !GetAtt Q{n}.Arn}}]}}}}]}}}}
  L{n}: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: !Sub '/aws/lambda/${{F{n}}}', RetentionInDays: 7}}}}
  X{n}: {{Type: AWS::SQS::Queue, Properties: {{QueueName: x{n}}}}}
  Q{n}: {{Type: AWS::SQS::Queue, Properties: {{QueueName: q{n}, RedrivePolicy: {{deadLetterTargetArn: !GetAtt D.Arn, maxReceiveCount: 5}}}}}}
  Y{n}: {{Type: AWS::SQS::QueuePolicy, Properties: {{Queues: [!Ref Q{n}], PolicyDocument: {{Statement: []}}}}}}
  M{n}: {{Type: AWS::Lambda::EventSourceMapping, Properties: {{FunctionName: !Ref F{n}, EventSourceArn: !GetAtt Q{n}.Arn}}}}
  U{n}: {{Type: AWS::Events::Rule, Properties: {{Targets: [{{Arn: !GetAtt F{n}.Arn}}]}}}}
  P{n}: {{Type: AWS::Lambda::Permission, Properties: {{FunctionName: !Ref F{n}, Principal: events.amazonaws.com, SourceArn: !GetAtt U{n}.Arn}}}}\n"
            )
            .unwrap();
        }
        text
    }

    /// The processor's time for a template of this size. The clock on the wall would count what else runs.
    fn time(functions: usize) -> Duration {
        let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap();
        let text = template(functions);
        let before = now();
        let deployment = load(&text, &HashMap::new(), false, &|_| Err(String::new())).unwrap();
        let findings = check(&deployment, |_| None);
        assert_eq!(findings.len(), 3 * functions);
        now() - before
    }

    #[test]
    fn four_times_the_functions_take_some_four_times_the_time() {
        let (few, many) = (time(125), time(500));
        assert!(many < few * 8, "{few:?} for 125 functions, {many:?} for 500");
    }
}
