//! Amazon Cognito.

use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{Any, Contains, Has, Is, Object, Shown, String};
use super::row::{Delivery, Embedded, Facts, Invoker, NameKind, NamedPlace, TextForm, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const COGNITO: Facts = Facts {
    name: "cognito",
    alias: None,
    rules: &[
        // Cognito Developer Guide, "Customizing user pool workflows with Lambda triggers".
        rule(
            Stage::Services,
            130,
            &[
                Shown(Clue::TriggerSource),
                Any(&[
                    Has(Clue::UserPoolId),
                    Has(Clue::CallerContext),
                    Object(Clue::Request),
                ]),
            ],
        ),
        rule(
            Stage::Services,
            140,
            &[
                Object(Clue::UserAttributes),
                Any(&[Has(Clue::UserPoolId), Has(Clue::UserName), Object(Clue::Response)]),
            ],
        ),
        rule(
            Stage::Services,
            150,
            &[
                String(Clue::UserPoolId),
                Object(Clue::CallerContext),
                Object(Clue::Request),
            ],
        ),
        // Cognito Developer Guide: the pages of the triggers show the parameters of request and response only.
        rule(
            Stage::Partial,
            290,
            &[
                Object(Clue::Response),
                Any(&[
                    Shown(Clue::TriggerSource),
                    Has(Clue::ChallengeName),
                    Has(Clue::ChallengeAnswer),
                    Has(Clue::PrivateChallengeParameters),
                    Has(Clue::ChallengeSession),
                    Has(Clue::GroupConfiguration),
                ]),
            ],
        ),
        rule(
            Stage::Partial,
            300,
            &[Shown(Clue::TriggerSource), String(Clue::UserName)],
        ),
        rule(Stage::Partial, 310, &[OCCASION]),
        rule(
            Stage::Partial,
            320,
            &[Any(&[
                Object(Clue::UserAttributes),
                Object(Clue::ClientMetadata),
                Object(Clue::PrivateChallengeParameters),
                Object(Clue::GroupConfiguration),
            ])],
        ),
        rule(
            Stage::Partial,
            330,
            &[
                String(Clue::UserPoolId),
                String(Clue::UserName),
                Object(Clue::Request),
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
        NamedPlace::new(NameKind::Trigger, "triggerSource", TextForm::Plain),
        NamedPlace::new(NameKind::UserPool, "userPoolId", TextForm::Plain),
    ],
    invoker: Invoker::synchronous("cognito-idp.amazonaws.com"),
};

pub(in crate::source) const COGNITO_SYNC: Facts = Facts {
    name: "cognito_sync",
    alias: None,
    rules: &[
        // "Amazon Cognito Events" of Cognito Sync.
        rule(Stage::Services, 160, &[Is(Clue::EventType, &["SyncTrigger"])]),
        rule(
            Stage::Services,
            170,
            &[
                String(Clue::IdentityPoolId),
                String(Clue::DatasetName),
                Object(Clue::DatasetRecords),
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

/// The occasions user pools call triggers on; other applications know trigger sources, too.
const OCCASION: Test = Any(&[
    Contains(Clue::TriggerSource, "PreSignUp_"),
    Contains(Clue::TriggerSource, "PostConfirmation_"),
    Contains(Clue::TriggerSource, "PreAuthentication_"),
    Contains(Clue::TriggerSource, "PostAuthentication_"),
    Contains(Clue::TriggerSource, "CustomMessage_"),
    Contains(Clue::TriggerSource, "TokenGeneration_"),
    Contains(Clue::TriggerSource, "UserMigration_"),
    Contains(Clue::TriggerSource, "AuthChallenge_"),
    Contains(Clue::TriggerSource, "AuthChallengeResponse_"),
    Contains(Clue::TriggerSource, "CustomEmailSender_"),
    Contains(Clue::TriggerSource, "CustomSMSSender_"),
    Contains(Clue::TriggerSource, "InboundFederation_"),
]);
