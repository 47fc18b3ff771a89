//! A subscriber that is made when the first line is to be written: its registry of spans fills 32 KB, which a function
//! need not wait for before it polls, nor ever if it writes nothing.

use std::sync::OnceLock;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_core::span::Current;
use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Filter;

/// Whoever writes the lines.
pub(super) type Writer = Box<dyn Subscriber + Send + Sync>;

/// Lets through what its filter does, to a writer that is made for the first that gets through.
pub(super) struct Lazy<F> {
    filter: Targets,
    make: F,
    made: OnceLock<Writer>,
}

impl<F: Fn() -> Writer> Lazy<F> {
    /// The writer is not to have a filter of its own: it is asked about nothing beforehand.
    pub(super) fn new(filter: Targets, make: F) -> Self {
        Self {
            filter,
            make,
            made: OnceLock::new(),
        }
    }

    fn writer(&self) -> &Writer {
        self.made.get_or_init(&self.make)
    }
}

impl<F: Fn() -> Writer + 'static> Subscriber for Lazy<F> {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        match self.enabled(metadata) {
            true => Interest::always(),
            false => Interest::never(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.filter.would_enable(metadata.target(), metadata.level())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Filter::<Registry>::max_level_hint(&self.filter)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.writer().new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.writer().record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.writer().record_follows_from(span, follows);
    }

    fn event(&self, event: &Event<'_>) {
        self.writer().event(event);
    }

    fn enter(&self, span: &Id) {
        self.writer().enter(span);
    }

    fn exit(&self, span: &Id) {
        self.writer().exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.writer().clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.writer().try_close(id)
    }

    fn current_span(&self) -> Current {
        self.made
            .get()
            .map_or_else(Current::none, |made| made.current_span())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::{fmt, registry};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_writer_is_made_once_for_the_first_that_passes_the_filter() {
        let (made, lines) = (Arc::new(AtomicUsize::new(0)), Lines::default());
        let (counter, output) = (Arc::clone(&made), lines.clone());
        let filter = "info,quiet=error".parse().unwrap();
        let lazy = Lazy::new(filter, move || {
            counter.fetch_add(1, Ordering::Relaxed);
            let layer = fmt::layer().without_time().with_ansi(false);
            let output = output.clone();
            Box::new(registry().with(layer.with_writer(move || output.clone())))
        });
        tracing::subscriber::with_default(lazy, || {
            tracing::debug!("too low");
            assert!(tracing::Span::current().is_none());
            tracing::info!(target: "quiet", "too low there");
            let nothing = tracing::debug_span!("nothing").entered();
            drop(nothing);
            assert_eq!(made.load(Ordering::Relaxed), 0);
            let outer = tracing::info_span!("outer", id = 7).entered();
            tracing::info!("inside");
            assert_eq!(tracing::Span::current().id(), outer.id());
            drop(outer);
            tracing::info!("outside");
            assert!(tracing::Span::current().is_none());
        });
        assert_eq!(made.load(Ordering::Relaxed), 1);
        let lines = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let ends: Vec<&str> = lines.lines().map(str::trim_start).collect();
        let target = module_path!();
        assert_eq!(
            ends,
            [
                format!("INFO outer{{id=7}}: {target}: inside"),
                format!("INFO {target}: outside")
            ]
        );
    }
}
