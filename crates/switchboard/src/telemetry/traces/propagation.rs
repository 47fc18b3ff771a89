//! The parent of this function's spans: the headers that are understood, and passed on.

use super::super::settings::{invalid, variable};
use super::xray::{self, XrayPropagator};
use crate::error::Error;
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapCompositePropagator, TextMapPropagator};
use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};

/// What `OTEL_PROPAGATORS` lists.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Propagation {
    /// X-Ray's tracing header.
    pub(super) xray: bool,
    /// W3C Trace Context, `traceparent`.
    pub(super) trace_context: bool,
    /// W3C Baggage: only passed on.
    pub(super) baggage: bool,
}

impl Propagation {
    /// # Errors
    /// The variable lists an unknown propagator.
    pub(super) fn from_env() -> Result<Self, Error> {
        let listed = variable("OTEL_PROPAGATORS")?.unwrap_or_else(|| "xray,tracecontext".to_owned());
        let mut propagation = Self::default();
        for name in listed.split(',').map(str::trim) {
            match name {
                // `xray-lambda` also reads `_X_AMZN_TRACE_ID`, which has the same value as the invocation's header.
                "xray" | "xray-lambda" => propagation.xray = true,
                "tracecontext" => propagation.trace_context = true,
                "baggage" => propagation.baggage = true,
                "none" => {}
                _ => {
                    let allowed = "a list of `xray`, `xray-lambda`, `tracecontext`, `baggage`; or `none`";
                    return invalid("OTEL_PROPAGATORS", &listed, allowed);
                }
            }
        }
        Ok(propagation)
    }

    /// The span that becomes the parent, from X-Ray's header or else from `traceparent`. The second one is the span in
    /// the other header.
    pub(super) fn parent(self, xray: Option<&str>, traceparent: Option<&str>) -> [Option<SpanContext>; 2] {
        let by_lambda = xray.filter(|_| self.xray).and_then(xray::read);
        let by_caller = traceparent.filter(|_| self.trace_context).and_then(trace_context);
        match by_lambda {
            Some(_) => [by_lambda, by_caller],
            None => [by_caller, None],
        }
    }

    /// For the requests that the application sends.
    pub(super) fn propagator(self) -> TextMapCompositePropagator {
        let mut all: Vec<Box<dyn TextMapPropagator + Send + Sync>> = Vec::new();
        if self.xray {
            all.push(Box::new(XrayPropagator));
        }
        if self.trace_context {
            all.push(Box::new(TraceContextPropagator::new()));
        }
        if self.baggage {
            all.push(Box::new(BaggagePropagator::new()));
        }
        TextMapCompositePropagator::new(all)
    }
}

/// The span in a header of either kind, for a link: a wrong link does no harm unless it is followed.
pub(super) fn read_any(header: &str) -> Option<SpanContext> {
    xray::read(header).or_else(|| trace_context(header))
}

fn trace_context(header: &str) -> Option<SpanContext> {
    let cx = TraceContextPropagator::new().extract_with_context(&Context::new(), &Traceparent(header));
    let span = cx.span().span_context().clone();
    span.is_valid().then_some(span)
}

struct Traceparent<'h>(&'h str);

impl Extractor for Traceparent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const XRAY: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    const W3C: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_header_is_read_whatever_its_kind() {
        let span = |header| Some(read_any(header)?.span_id().to_string());
        assert_eq!(span(XRAY).as_deref(), Some("53995c3f42cd8ad8"));
        assert_eq!(span(W3C).as_deref(), Some("b7ad6b7169203331"));
        assert_eq!(
            span("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"),
            None
        );
        assert_eq!(span(""), None);
    }

    #[test]
    fn a_parent_is_of_a_kind_that_is_listed() {
        let (xray, w3c) = (read_any(XRAY), read_any(W3C));
        let parent = |xray, trace_context| {
            let propagation = Propagation {
                xray,
                trace_context,
                baggage: false,
            };
            propagation.parent(Some(XRAY), Some(W3C))
        };
        assert_eq!(parent(true, true), [xray.clone(), w3c.clone()]);
        assert_eq!(parent(true, false), [xray, None]);
        assert_eq!(parent(false, true), [w3c, None]);
        assert_eq!(parent(false, false), [None, None]);
    }
}
