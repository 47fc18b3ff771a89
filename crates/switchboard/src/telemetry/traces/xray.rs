//! X-Ray's tracing header, `Root=1-…;Parent=…;Sampled=…`. AWS X-Ray Developer Guide, “Tracing header”.

use opentelemetry::Context;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use std::sync::LazyLock;

const HEADER: &str = "x-amzn-trace-id";

/// The span in a header; `None` if there is none. Without a sampling decision, this function decides.
pub(super) fn read(header: &str) -> Option<SpanContext> {
    let (mut trace, mut span, mut sampled) = (None, None, true);
    for part in header.split(';') {
        match part.trim().split_once('=') {
            Some(("Root", id)) => trace = trace_id(id),
            Some(("Parent", id)) => span = hexadecimal(id, 16).and_then(|id| SpanId::from_hex(id).ok()),
            Some(("Sampled", decision)) => sampled = decision != "0",
            // `Self` is where a load balancer received the request, `Lineage` is for Lambda's recursion detection.
            _ => {}
        }
    }
    let flags = TraceFlags::default().with_sampled(sampled);
    let named = SpanContext::new(trace?, span?, flags, true, TraceState::NONE);
    named.is_valid().then_some(named)
}

fn trace_id(text: &str) -> Option<TraceId> {
    let (time, unique) = text.strip_prefix("1-")?.split_once('-')?;
    let id = [hexadecimal(time, 8)?, hexadecimal(unique, 24)?].concat();
    TraceId::from_hex(&id).ok()
}

fn hexadecimal(text: &str, digits: usize) -> Option<&str> {
    let fits = text.len() == digits && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    fits.then_some(text)
}

/// The header for a span.
pub(super) fn write(span: &SpanContext) -> String {
    let trace = span.trace_id().to_string();
    let (time, unique) = trace.split_at(8);
    let sampled = u8::from(span.is_sampled());
    format!(
        "Root=1-{time}-{unique};Parent={};Sampled={sampled}",
        span.span_id()
    )
}

/// For the requests that the application sends.
#[derive(Debug)]
pub(super) struct XrayPropagator;

impl TextMapPropagator for XrayPropagator {
    fn inject_context(&self, cx: &Context, injector: &mut dyn Injector) {
        let span = cx.span().span_context().clone();
        if span.is_valid() {
            injector.set(HEADER, write(&span));
        }
    }

    fn extract_with_context(&self, cx: &Context, extractor: &dyn Extractor) -> Context {
        match extractor.get(HEADER).and_then(read) {
            Some(span) => cx.with_remote_span_context(span),
            None => cx.clone(),
        }
    }

    fn fields(&self) -> FieldIter<'_> {
        static FIELDS: LazyLock<[String; 1]> = LazyLock::new(|| [HEADER.to_owned()]);
        FieldIter::new(FIELDS.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROOT: &str = "1-5759e988-bd862e3fe1be46a994272793";

    #[test]
    fn a_header_names_a_span() {
        let span = read(&format!(
            "Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0"
        ))
        .unwrap();
        assert_eq!(span.trace_id().to_string(), "5759e988bd862e3fe1be46a994272793");
        assert_eq!(span.span_id().to_string(), "53995c3f42cd8ad8");
        assert!(span.is_sampled() && span.is_remote());
        let sampled = |decision| {
            read(&format!(
                "Self=1-6;{decision} Root={ROOT}; Parent=53995c3f42cd8ad8"
            ))
            .map(|span| span.is_sampled())
        };
        assert_eq!(sampled("Sampled=0;"), Some(false));
        assert_eq!(sampled("Sampled=?;"), Some(true));
        assert_eq!(sampled(""), Some(true));
    }

    #[test]
    fn a_header_that_names_no_span_is_ignored() {
        for header in [
            "",
            "Root=",
            "Root=1-5759e988-bd862e3fe1be46a994272793",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=0000000000000000",
            "Root=1-00000000-000000000000000000000000;Parent=53995c3f42cd8ad8",
            "Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            "Root=1-+759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad",
            "Root=1-5759e988bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
        ] {
            assert_eq!(read(header), None, "{header}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(trace in 1..u128::MAX, span in 1..u64::MAX, sampled: bool) {
            let flags = TraceFlags::default().with_sampled(sampled);
            let named = SpanContext::new(trace.into(), span.into(), flags, true, TraceState::NONE);
            prop_assert_eq!(read(&write(&named)), Some(named));
        }

        #[test]
        fn nothing_is_read_but_what_is_valid(header in "(Root=|Parent=|Sampled=|1-|[0-9a-fA-F]{8}|-|;|[^;]){0,12}") {
            prop_assert!(read(&header).is_none_or(|span| span.is_valid()));
        }
    }
}
