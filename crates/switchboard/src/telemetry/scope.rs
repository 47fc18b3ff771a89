//! The scope of an invocation and of a record in it: what every log line says about where it belongs.
//!
//! Both travel with their future, whichever thread polls it, and cost only their creation: ids are not looked up unless
//! a line is written.

use super::correlation;
use super::metrics::{Collector, MetricsSettings, RefusedEntry};
use super::settings::Settings;
use super::traces::{self, InvocationSpan};
use super::tracing_header;
use crate::event::LogFields;
use crate::event::durable::Execution;
use crate::source::Source;
use bytes::Bytes;
use futures_util::future::Either;
use lambda_runtime::Context;
use std::cell::OnceCell;
use std::collections::VecDeque;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::take;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::task::futures::TaskLocalFuture;

tokio::task_local! {
    static INVOCATION: Arc<Scope>;
    static RECORD: RecordScope;
}

/// What all lines of an invocation have in common.
pub(super) struct Scope {
    pub(super) settings: Arc<Settings>,
    pub(super) request_id: String,
    /// The tracing header, unparsed: most invocations write no line that needs the trace's id.
    tracing_header: Option<String>,
    /// With tenant isolation.
    pub(super) tenant_id: Option<String>,
    pub(super) cold_start: bool,
    /// Whether its debug lines are written.
    pub(super) sampled: bool,
    /// `None` unless there is a namespace for metrics.
    pub(super) metrics: Option<Collector>,
    pub(super) trace: InvocationSpan,
    event: OnceLock<ReceivedEvent>,
    /// `None` unless the function is durable.
    execution: OnceLock<Arc<Execution>>,
    /// `None` unless debug lines are buffered.
    held: Option<Mutex<HeldLines>>,
}

/// The event that the function was invoked with.
struct ReceivedEvent {
    source: Source,
    /// Empty if nothing needs to be looked up in it.
    payload: Bytes,
    correlation_id: OnceLock<Option<String>>,
}

/// Debug lines that are written if the invocation fails.
#[derive(Default)]
pub(super) struct HeldLines {
    pub(super) lines: VecDeque<Vec<u8>>,
    size: usize,
    /// How many lines did not fit.
    pub(super) evicted: u64,
}

impl Scope {
    /// Whether the tenant is a dimension of the metrics.
    pub(super) fn counts_by_tenant(&self) -> bool {
        let by_tenant = |settings: &MetricsSettings| settings.by_tenant;
        self.tenant_id.is_some() && self.settings.metrics.as_ref().is_some_and(by_tenant)
    }

    pub(super) fn new(settings: Arc<Settings>, context: &Context, cold_start: bool) -> Arc<Self> {
        Arc::new(Self {
            sampled: is_sampled(&context.request_id, settings.sample_rate),
            request_id: context.request_id.clone(),
            tracing_header: context.xray_trace_id.clone(),
            tenant_id: context.tenant_id.clone(),
            cold_start,
            metrics: settings.metrics.as_ref().map(|_| Collector::new()),
            trace: InvocationSpan::begin(&settings.traces, context, cold_start),
            held: (settings.buffer > 0).then(Mutex::default),
            settings,
            event: OnceLock::new(),
            execution: OnceLock::new(),
        })
    }

    pub(super) fn current() -> Option<Arc<Self>> {
        INVOCATION.try_with(Arc::clone).ok()
    }

    /// Whether debug lines are wanted, now or later.
    pub(super) fn current_looks_deeper() -> bool {
        let deeper = |scope: &Arc<Self>| scope.sampled || scope.settings.buffer > 0;
        INVOCATION.try_with(deeper).unwrap_or(false)
    }

    /// Calls `call` in this scope.
    pub(super) fn enter<R>(self: &Arc<Self>, call: impl FnOnce() -> R) -> R {
        INVOCATION.sync_scope(Arc::clone(self), call)
    }

    /// Runs the future in this scope.
    pub(super) fn around<F: Future>(self: Arc<Self>, future: F) -> TaskLocalFuture<Arc<Self>, F> {
        INVOCATION.scope(self, future)
    }

