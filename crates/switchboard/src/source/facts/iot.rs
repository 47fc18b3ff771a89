//! AWS IoT.

use super::super::clue::Clue;
use super::super::test::Test::{Any, Has, Is, Object, Shown, String};
use super::row::{Delivery, Embedded, Facts, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const IOT_BUTTON: Facts = Facts {
    name: "iot_button",
    alias: None,
    rules: &[
        // IoT 1-Click Developer Guide, "AWS IoT 1-Click callback events"; IoT button, "payload".
        rule(
            Stage::Services,
            310,
            &[String(Clue::SerialNumber), Shown(Clue::ClickType)],
        ),
        rule(
            Stage::Services,
            320,
            &[
                Object(Clue::DeviceEvent),
                Any(&[Object(Clue::DeviceInfo), Object(Clue::PlacementInfo)]),
            ],
        ),
        // IoT button; IoT 1-Click Developer Guide, "AWS IoT 1-Click callback events".
        rule(
            Stage::Partial,
            460,
            &[Is(Clue::ClickType, &["SINGLE", "DOUBLE", "LONG"])],
        ),
        rule(
            Stage::Partial,
            470,
            &[Any(&[
                Object(Clue::ButtonClicked),
                Object(Clue::DeviceHealthMonitor),
            ])],
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

pub(in crate::source) const IOT_CUSTOM_AUTH: Facts = Facts {
    name: "iot_custom_auth",
    alias: None,
    rules: &[
        // IoT Developer Guide, "Defining your Lambda function" for custom authentication.
        rule(
            Stage::Services,
            330,
            &[
                Object(Clue::ProtocolData),
                Any(&[
                    Has(Clue::Protocols),
                    Has(Clue::SignatureVerified),
                    Has(Clue::ConnectionMetadata),
                    Has(Clue::Token),
                ]),
            ],
        ),
        rule(
            Stage::Services,
            340,
            &[Has(Clue::Protocols), Has(Clue::SignatureVerified)],
        ),
        rule(
            Stage::Partial,
            480,
            &[
                Has(Clue::SignatureVerified),
                Any(&[Has(Clue::Token), Has(Clue::ConnectionMetadata)]),
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
