//! Metrics in CloudWatch's embedded metric format, one flush per invocation.

mod unit;
pub use unit::Unit;

mod metric;
pub use metric::{Dimension, Metric};

mod handle;
pub use handle::Metrics;
pub(crate) use handle::{delivered, record_failed, skipped, unrouted};

mod collected;
pub(super) use collected::{Collector, RefusedEntry};

mod document;

mod settings;
pub(super) use settings::MetricsSettings;