    /// The trace's id, `1-…`.
    pub(super) fn trace_id(&self) -> Option<&str> {
        self.tracing_header.as_deref().and_then(root)
    }

    pub(super) fn source(&self) -> Option<Source> {
        self.event.get().map(|event| event.source)
    }

    /// The ARN and the name of the durable execution, by the keys that log lines have for them.
    pub(super) fn execution(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let execution = self.execution.get();
        let arn = execution.and_then(|execution| Some(("executionArn", execution.arn()?)));
        let name = execution.and_then(|execution| Some(("executionName", execution.name()?)));
        arn.into_iter().chain(name)
    }

    pub(super) fn correlation_id(&self) -> Option<&str> {
        let event = self.event.get()?;
        let find = || correlation::find(event.source, &event.payload);
        event.correlation_id.get_or_init(find).as_deref()
    }

    /// Buffers a line in case the invocation fails; the oldest lines are dropped.
    pub(super) fn hold(&self, line: Vec<u8>) {
        let Some(held) = &self.held else { return };
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        held.size += line.len();
        held.lines.push_back(line);
        while held.size > self.settings.buffer {
            let Some(oldest) = held.lines.pop_front() else {
                break;
            };
            held.size -= oldest.len();
            held.evicted += 1;
        }
    }

    /// The invocation is about to run out of time.
    pub(super) fn run_out(self: &Arc<Self>) {
        self.enter(|| tracing::error!("the invocation's time runs out"));
        self.conclude();
    }

    /// Writes the metrics, and logs what was refused.
    pub(super) fn conclude(self: &Arc<Self>) {
        if let Some(metrics) = &self.metrics {
            let refused = metrics.conclude(self);
            if !refused.is_empty() {
                // The code that ends the invocation need not be in its scope.
                self.enter(|| refused.iter().for_each(RefusedEntry::log));
            }
        }
    }

    /// The buffered lines.
    pub(super) fn release(&self) -> HeldLines {
        let held = self.held.as_ref();
        held.map(|held| take(&mut *held.lock().unwrap_or_else(PoisonError::into_inner)))
            .unwrap_or_default()
    }
}

/// A record's part of the scope. Its id is looked up when a line is written.
#[derive(Clone)]
pub(crate) struct RecordScope {
    source: Source,
    raw: Bytes,
    log_fields: &'static LogFields,
    correlation_id: OnceCell<Option<String>>,
}

impl RecordScope {
    pub(crate) fn new(source: Source, raw: Bytes, log_fields: &'static LogFields) -> Self {
        Self {
            source,
            raw,
            log_fields,
            correlation_id: OnceCell::new(),
        }
    }
}

/// The source and the id of the current record, if there is one.
pub(super) fn current_record() -> Option<(Source, Option<String>)> {
    let found = |record: &RecordScope| {
        let id = record
            .correlation_id
            .get_or_init(|| record.log_fields.correlation_id(&record.raw));
        (record.source, id.clone())
    };
    RECORD.try_with(found).ok()
}

/// The current record's part of the scope, to be moved elsewhere.
pub(super) fn record() -> Option<RecordScope> {
    RECORD.try_with(RecordScope::clone).ok()
}

/// Calls `call` in the scope of that record.
pub(super) fn in_record<R>(record: Option<RecordScope>, call: impl FnOnce() -> R) -> R {
    match record {
        Some(record) => RECORD.sync_scope(record, call),
        None => call(),
    }
}

/// The source of the current record, or else of the current invocation.
pub(super) fn current_source() -> Option<Source> {
    let record = RECORD.try_with(|record| record.source).ok();
    record.or_else(|| INVOCATION.try_with(|scope| scope.source()).ok().flatten())
}

