//! VPC Lattice.

use super::super::clue::Clue;
use super::super::test::Test::{Any, Named, Shown, String};
use super::row::{Delivery, Embedded, Facts, HttpPaths, RequestPaths, Trigger};
use super::rule::{Stage, rule};

pub(in crate::source) const VPC_LATTICE_V1: Facts = Facts {
    name: "vpc_lattice_v1",
    alias: None,
    rules: &[
        // VPC Lattice User Guide, "Lambda functions as targets", event structures v2 and v1.
        rule(
            Stage::Requests,
            170,
            &[
                String(Clue::LatticeRawPath),
                Any(&[
                    Shown(Clue::Method),
                    Named(Clue::LatticeIsBase64Encoded),
                    Named(Clue::LatticeQuery),
                ]),
            ],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [Some("headers.x-amzn-trace-id"), None],
    trigger: Trigger::Http(HttpPaths {
        proxy: None,
        request: RequestPaths {
            method: Some("method"),
            path: Some("raw_path"),
            route: None,
            host: Some("headers.host"),
            traceparent: [Some("headers.traceparent"), None],
        },
    }),
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: None,
};

pub(in crate::source) const VPC_LATTICE_V2: Facts = Facts {
    name: "vpc_lattice_v2",
    alias: None,
    rules: &[
        // VPC Lattice User Guide, "Lambda functions as targets", event structures v2 and v1.
        rule(
            Stage::Requests,
            160,
            &[Any(&[
                Shown(Clue::ServiceNetworkArn),
                Shown(Clue::ServiceArn),
                Shown(Clue::TargetGroupArn),
            ])],
        ),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [None, None],
    trigger: Trigger::Http(HttpPaths {
        proxy: None,
        request: RequestPaths {
            method: Some("method"),
            path: Some("path"),
            route: None,
            host: None,
            traceparent: [Some("headers.traceparent"), Some("multiValueHeaders.traceparent")],
        },
    }),
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: None,
};
