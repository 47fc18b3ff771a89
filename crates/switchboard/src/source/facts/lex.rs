//! Amazon Lex.

use super::super::clue::Clue;
use super::super::test::Test::{Any, Has, Object, Shown, String};
use super::row::{Delivery, Embedded, Facts, NameKind, NamedPlace, TextForm, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const LEX_V1: Facts = Facts {
    name: "lex_v1",
    alias: None,
    rules: &[
        // Lex Developer Guides, V1 "Lambda function input event" and V2 "Lambda input event format".
        rule(
            Stage::Services,
            190,
            &[
                Object(Clue::CurrentIntent),
                Any(&[
                    Object(Clue::Bot),
                    Shown(Clue::InvocationSource),
                    String(Clue::UserId),
                ]),
            ],
        ),
        // Lex Developer Guides: neither version's reply repeats what the user said, or what comes next.
        rule(Stage::Partial, 350, &[Object(Clue::CurrentIntent)]),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Other,
    embedded: Embedded::Nothing,
    waits: true,
    names: &[NamedPlace::new(
        NameKind::Intent,
        "currentIntent.name",
        TextForm::Plain,
    )],
    invoker: None,
};

pub(in crate::source) const LEX_V2: Facts = Facts {
    name: "lex_v2",
    alias: None,
    rules: &[
        // Lex Developer Guides, V1 "Lambda function input event" and V2 "Lambda input event format".
        rule(
            Stage::Services,
            180,
            &[
                Object(Clue::SessionState),
                Any(&[Object(Clue::Bot), Shown(Clue::InvocationSource)]),
            ],
        ),
        // Lex Developer Guides: neither version's reply repeats what the user said, or what comes next.
        rule(
            Stage::Partial,
            340,
            &[
                Object(Clue::SessionState),
                Any(&[
                    String(Clue::InputTranscript),
                    Has(Clue::ProposedNextState),
                    Has(Clue::Transcriptions),
                    String(Clue::InvocationLabel),
                ]),
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
    names: &[NamedPlace::new(
        NameKind::Intent,
        "sessionState.intent.name",
        TextForm::Plain,
    )],
    invoker: None,
};