/// Runs the future in the scope of a record, if the invocation has one.
pub(crate) fn within<F: Future>(
    record: impl FnOnce() -> RecordScope,
    future: F,
) -> Either<TaskLocalFuture<RecordScope, F>, F> {
    match INVOCATION.try_with(|_| ()) {
        Ok(()) => Either::Left(RECORD.scope(record(), future)),
        Err(_) => Either::Right(future),
    }
}

/// Records the source of the current invocation.
pub(crate) fn detected(source: Source, payload: &Bytes) {
    let _ = INVOCATION.try_with(|scope| {
        scope.event.get_or_init(|| ReceivedEvent {
            source,
            payload: match correlation::has_one(source) {
                true => payload.clone(),
                false => Bytes::new(),
            },
            correlation_id: OnceLock::new(),
        });
        scope.trace.detected(source, payload);
    });
}

/// Records the durable execution of the current invocation.
pub(crate) fn executing(execution: &Arc<Execution>) {
    let _ = INVOCATION.try_with(|scope| {
        let execution = scope.execution.get_or_init(|| Arc::clone(execution));
        scope.trace.executing(execution);
    });
}

/// Moves the current scope of the invocation and the record to where the future runs: into a task of its own, for
/// example, whose log lines would otherwise belong to no invocation.
///
/// # Example
///
/// ```
/// use aws_lambda_events::s3::S3EventRecord;
/// use switchboard::{Context, Failure, telemetry};
///
/// async fn on_object(_record: S3EventRecord, _cx: Context<()>) -> Result<(), Failure> {
///     let work = async { tracing::info!("beside the handler, and still of its record") };
///     tokio::spawn(telemetry::in_scope(work)).await?;
///     Ok(())
/// }
/// # let _ = switchboard::Router::new(()).s3(on_object);
/// ```
pub fn in_scope<F: Future>(future: F) -> impl Future<Output = F::Output> {
    // Taken now: the first poll may happen elsewhere.
    let (scope, record) = (Scope::current(), record());
    let future = tracing_header::in_trace(tracing_header::current(), traces::along(future));
    async move {
        match (scope, record) {
            (Some(scope), Some(record)) => scope.around(RECORD.scope(record, future)).await,
            (Some(scope), None) => scope.around(future).await,
            (None, _) => future.await,
        }
    }
}

/// Decided by the request id, so that an event that is delivered again is sampled again.
fn is_sampled(request_id: &str, rate: f64) -> bool {
    if rate <= 0.0 {
        return false;
    }
    let mut hasher = DefaultHasher::new();
    request_id.hash(&mut hasher);
    let place = hasher.finish() as f64 / u64::MAX as f64;
    place < rate || rate >= 1.0
}

/// The trace's id in a tracing header, `Root=1-…;Parent=…;Sampled=…`. AWS X-Ray Developer Guide, “Tracing header”.
fn root(header: &str) -> Option<&str> {
    let mut parts = header.split(';').map(str::trim);
    parts.find_map(|part| part.strip_prefix("Root="))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_traces_root_is_found_at_any_position() {
        let id = "1-5759e988-bd862e3fe1be46a994272793";
        assert_eq!(root(&format!("Root={id};Parent=53;Sampled=1")), Some(id));
        assert_eq!(root(&format!("Self=1-6; Root={id};Sampled=0")), Some(id));
        assert_eq!(root("Parent=53995c3f42cd8ad8"), None);
    }

    #[test]
    fn the_rate_is_the_share_of_invocations_that_are_sampled() {
        let ids: Vec<String> = (0..10_000u32).map(|n| format!("request-{n}")).collect();
        let share = |rate: f64| ids.iter().filter(|id| is_sampled(id, rate)).count();
        assert_eq!((share(0.0), share(1.0)), (0, ids.len()));
        // Five standard deviations.
        assert!((2_784..=3_216).contains(&share(0.3)), "{}", share(0.3));
    }

    proptest! {
        #[test]
        fn what_a_low_rate_samples_a_higher_one_does_as_well(id in ".{0,40}", a in 0.0..=1.0f64, b in 0.0..=1.0f64) {
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(!is_sampled(&id, low) || is_sampled(&id, high));
        }
    }
}
