//! What creates spans and sends them, shared by all invocations of a process.

use super::export::Exporter;
use super::finished::FinishedSpans;
use super::propagation::Propagation;
use super::resource::resource;
use super::variables::Variables;
use crate::error::Error;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{InstrumentationScope, global};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use opentelemetry_semantic_conventions::SCHEMA_URL;
use std::sync::Arc;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::layer::{Layered, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

/// Traces, if they are enabled.
#[derive(Clone)]
pub(in crate::telemetry) struct Traces(pub(super) Option<Arc<Pipeline>>);

/// A subscriber that makes a span of each `tracing` span: a child of the record's span, or of the invocation's.
pub(in crate::telemetry) type Bridged<S> = Layered<Option<OpenTelemetryLayer<S, SdkTracer>>, S>;

/// The way of a span from its creation to its collector.
pub(super) struct Pipeline {
    pub(super) tracer: SdkTracer,
    pub(super) finished: FinishedSpans,
    pub(super) exporter: Exporter,
    pub(super) propagation: Propagation,
    provider: SdkTracerProvider,
}

impl Traces {
    #[cfg(any(test, feature = "testing"))]
    pub(in crate::telemetry) const OFF: Self = Self(None);

    /// # Errors
    /// A variable has an invalid value.
    pub(in crate::telemetry) fn from_env(service: &str) -> Result<Self, Error> {
        let variables = Variables::read()?;
        Ok(Self(
            variables.map(|variables| Arc::new(Pipeline::new(service, variables))),
        ))
    }

    /// Makes the provider and the propagators available to the application's own instrumentation.
    pub(in crate::telemetry) fn make_global(&self) {
        if let Some(pipeline) = &self.0 {
            global::set_tracer_provider(pipeline.provider.clone());
            global::set_text_map_propagator(pipeline.propagation.propagator());
        }
    }

    pub(in crate::telemetry) fn bridge<S>(&self, subscriber: S) -> Bridged<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let layer = self.0.as_ref().map(|pipeline| {
            let tracer = pipeline.provider.tracer("tracing");
            let layer = tracing_opentelemetry::layer().with_tracer(tracer);
            // Source lines, and how often a span was polled, are for profilers.
            layer
                .with_location(false)
                .with_threads(false)
                .with_tracked_inactivity(false)
        });
        subscriber.with(layer)
    }
}

impl Pipeline {
    pub(super) fn new(service: &str, variables: Variables) -> Self {
        let resource = resource(service, &variables);
        let exporter = Exporter::new(&variables, &resource);
        let finished = FinishedSpans::new(variables.queue, variables.batch);
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_sampler(variables.sampler)
            .with_span_processor(finished.clone())
            .build();
        let scope = InstrumentationScope::builder("switchboard")
            .with_version(env!("CARGO_PKG_VERSION"))
            .with_schema_url(SCHEMA_URL)
            .build();
        Self {
            tracer: provider.tracer_with_scope(scope),
            finished,
            exporter,
            propagation: variables.propagation,
            provider,
        }
    }
}
