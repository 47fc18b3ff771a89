//! What is written, for fuzz targets to read.

use super::line::Format;
use super::metrics::MetricsSettings;
use super::scope::Scope;
use super::settings::Settings;
use super::subscriber::{Filter, LogSubscriber};
use super::traces::Traces;
use lambda_runtime::Context;
use std::cell::RefCell;
use std::mem::take;
use std::sync::{Arc, LazyLock};
use tracing::Dispatch;
use tracing_subscriber::filter::LevelFilter;

thread_local! {
    static WRITTEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

static SETTINGS: LazyLock<Arc<Settings>> = LazyLock::new(|| {
    Arc::new(Settings {
        service: "orders".to_owned(),
        function_name: "orders-live".to_owned(),
        sample_rate: 0.0,
        buffer: 0,
        #[cfg(feature = "durable")]
        replays: false,
        metrics: Some(MetricsSettings {
            namespace: "Shop".to_owned(),
            level: None,
            by_tenant: false,
        }),
        traces: Traces::OFF,
        output: Box::new(|lines| WRITTEN.with_borrow_mut(|written| written.extend_from_slice(lines))),
    })
});

static JSON: LazyLock<Dispatch> = LazyLock::new(|| logs(Format::Json));
static TEXT: LazyLock<Dispatch> = LazyLock::new(|| logs(Format::Text { colour: false }));

fn logs(format: Format) -> Dispatch {
    let filter = Filter::Level(LevelFilter::TRACE);
    Dispatch::new(LogSubscriber::new(Arc::clone(&SETTINGS), filter, format))
}

/// The lines that `run` causes in an invocation with this context, metrics last, as JSON or as text.
pub fn written(context: &Context, as_json: bool, run: impl FnOnce()) -> Vec<u8> {
    let logs = if as_json { &*JSON } else { &*TEXT };
    let scope = Scope::new(Arc::clone(&SETTINGS), context, false);
    tracing::dispatcher::with_default(logs, || {
        scope.enter(run);
        scope.conclude();
    });
    WRITTEN.with_borrow_mut(take)
}
