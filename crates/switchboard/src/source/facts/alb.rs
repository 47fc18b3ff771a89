//! Application Load Balancer.

use super::super::clue::Clue;
use super::super::test::Test::Has;
use super::row::{
    Delivery, Embedded, Facts, HttpPaths, Invoker, Proxy, ReplyForm, RequestForm, RequestPaths, Trigger,
};
use super::rule::{Stage, rule};

pub(in crate::source) const ALB: Facts = Facts {
    name: "alb",
    alias: None,
    rules: &[
        // ELB User Guide, "Lambda functions as targets".
        rule(Stage::Settled, 100, &[Has(Clue::Elb)]),
    ],
    delivery: Delivery::Whole,
    identifier: &[],
    pipe_identifier: None,
    correlation: [
        Some("headers.x-amzn-trace-id"),
        Some("multiValueHeaders.x-amzn-trace-id"),
    ],
    trigger: Trigger::Http(HttpPaths {
        proxy: Some(Proxy {
            form: RequestForm::LoadBalancer,
            reply: ReplyForm::LoadBalancer, // Elastic Load Balancing User Guide, “Use Lambda functions as targets”.
            max_reply: 1024 * 1024,
            streams_as: None,
        }),
        request: RequestPaths {
            method: Some("httpMethod"),
            path: Some("path"),
            route: None,
            host: Some("headers.host"),
            traceparent: [Some("headers.traceparent"), Some("multiValueHeaders.traceparent")],
        },
    }),
    embedded: Embedded::Nothing,
    waits: true,
    names: &[],
    invoker: Invoker::synchronous("elasticloadbalancing.amazonaws.com"),
};
