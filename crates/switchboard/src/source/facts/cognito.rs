//! Amazon Cognito.

use super::super::clue::Clue;
use super::super::test::Test;
use super::super::test::Test::{Any, Has, Is, Object, Part, Shown, String};
use super::row::{Delivery, Embedded, Facts, Invoker, Trigger};
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
    invoker: None,
};

/// The occasions user pools call triggers on; other applications know trigger sources, too.
const OCCASION: Test = Any(&[
    Part(Clue::TriggerSource, "PreSignUp_"),
    Part(Clue::TriggerSource, "PostConfirmation_"),
    Part(Clue::TriggerSource, "PreAuthentication_"),
    Part(Clue::TriggerSource, "PostAuthentication_"),
    Part(Clue::TriggerSource, "CustomMessage_"),
    Part(Clue::TriggerSource, "TokenGeneration_"),
    Part(Clue::TriggerSource, "UserMigration_"),
    Part(Clue::TriggerSource, "AuthChallenge_"),
    Part(Clue::TriggerSource, "AuthChallengeResponse_"),
    Part(Clue::TriggerSource, "CustomEmailSender_"),
    Part(Clue::TriggerSource, "CustomSMSSender_"),
    Part(Clue::TriggerSource, "InboundFederation_"),
]);
