//! Alexa.

use super::super::clue::Clue;
use super::super::test::Test::{Any, Contains, Has, Is, Object};
use super::row::{Delivery, Embedded, Facts, Invoker, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const ALEXA: Facts = Facts {
    name: "alexa",
    alias: None,
    rules: &[
        // Alexa Skills Kit, "Request and response JSON reference"; Smart Home, messages of versions 3 to 1.
        rule(
            Stage::Services,
            210,
            &[
                Any(&[
                    Contains(Clue::RequestKind, "Request"),
                    Contains(Clue::RequestKind, "."),
                ]),
                Any(&[Object(Clue::Session), Object(Clue::ContextSystem)]),
            ],
        ),
        rule(
            Stage::Services,
            220,
            &[Contains(Clue::DirectiveNamespace, "Alexa")],
        ),
        rule(
            Stage::Services,
            230,
            &[
                Any(&[
                    Contains(Clue::HeaderNamespace, "Alexa."),
                    Is(Clue::HeaderNamespace, &["Control", "Discovery", "System"]),
                ]),
                Contains(Clue::HeaderName, "Request"),
                Has(Clue::HeaderPayloadVersion),
            ],
        ),
        // Alexa Skills Kit, "Request types reference", the standard ones.
        rule(Stage::Partial, 380, &[Is(Clue::RequestKind, STANDARD_REQUESTS)]),
        rule(
            Stage::Partial,
            390,
            &[Object(Clue::RequestIntent), Object(Clue::Session)],
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
    invoker: Invoker::synchronous("alexa-appkit.amazon.com"),
};

const STANDARD_REQUESTS: &[&str] = &[
    "LaunchRequest",
    "IntentRequest",
    "SessionEndedRequest",
    "CanFulfillIntentRequest",
];
