//! The log lines and metrics of one invocation, kept instead of written: for tests.

use super::layer::ScopeLayer;
use super::line::Format;
use super::metrics::MetricsSettings;
use super::settings::Settings;
use super::subscriber::{Filter, LogSubscriber};
use super::traces::Traces;
use crate::mode::Mode;
use serde_json::Value;
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::Dispatch;
use tracing::level_filters::LevelFilter;

/// Keeps what an invocation logs and counts.
pub(crate) struct Capture {
    written: Arc<Mutex<Vec<u8>>>,
    pub(crate) layer: ScopeLayer,
    pub(crate) subscriber: Dispatch,
}

impl Capture {
    /// With the log level that functions have on Lambda unless it is set.
    pub(crate) fn new() -> Self {
        let written = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&written);
        let settings = Arc::new(Settings {
            service: "test".to_owned(),
            function_name: "test".to_owned(),
            sample_rate: 0.0,
            buffer: 0,
            #[cfg(feature = "durable")]
            replays: false,
            metrics: Some(MetricsSettings {
                namespace: "test".to_owned(),
                level: None,
                by_tenant: false,
            }),
            traces: Traces::OFF,
            output: Box::new(move |lines| {
                keep.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend_from_slice(lines);
            }),
        });
        let logs = LogSubscriber::new(
            Arc::clone(&settings),
            Filter::Level(LevelFilter::INFO),
            Format::Json,
        );
        Self {
            written,
            layer: ScopeLayer::captured(settings, Mode::Classic),
            subscriber: Dispatch::new(logs),
        }
    }

    /// The log lines, and the documents of metrics.
    pub(crate) fn lines(&self) -> (Vec<Value>, Vec<Value>) {
        let written = take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        let lines = serde_json::Deserializer::from_slice(&written).into_iter();
        // The library writes whole lines of JSON.
        let lines: Vec<Value> = lines.map_while(Result::ok).collect();
        lines.into_iter().partition(|line| line.get("_aws").is_none())
    }
}
