//! Amazon Bedrock agents.

use super::super::clue::Clue;
use super::super::test::Test::{Any, Has, Named, Object, Shown, String};
use super::row::{Delivery, Embedded, Facts, Invoker, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const BEDROCK_AGENT: Facts = Facts {
    name: "bedrock_agent",
    alias: None,
    rules: &[
        // Bedrock User Guide, "Configure Lambda functions to send information", whose events have `httpMethod`, too.
        rule(
            Stage::Requests,
            180,
            &[
                Shown(Clue::ActionGroup),
                Any(&[
                    Has(Clue::Agent),
                    Has(Clue::ApiPath),
                    Has(Clue::Function),
                    Has(Clue::MessageVersion),
                ]),
            ],
        ),
        // Bedrock User Guide, "Write a custom parser Lambda function".
        rule(
            Stage::Requests,
            190,
            &[Object(Clue::Agent), String(Clue::InvokeModelRawResponse)],
        ),
        // Bedrock User Guide, "Configure Lambda functions to send information".
        rule(
            Stage::Partial,
            230,
            &[
                Object(Clue::Agent),
                Any(&[String(Clue::ApiPath), String(Clue::Function)]),
            ],
        ),
        rule(
            Stage::Partial,
            240,
            &[
                String(Clue::ApiPath),
                Any(&[
                    String(Clue::HttpMethod),
                    Named(Clue::Parameters),
                    Object(Clue::RequestBody),
                ]),
            ],
        ),
        rule(
            Stage::Partial,
            250,
            &[
                Any(&[Shown(Clue::ActionGroup), Object(Clue::PromptSessionAttributes)]),
                Named(Clue::Parameters),
            ],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: Invoker::synchronous("bedrock.amazonaws.com"),
};
