//! AWS CodeCommit, CodePipeline and CodeDeploy.

use super::super::clue::Clue;
use super::super::test::Test::{Has, Is, Object, String};
use super::common::{IN_RECORDS, UNSAID};
use super::row::{Delivery, Embedded, Facts, Invoker, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const CODECOMMIT: Facts = Facts {
    name: "codecommit",
    alias: None,
    rules: &[
        // CodeCommit User Guide, "Example: Create a trigger for an AWS Lambda function".
        rule(
            Stage::Settled,
            60,
            &[IN_RECORDS, Is(Clue::RecordSource, &["aws:codecommit"])],
        ),
        // Without an `eventSource`, a record is identified by members that only this source has.
        rule(
            Stage::Records,
            110,
            &[IN_RECORDS, UNSAID, Has(Clue::CodecommitReferences)],
        ),
        // Records under the one key that the documented record has to itself.
        rule(
            Stage::Partial,
            50,
            &[IN_RECORDS, UNSAID, Object(Clue::RecordCodecommit)],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: false,
    names: &[],
    invoker: Invoker::asynchronous("codecommit.amazonaws.com"),
};

pub(in crate::source) const CODEPIPELINE: Facts = Facts {
    name: "codepipeline",
    alias: None,
    rules: &[
        // CodePipeline User Guide, "JSON event example".
        rule(Stage::Services, 50, &[Object(Clue::CodePipelineJob)]),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: false,
    names: &[],
    invoker: None,
};

pub(in crate::source) const CODEDEPLOY: Facts = Facts {
    name: "codedeploy",
    alias: None,
    rules: &[
        // CodeDeploy User Guide, "AppSpec 'hooks' section".
        rule(
            Stage::Services,
            60,
            &[
                String(Clue::DeploymentId),
                String(Clue::LifecycleEventHookExecutionId),
            ],
        ),
        rule(
            Stage::Partial,
            260,
            &[String(Clue::LifecycleEventHookExecutionId)],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: false,
    names: &[],
    invoker: None,
};
