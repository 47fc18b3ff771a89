//! The span of an invocation. It starts when the event arrived, but is created when the event's source is known,
//! because the source decides the kind of the span.

use super::convention::{SpanTrigger, record_attributes, text};
use super::http::Request;
use super::pipeline::{Pipeline, Traces};
use super::running::Running;
use crate::event::durable::Execution;
use crate::source::{self, Messages, Source, parts, records};
use bytes::Bytes;
use opentelemetry::trace::{Span as _, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::Span;
use opentelemetry_semantic_conventions::attribute as name;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

/// The conventions have no name for it: `lambda_runtime`'s layer for OpenTelemetry calls it this.
const TENANT_ID: &str = "tenant_id";

/// An invocation's trace, if there is one.
pub(in crate::telemetry) struct InvocationSpan {
    begun: Option<Box<SpanStart>>,
}

struct SpanStart {
    pipeline: Arc<Pipeline>,
    lambda: lambda_runtime::Context,
    cold_start: bool,
    time: SystemTime,
    running: OnceLock<Running>,
}

impl InvocationSpan {
    pub(in crate::telemetry) fn begin(
        traces: &Traces,
        lambda: &lambda_runtime::Context,
        cold_start: bool,
    ) -> Self {
        let begin = |pipeline: &Arc<Pipeline>| {
            Box::new(SpanStart {
                pipeline: Arc::clone(pipeline),
                lambda: lambda.clone(),
                cold_start,
                time: SystemTime::now(),
                running: OnceLock::new(),
            })
        };
        Self {
            begun: traces.0.as_ref().map(begin),
        }
    }

    /// Creates the span for the detected source.
    pub(in crate::telemetry) fn detected(&self, source: Source, payload: &Bytes) {
        if let Some(begun) = &self.begun {
            begun.running.get_or_init(|| begun.run(source, payload));
        }
    }

    /// Names the durable execution, as AWS's SDKs do.
    pub(in crate::telemetry) fn executing(&self, execution: &Execution) {
        let Some(running) = self.running() else { return };
        let attribute = |name, value: Option<&str>| Some(KeyValue::new(name, value?.to_owned()));
        let attributes = [
            attribute("durable.execution.arn", execution.arn()),
            attribute("durable.execution.name", execution.name()),
        ];
        running.span().set_attributes(attributes.into_iter().flatten());
    }

    /// The invocation's span; without a detected source, that of an unknown one.
    pub(super) fn running(&self) -> Option<&Running> {
        let begun = self.begun.as_ref()?;
        Some(begun.running.get_or_init(|| begun.run(Source::Unknown, &[])))
    }
}

impl SpanStart {
    fn run(&self, source: Source, payload: &[u8]) -> Running {
        let trigger = match SpanTrigger::of(source) {
            SpanTrigger::Pubsub(_) if is_scheduled(source, payload) => SpanTrigger::Timer,
            trigger => trigger,
        };
        let request = match source.trigger() {
            source::Trigger::Http(http) => Request::read(http.request, payload),
            source::Trigger::Pubsub { .. } | source::Trigger::Datasource(_) | source::Trigger::Other => {
                Request::default()
            }
        };
        let (header, by_caller) = (
            self.lambda.xray_trace_id.as_deref(),
            request.traceparent.as_deref(),
        );
        let [parent, linked] = self.pipeline.propagation.parent(header, by_caller);
        let cx = parent.map_or_else(Context::new, |span| Context::new().with_remote_span_context(span));
        let mut span = self.span(trigger, &cx);
        let open = span.is_recording().then(|| {
            // A span has one parent, so any further origin becomes a link.
            if let Some(linked) = linked {
                span.add_link(linked, Vec::new());
            }
            describe(&mut span, trigger, source, payload, &request);
            self.pipeline.finished.open(span.span_context().trace_id())
        });
        Running::new(Arc::clone(&self.pipeline), Context::new().with_span(span), open)
    }

    fn span(&self, trigger: SpanTrigger, parent: &Context) -> Span {
        let (lambda, function) = (&self.lambda, &self.lambda.env_config);
        let arn = lambda.invoked_function_arn.as_str();
        let mut attributes = vec![
            KeyValue::new(name::FAAS_TRIGGER, trigger.as_str()),
            KeyValue::new(name::FAAS_INVOCATION_ID, lambda.request_id.clone()),
            KeyValue::new(name::FAAS_COLDSTART, self.cold_start),
            KeyValue::new(name::AWS_LAMBDA_INVOKED_ARN, arn.to_owned()),
            KeyValue::new(name::CLOUD_RESOURCE_ID, resource_id(arn, &function.version)),
        ];
        let account = arn.split(':').nth(4).map(str::to_owned);
        attributes.extend(account.map(|account| KeyValue::new(name::CLOUD_ACCOUNT_ID, account)));
        let tenant = lambda.tenant_id.clone();
        attributes.extend(tenant.map(|tenant| KeyValue::new(TENANT_ID, tenant)));
        let tracer = &self.pipeline.tracer;
        let builder = tracer
            .span_builder(function.function_name.clone())
            .with_kind(trigger.kind())
            .with_start_time(self.time)
            .with_attributes(attributes);
        tracer.build_with_context(builder, parent)
    }
}

/// Adds the attributes that only some sources have.
fn describe(span: &mut Span, trigger: SpanTrigger, source: Source, payload: &[u8], request: &Request) {
    match trigger {
        SpanTrigger::Http => {
            span.set_attributes(request.attributes());
            // The conventions for Lambda ask for the route without the method.
            if let Some(route) = &request.route {
                span.update_name(route.clone());
            }
        }
        SpanTrigger::Pubsub(_) | SpanTrigger::Datasource => {
            if let Some((id, _)) = event(source) {
                span.set_attributes(trigger.attributes(None));
                span.set_attributes(named(name::MESSAGING_MESSAGE_ID, payload, id));
                return;
            }
            // All records of a batch come through one queue, topic or stream; the first record names it.
            let first = records(payload).next().and_then(Result::ok);
            let destination = first.and_then(|record| record_attributes(source, record).destination);
            span.set_attributes(trigger.attributes(destination.as_deref()));
            if let (SpanTrigger::Pubsub(_), Some(destination)) = (trigger, destination) {
                span.update_name(format!("process {destination}"));
            }
        }
        SpanTrigger::Timer => span.set_attributes(named(name::FAAS_TIME, payload, "time")),
        SpanTrigger::Other => {}
    }
}

/// The text at a path, as an attribute.
fn named(name: &'static str, payload: &[u8], path: &str) -> Option<KeyValue> {
    let [value] = parts(payload, [Some(path)]);
    value.and_then(text).map(|value| KeyValue::new(name, value))
}

/// Of a source whose payload is one message: the path of its id, and what a schedule's says.
fn event(source: Source) -> Option<(&'static str, &'static [(&'static str, &'static str)])> {
    match source.trigger() {
        source::Trigger::Pubsub {
            messages: Messages::Event { id, schedule },
            ..
        } => Some((id, schedule)),
        source::Trigger::Pubsub {
            messages: Messages::Records(_),
            ..
        }
        | source::Trigger::Http(_)
        | source::Trigger::Datasource(_)
        | source::Trigger::Other => None,
    }
}

fn is_scheduled(source: Source, payload: &[u8]) -> bool {
    let says = |path, expected: &str| {
        let [value] = parts(payload, [Some(path)]);
        value.and_then(text).is_some_and(|value| value == expected)
    };
    let schedule = event(source).map_or(&[][..], |(_, schedule)| schedule);
    !schedule.is_empty() && schedule.iter().all(|(path, expected)| says(path, expected))
}

/// The ARN of the function that ran: an alias at its end is replaced by the version that it refers to.
fn resource_id(arn: &str, version: &str) -> String {
    match arn.rsplit_once(':') {
        Some((function, _)) if function.matches(':').count() == 6 => format!("{function}:{version}"),
        _ => arn.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_not_a_resource() {
        let function = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
        assert_eq!(resource_id(function, "7"), function);
        assert_eq!(
            resource_id(&format!("{function}:live"), "7"),
            format!("{function}:7")
        );
        assert_eq!(resource_id("", "7"), "");
    }

    #[test]
    fn a_schedule_is_distinguished_from_other_events() {
        let event = |kind: &str, source: &str| format!(r#"{{"detail-type":"{kind}","source":"{source}"}}"#);
        let scheduled = |text: String| is_scheduled(Source::CloudwatchEvents, text.as_bytes());
        assert!(scheduled(event("Scheduled Event", "aws.events")));
        assert!(!scheduled(event("Scheduled Event", "shop")));
        assert!(!scheduled(event("Order Placed", "aws.events")));
        assert!(!scheduled(String::new()));
    }
}
