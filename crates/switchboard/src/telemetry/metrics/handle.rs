//! The handle by which handlers add metrics, and what the library counts.

use super::collected::{Dimensions, Refusal};
use super::metric::{
    BATCH_SIZE, ITERATOR_AGE, RECORDS, RECORDS_FAILED, RECORDS_REJECTED, RECORDS_SKIPPED, UNROUTED,
};
use super::{Collector, Dimension, Metric};
use crate::source::Source;
use crate::telemetry::scope::{Scope, current_source};
use std::fmt;
use std::sync::Arc;

/// CloudWatch accepts numbers from -2^360 to 2^360.
const MAX_VALUE: f64 = 2.348_542_582_773_833_3e108;

/// CloudWatch accepts this many dimensions besides `service` and `source`.
const MAX_DIMENSIONS: usize = 28;

/// The metrics of an invocation: [`Context::metrics`](crate::Context::metrics), or [`Metrics::current`] if there is no
/// context. They are written at the invocation's end, with the dimensions `service` and `source`.
///
/// Without a configured namespace nothing is collected. The same is true outside an invocation: in a separate task, for
/// example, unless [`in_scope`](crate::telemetry::in_scope) takes the invocation along.
///
/// # Example
///
/// ```
/// use aws_lambda_events::kinesis::KinesisEventRecord;
/// use switchboard::telemetry::{Dimension, Metric, Unit};
/// use switchboard::{Context, Failure, Router};
///
/// const ORDERS: Metric = Metric::new("OrdersAccepted", Unit::Count);
/// const SIZE: Metric = Metric::new("OrderSize", Unit::Bytes);
/// const COUNTRY: Dimension = Dimension::new("Country");
///
/// async fn on_record(record: KinesisEventRecord, cx: Context<()>) -> Result<(), Failure> {
///     cx.metrics().record(SIZE, record.kinesis.data.len() as f64);
///     cx.metrics().with(COUNTRY, "NL").add(ORDERS, 1);
///     Ok(())
/// }
/// # let _ = Router::new(()).kinesis(on_record);
/// ```
#[derive(Clone)]
pub struct Metrics {
    scope: Option<Arc<Scope>>,
    source: Source,
    dimensions: Option<Dimensions>,
}

impl Metrics {
    /// The metrics of the current task's invocation, with the source of the current record if there is one.
    #[must_use]
    pub fn current() -> Self {
        Self::of(current_source().unwrap_or(Source::Unknown))
    }

    /// The metrics of the current invocation, for this source.
    pub(crate) fn of(source: Source) -> Self {
        let collects = |scope: &Arc<Scope>| scope.metrics.is_some();
        Self {
            scope: Scope::current().filter(collects),
            source,
            dimensions: None,
        }
    }

    /// Adds to a counter. Everything added during an invocation becomes one value.
    pub fn add(&self, metric: Metric, more: u64) {
        if let Some((collector, _)) = self.collector(metric) {
            collector.add(self.source, self.dimensions.as_ref(), metric, more);
        }
    }

    /// Records a value. Each value is kept, so that CloudWatch can compute minimum, maximum and percentiles. Values
    /// that are not numbers, or beyond ±2^360, are refused: at the invocation's end, one line at WARN for each metric
    /// says how often, and shows the first such value.
    pub fn record(&self, metric: Metric, value: f64) {
        let Some((collector, scope)) = self.collector(metric) else {
            return;
        };
        if !(-MAX_VALUE..=MAX_VALUE).contains(&value) {
            return collector.refuse(Refusal::Value, metric.name, Some(value));
        }
        if collector.record(self.source, self.dimensions.as_ref(), metric, value) {
            collector.flush(scope);
        }
    }

    /// The same metrics with an additional dimension, for what is added or recorded through the result. CloudWatch
    /// accepts up to 1024 ASCII characters in its value: other characters are replaced by `?`, and an empty value by
    /// `-`. An existing dimension gets the new value. Beyond 30 dimensions further ones are refused, and a line at WARN
    /// says so at the invocation's end.
    #[must_use = "only what is added or recorded by the result has the dimension"]
    pub fn with(&self, dimension: Dimension, value: impl Into<String>) -> Self {
        let mut changed = self.clone();
        let Some(scope) = &self.scope else {
            return changed;
        };
        let most = MAX_DIMENSIONS - usize::from(scope.counts_by_tenant());
        let mut dimensions = self.dimensions.as_deref().unwrap_or_default().to_vec();
        let known = dimensions.iter().position(|(own, _)| *own == dimension);
        match known {
            Some(at) => dimensions[at].1 = value.into(),
            None if dimensions.len() < most => dimensions.push((dimension, value.into())),
            None => self.refuse(Refusal::Dimension, dimension.name),
        }
        changed.dimensions = Some(dimensions.into());
        changed
    }

    fn refuse(&self, why: Refusal, name: &'static str) {
        let collector = self.scope.as_ref().and_then(|scope| scope.metrics.as_ref());
        if let Some(collector) = collector {
            collector.refuse(why, name, None);
        }
    }

    fn collector(&self, metric: Metric) -> Option<(&Collector, &Scope)> {
        #[cfg(feature = "durable")]
        if crate::telemetry::replay::is_replaying() {
            return None;
        }
        let scope = self.scope.as_deref()?;
        let collector = scope.metrics.as_ref()?;
        let dimensions = self.dimensions.as_deref().unwrap_or_default();
        if dimensions
            .iter()
            .any(|(dimension, _)| dimension.name == metric.name)
        {
            collector.refuse(Refusal::Name, metric.name, None);
            return None;
        }
        Some((collector, scope))
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics")
            .field("source", &self.source)
            .field("dimensions", &self.dimensions)
            .finish_non_exhaustive()
    }
}

/// Counts a batch of `count` records; `age` returns the last one's age in milliseconds.
pub(crate) fn delivered(source: Source, count: usize, batch: bool, age: impl FnOnce() -> Option<f64>) {
    let metrics = Metrics::of(source);
    if metrics.scope.is_none() {
        return;
    }
    metrics.add(RECORDS, count as u64);
    // Zero is a value, too: without it, “none failed” could not be distinguished from “no data”.
    for outcome in [RECORDS_FAILED, RECORDS_REJECTED, RECORDS_SKIPPED] {
        metrics.add(outcome, 0);
    }
    if batch {
        metrics.record(BATCH_SIZE, count as f64);
    }
    if let Some(age) = age() {
        metrics.record(ITERATOR_AGE, age);
    }
}

/// Counts a record that failed or was rejected.
pub(crate) fn record_failed(source: Source, rejected: bool) {
    let metric = if rejected {
        RECORDS_REJECTED
    } else {
        RECORDS_FAILED
    };
    Metrics::of(source).add(metric, 1);
}

/// Counts a record that was done before and is skipped.
pub(crate) fn skipped(source: Option<Source>) {
    let metrics = source.map_or_else(Metrics::current, Metrics::of);
    metrics.add(RECORDS_SKIPPED, 1);
}

/// Counts an event whose source has no handler.
pub(crate) fn unrouted(source: Source) {
    Metrics::of(source).add(UNROUTED, 1);
}
