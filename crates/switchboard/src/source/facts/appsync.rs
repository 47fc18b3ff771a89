//! AWS AppSync.

use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{Any, Has, Is, Lacks, Named, Object, Shown, String};
use super::common::BARE;
use super::row::{Delivery, Embedded, Facts, NameKind, NamedPlace, TextForm, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const APPSYNC_RESOLVER: Facts = Facts {
    name: "appsync_resolver",
    alias: None,
    rules: &[
        // AppSync Developer Guide, "Lambda resolvers", and AppSync Events, "Channel namespace handlers".
        rule(Stage::Services, 250, &[Shown(Clue::InfoFieldName), APPSYNC]),
        rule(
            Stage::Services,
            260,
            &[Shown(Clue::InfoParentTypeName), Named(Clue::Arguments)],
        ),
        rule(
            Stage::Services,
            270,
            &[
                Shown(Clue::FieldName),
                Any(&[Shown(Clue::TypeName), Shown(Clue::ParentTypeName)]),
                Named(Clue::Arguments),
            ],
        ),
        rule(
            Stage::Services,
            280,
            &[
                Named(Clue::Arguments),
                Named(Clue::Identity),
                Any(&[
                    Named(Clue::Prev),
                    Named(Clue::Stash),
                    Object(Clue::RequestHeaders),
                ]),
            ],
        ),
        // AppSync Developer Guide, "resolver function reference for Lambda", whose mapping documents are events, too.
        rule(
            Stage::Services,
            290,
            &[Is(Clue::Operation, &["Invoke"]), Named(Clue::Payload)],
        ),
        // AppSync Developer Guide, "Resolver mapping template context reference".
        rule(Stage::Partial, 400, &[Shown(Clue::InfoFieldName)]),
        rule(
            Stage::Partial,
            410,
            &[
                Shown(Clue::FieldName),
                Any(&[
                    Named(Clue::Arguments),
                    Shown(Clue::TypeName),
                    Shown(Clue::ParentTypeName),
                ]),
            ],
        ),
        rule(
            Stage::Partial,
            420,
            &[Named(Clue::Arguments), Named(Clue::Identity)],
        ),
        // "Using AWS Lambda resolvers", whose mapping templates send a field and the values to resolve it with.
        rule(
            Stage::Partial,
            430,
            &[
                Shown(Clue::Field),
                Any(&[Object(Clue::Arguments), Object(Clue::Source)]),
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
    names: &[
        NamedPlace::new(NameKind::Type, "info.parentTypeName", TextForm::Plain),
        NamedPlace::new(NameKind::Field, "info.fieldName", TextForm::Plain),
    ],
    invoker: None,
};

pub(in crate::source) const APPSYNC_BATCH: Facts = Facts {
    name: "appsync_batch",
    alias: None,
    rules: &[
        // AppSync Developer Guide, "Batching": an array of contexts.
        rule(Stage::Records, 220, &[BARE, String(Clue::ElementInfoFieldName)]),
        rule(
            Stage::Records,
            230,
            &[
                BARE,
                Shown(Clue::ElementFieldName),
                ELEMENT_TYPE,
                Named(Clue::ElementArguments),
            ],
        ),
        // AppSync Developer Guide, "resolver function reference for Lambda", whose mapping documents are events, too.
        rule(
            Stage::Services,
            300,
            &[Is(Clue::Operation, &["BatchInvoke"]), Named(Clue::Payload)],
        ),
        // "Using AWS Lambda resolvers", whose mapping templates send a field and the values to resolve it with.
        rule(
            Stage::Partial,
            440,
            &[
                BARE,
                Shown(Clue::ElementField),
                Any(&[Object(Clue::ElementArguments), Object(Clue::ElementSource)]),
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
    names: &[
        NamedPlace::new(NameKind::Type, "info.parentTypeName", TextForm::Plain),
        NamedPlace::new(NameKind::Field, "info.fieldName", TextForm::Plain),
    ],
    invoker: None,
};

pub(in crate::source) const APPSYNC_AUTHORIZER: Facts = Facts {
    name: "appsync_authorizer",
    alias: None,
    rules: &[
        // AppSync Developer Guide, "AWS_LAMBDA authorization".
        rule(
            Stage::Requests,
            100,
            &[
                String(Clue::AuthorizationToken),
                Object(Clue::RequestContext),
                Lacks(Clue::HttpMethod),
                Lacks(Clue::Http),
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
    invoker: None,
};

pub(in crate::source) const APPSYNC_EVENTS: Facts = Facts {
    name: "appsync_events",
    alias: None,
    rules: &[
        // AppSync Developer Guide, "Lambda resolvers", and AppSync Events, "Channel namespace handlers".
        rule(
            Stage::Services,
            240,
            &[
                Is(Clue::InfoOperation, &["PUBLISH", "SUBSCRIBE"]),
                Any(&[Has(Clue::InfoChannel), Has(Clue::InfoChannelNamespace)]),
            ],
        ),
        // AppSync Events, "Channel namespace handlers".
        rule(
            Stage::Partial,
            450,
            &[
                Has(Clue::Events),
                Any(&[Object(Clue::InfoChannel), Object(Clue::InfoChannelNamespace)]),
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
    invoker: None,
};

const ELEMENT_TYPE: Test = Any(&[Shown(Clue::ElementTypeName), Shown(Clue::ElementParentTypeName)]);

const APPSYNC: Test = Any(&[
    Named(Clue::Arguments),
    Named(Clue::Identity),
    Has(Clue::InfoParentTypeName),
    Named(Clue::Request),
    Named(Clue::Prev),
    Named(Clue::Stash),
]);
