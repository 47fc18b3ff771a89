//! The span of an invocation. It begins when the event has come, though it is made when the event's source is known, which
//! decides what kind of span it is.

use super::super::scope::Scope;
use super::convention::{Trigger, text, told};
use super::finished::Open;
use super::http::Request;
use super::pipeline::{Pipeline, Traces};
use crate::error::Error;
use crate::router::{Answer, Reply};
use crate::source::{Source, parts, records};
use bytes::Bytes;
use opentelemetry::trace::{Span as _, SpanContext, SpanRef, Status, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::Span;
use opentelemetry_semantic_conventions::attribute as name;
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

/// An invocation's trace, if there are traces.
pub(in crate::telemetry) struct Invocation {
    begun: Option<Box<Begun>>,
}

struct Begun {
    pipeline: Arc<Pipeline>,
    lambda: lambda_runtime::Context,
    cold_start: bool,
    time: SystemTime,
    running: OnceLock<Running>,
}

/// An invocation whose span was made.
pub(super) struct Running {
    pub(super) pipeline: Arc<Pipeline>,
    /// In which the invocation's span is the current one.
    pub(super) cx: Context,
    /// None of a span that was not sampled.
    pub(super) open: Option<Open>,
    answered: AtomicBool,
}

impl Invocation {
    pub(in crate::telemetry) fn begin(
        traces: &Traces,
        lambda: &lambda_runtime::Context,
        cold_start: bool,
    ) -> Self {
        let begin = |pipeline: &Arc<Pipeline>| {
            Box::new(Begun {
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

    /// The source has become known.
    pub(in crate::telemetry) fn detected(&self, source: Source, payload: &Bytes) {
        if let Some(begun) = &self.begun {
            begun.running.get_or_init(|| begun.run(source, payload));
        }
    }

    /// The invocation's span; of a source that nobody knows, if none was detected.
    pub(super) fn running(&self) -> Option<&Running> {
        let begun = self.begun.as_ref()?;
        Some(begun.running.get_or_init(|| begun.run(Source::Unknown, &[])))
    }
}

impl Begun {
    fn run(&self, source: Source, payload: &[u8]) -> Running {
        let trigger = match Trigger::of(source) {
            Trigger::Pubsub(_) if is_scheduled(source, payload) => Trigger::Timer,
            trigger => trigger,
        };
        let header = self.lambda.xray_trace_id.as_deref();
        let by_lambda = header.and_then(|header| self.pipeline.propagation.read(header));
        let request = match trigger {
            Trigger::Http => Request::read(source, payload),
            _ => Request::default(),
        };
        let by_caller = request.traceparent.as_deref();
        let by_caller = by_caller.and_then(|header| self.pipeline.propagation.read(header));
        let parent = by_lambda.clone().or_else(|| by_caller.clone());
        let cx = parent.map_or_else(Context::new, |span| Context::new().with_remote_span_context(span));
        let mut span = self.span(trigger, &cx);
        let open = span.is_recording().then(|| {
            // One span has one parent: what else brought it about is linked.
            if let Some(linked) = by_lambda.and(by_caller) {
                span.add_link(linked, Vec::new());
            }
            describe(&mut span, trigger, source, payload, &request, &self.pipeline);
            self.pipeline.finished.open(span.span_context().trace_id())
        });
        Running {
            pipeline: Arc::clone(&self.pipeline),
            cx: Context::new().with_span(span),
            open,
            answered: AtomicBool::new(false),
        }
    }

    fn span(&self, trigger: Trigger, parent: &Context) -> Span {
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
        let tracer = &self.pipeline.tracer;
        let builder = tracer
            .span_builder(function.function_name.clone())
            .with_kind(trigger.kind())
            .with_start_time(self.time)
            .with_attributes(attributes);
        tracer.build_with_context(builder, parent)
    }
}

impl Running {
    pub(super) fn span(&self) -> SpanRef<'_> {
        self.cx.span()
    }

    fn answered(&self, reply: &Result<Reply, Error>) {
        self.answered.store(true, Ordering::Release);
        let span = self.span();
        match reply {
            Ok(reply) => {
                let Some(status) = reply.status() else { return };
                span.set_attribute(KeyValue::new(name::HTTP_RESPONSE_STATUS_CODE, i64::from(status)));
                if status >= 500 {
                    fail(&span, status.to_string(), String::new());
                }
            }
            Err(error) => fail(&span, error.error_type(), error.to_string()),
        }
    }

    /// The invocation is over; one without an answer has panicked where nobody but `lambda_runtime` catches it.
    pub(super) fn conclude(&self) {
        let span = self.span();
        if !self.answered.load(Ordering::Acquire) {
            fail(&span, "panic", "there was no answer".to_owned());
        }
        span.end();
        self.close();
    }

    /// Lambda is about to end the process.
    pub(super) fn run_out(&self) {
        let span = self.span();
        fail(&span, "timeout", "the invocation's time ran out".to_owned());
        span.end();
        self.close();
    }

    fn close(&self) {
        if let Some(open) = &self.open {
            open.close();
        }
    }
}

/// The operation that the span is of has failed.
pub(super) fn fail(span: &SpanRef<'_>, error_type: impl Into<Cow<'static, str>>, description: String) {
    span.set_attribute(KeyValue::new(name::ERROR_TYPE, error_type.into()));
    span.set_status(Status::error(description));
}

/// Adds what only the source's own events say.
fn describe(
    span: &mut Span,
    trigger: Trigger,
    source: Source,
    payload: &[u8],
    request: &Request,
    pipeline: &Pipeline,
) {
    match trigger {
        Trigger::Http => {
            span.set_attributes(request.attributes());
            // As the conventions for Lambda have it: the route, not the method before it.
            if let Some(route) = &request.route {
                span.update_name(route.clone());
            }
        }
        Trigger::Pubsub(_) | Trigger::Datasource => {
            let destination = records(payload)
                .next()
                .and_then(|record| record.ok())
                .and_then(|record| told(source, record, pipeline.propagation).destination);
            span.set_attributes(trigger.attributes(destination.as_deref()));
            if let (Trigger::Pubsub(_), Some(destination)) = (trigger, destination) {
                span.update_name(format!("process {destination}"));
            }
            if source == Source::CloudwatchEvents {
                let [id] = parts(payload, [Some("id")]);
                let id = id
                    .and_then(text)
                    .map(|id| KeyValue::new(name::MESSAGING_MESSAGE_ID, id));
                span.set_attributes(id);
            }
        }
        Trigger::Timer => {
            let [time] = parts(payload, [Some("time")]);
            let time = time
                .and_then(text)
                .map(|time| KeyValue::new(name::FAAS_TIME, time));
            span.set_attributes(time);
        }
        Trigger::Other => {}
    }
}

/// EventBridge User Guide, “Creating an Amazon EventBridge rule that runs on a schedule”.
fn is_scheduled(source: Source, payload: &[u8]) -> bool {
    let says = |path, expected: &str| {
        let [value] = parts(payload, [Some(path)]);
        value.and_then(text).is_some_and(|value| value == expected)
    };
    source == Source::CloudwatchEvents
        && says("detail-type", "Scheduled Event")
        && says("source", "aws.events")
}

/// The function that ran: an alias is replaced by the version that it stands for.
fn resource_id(arn: &str, version: &str) -> String {
    match arn.splitn(8, ':').collect::<Vec<_>>()[..] {
        [.., _] if arn.split(':').count() == 8 => {
            let function = arn.rsplit_once(':').map_or(arn, |(function, _)| function);
            format!("{function}:{version}")
        }
        _ => arn.to_owned(),
    }
}

/// Notes what the answer says of the invocation.
pub(crate) fn answering(answer: Answer) -> Answer {
    let current = Scope::current();
    let Some(scope) = current.filter(|scope| scope.trace.running().is_some_and(Running::is_recording)) else {
        return answer;
    };
    Box::pin(async move {
        let reply = answer.await;
        if let Some(running) = scope.trace.running() {
            running.answered(&reply);
        }
        reply
    })
}

impl Running {
    fn is_recording(&self) -> bool {
        self.open.is_some()
    }
}

/// The batch that woke the function has this many records.
pub(crate) fn counted(source: Source, records: usize) {
    let Trigger::Pubsub(_) = Trigger::of(source) else {
        return;
    };
    let Some(scope) = Scope::current() else { return };
    let Some(running) = scope.trace.running() else {
        return;
    };
    let own = running.span().span_context().clone();
    // Not that of a batch inside of a record.
    if Context::map_current(|cx| *cx.span().span_context() == own) {
        let records = i64::try_from(records).unwrap_or(i64::MAX);
        running
            .span()
            .set_attribute(KeyValue::new(name::MESSAGING_BATCH_MESSAGE_COUNT, records));
    }
}

/// The records are handled all at once, in the current span: it is linked to where each of them comes from.
pub(crate) fn linked<'r>(source: Source, records: impl Iterator<Item = &'r Bytes>) {
    let Some(scope) = Scope::current() else { return };
    let Some(running) = scope.trace.running().filter(|running| running.is_recording()) else {
        return;
    };
    let contexts = records.flat_map(|record| told(source, record, running.pipeline.propagation).contexts);
    let contexts: Vec<SpanContext> = contexts.collect();
    Context::map_current(|cx| {
        for context in contexts {
            cx.span().add_link(context, Vec::new());
        }
    });
}
