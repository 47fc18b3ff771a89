//! The metrics of an invocation: series of values, by source and by the application's dimensions.

use super::document;
use super::metric::{COLD_START, DURATION, INVOCATIONS};
use super::{Dimension, Metric};
use crate::source::Source;
use crate::telemetry::scope::Scope;
use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// With more values than this, metrics are written before the invocation's end.
const MAX_VALUES: usize = 10_000;

/// The application's dimensions of a metric, in the order in which they were given.
pub(super) type Dimensions = Arc<[(Dimension, String)]>;

/// Collects an invocation's metrics.
pub(in crate::telemetry) struct Collector {
    started: Instant,
    collected: Mutex<Collected>,
}

#[derive(Default)]
struct Collected {
    groups: Vec<SeriesGroup>,
    values: usize,
    refused: Vec<RefusedEntry>,
    /// Whether the invocation's own metrics have been written.
    concluded: bool,
}

/// What was refused, and how often: one line at the end, however often it was tried.
pub(in crate::telemetry) struct RefusedEntry {
    why: Refusal,
    /// The name of the metric or the dimension.
    name: &'static str,
    /// The first refused value.
    value: Option<f64>,
    times: u64,
}

/// Why a value is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    /// The metric's value is not a number, or out of range.
    Value,
    /// The dimension has the metric's name.
    Name,
    /// There are as many dimensions as CloudWatch accepts.
    Dimension,
}

impl RefusedEntry {
    pub(in crate::telemetry) fn log(&self) {
        let Self {
            name, value, times, ..
        } = *self;
        match self.why {
            Refusal::Value => {
                tracing::warn!(
                    metric = name,
                    value,
                    times,
                    "CloudWatch does not accept the metric's value"
                );
            }
            Refusal::Name => tracing::warn!(metric = name, times, "a dimension has the metric's name"),
            Refusal::Dimension => {
                tracing::warn!(dimension = name, times, "more dimensions than CloudWatch accepts");
            }
        }
    }
}

/// Series with the same dimensions.
pub(super) struct SeriesGroup {
    pub(super) source: Source,
    pub(super) dimensions: Option<Dimensions>,
    pub(super) series: Vec<Series>,
}

/// The values of a metric.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) metric: Metric,
    pub(super) amount: Amount,
}

#[derive(Debug)]
pub(super) enum Amount {
    /// The sum, as one value.
    Sum(u64),
    /// Each value.
    Values(Vec<f64>),
}

impl Collector {
    pub(in crate::telemetry) fn new() -> Self {
        Self {
            started: Instant::now(),
            collected: Mutex::default(),
        }
    }

    pub(super) fn add(&self, source: Source, dimensions: Option<&Dimensions>, metric: Metric, more: u64) {
        let mut collected = self.lock();
        let sum = || Amount::Sum(0);
        if let Amount::Sum(sum) = collected.amount(source, dimensions, metric, sum) {
            *sum = sum.saturating_add(more);
        }
    }

    /// Returns whether the limit is reached.
    pub(super) fn record(
        &self,
        source: Source,
        dimensions: Option<&Dimensions>,
        metric: Metric,
        value: f64,
    ) -> bool {
        let mut collected = self.lock();
        let values = || Amount::Values(Vec::new());
        if let Amount::Values(values) = collected.amount(source, dimensions, metric, values) {
            values.push(value);
        }
        collected.values += 1;
        collected.values >= MAX_VALUES
    }

    /// Notes what was refused.
    pub(super) fn refuse(&self, why: Refusal, name: &'static str, value: Option<f64>) {
        let refused = &mut self.lock().refused;
        match refused.iter_mut().find(|one| one.why == why && one.name == name) {
            Some(one) => one.times += 1,
            None => refused.push(RefusedEntry {
                why,
                name,
                value,
                times: 1,
            }),
        }
    }

    /// Writes the metrics since the last time; at the end of the invocation, also the invocation's own.
    pub(super) fn flush(&self, scope: &Scope) {
        let groups = {
            let mut collected = self.lock();
            collected.values = 0;
            take(&mut collected.groups)
        };
        document::write(scope, &groups);
    }

    /// Returns what was refused.
    #[must_use]
    pub(in crate::telemetry) fn conclude(&self, scope: &Scope) -> Vec<RefusedEntry> {
        let source = scope.source().unwrap_or(Source::Unknown);
        if !std::mem::replace(&mut self.lock().concluded, true) {
            self.add(source, None, INVOCATIONS, 1);
            self.add(source, None, COLD_START, scope.cold_start.into());
            let duration = self.started.elapsed().as_secs_f64() * 1000.0;
            self.record(source, None, DURATION, (duration * 1000.0).round() / 1000.0);
        }
        self.flush(scope);
        take(&mut self.lock().refused)
    }

    fn lock(&self) -> MutexGuard<'_, Collected> {
        self.collected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collected {
    /// The metric's amount of this kind, created if it does not exist.
    fn amount(
        &mut self,
        source: Source,
        dimensions: Option<&Dimensions>,
        metric: Metric,
        empty: fn() -> Amount,
    ) -> &mut Amount {
        let groups = &mut self.groups;
        let same = |group: &SeriesGroup| group.source == source && group.dimensions.as_ref() == dimensions;
        let at = groups.iter().position(same).unwrap_or_else(|| {
            groups.push(SeriesGroup {
                source,
                dimensions: dimensions.cloned(),
                series: Vec::new(),
            });
            groups.len() - 1
        });
        let series = &mut groups[at].series;
        let kind = std::mem::discriminant(&empty());
        let same = |one: &Series| one.metric == metric && std::mem::discriminant(&one.amount) == kind;
        let at = series.iter().position(same).unwrap_or_else(|| {
            series.push(Series {
                metric,
                amount: empty(),
            });
            series.len() - 1
        });
        &mut series[at].amount
    }
}
