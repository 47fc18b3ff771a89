//! The subscriber, which writes events as lines. The registry of spans is created when the first span is opened, and
//! the library itself opens none: so a function does not wait for its 32 KB before it polls.

use super::fields::Fields;
use super::line::{Format, LogLine};
use super::scope::{HeldLines, Scope};
use super::settings::Settings;
use super::traces::Bridged;
use std::sync::{Arc, OnceLock};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_core::span::Current;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{self, Context, Layer, Layered, SubscriberExt as _};
use tracing_subscriber::{Registry, registry};

/// Writes what its filter allows, and what sampling and buffering add.
pub(super) struct LogSubscriber {
    lines: Arc<Lines>,
    spans: OnceLock<SpanRegistry>,
}

/// The registry of spans and their fields.
type SpanRegistry = Bridged<Layered<SpanFields, Registry>>;

impl LogSubscriber {
    pub(super) fn new(settings: Arc<Settings>, filter: Filter, format: Format) -> Self {
        let lines = Lines {
            settings,
            filter,
            format,
        };
        Self {
            lines: Arc::new(lines),
            spans: OnceLock::new(),
        }
    }

    fn spans(&self) -> &SpanRegistry {
        let make = || {
            let spans = registry().with(SpanFields(Arc::clone(&self.lines)));
            self.lines.settings.traces.bridge(spans)
        };
        self.spans.get_or_init(make)
    }
}

impl Subscriber for LogSubscriber {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        match self.lines.lets_through(metadata) {
            true => Interest::always(),
            false if self.lines.may_be_asked_for(metadata) => Interest::sometimes(),
            false => Interest::never(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.lines.lets_through(metadata)
            || (self.lines.may_be_asked_for(metadata) && Scope::current_looks_deeper())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let hint = self.lines.filter.max_level_hint();
        match self.lines.settings.looks_deeper() {
            true => hint.map(|level| level.max(LevelFilter::DEBUG)),
            false => hint,
        }
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.spans().new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.spans().record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.spans().record_follows_from(span, follows);
    }

    fn event(&self, event: &Event<'_>) {
        match self.spans.get() {
            Some(spans) => spans.event(event),
            None => self.lines.event(event, Fields::default()),
        }
    }

    fn enter(&self, span: &Id) {
        self.spans().enter(span);
    }

    fn exit(&self, span: &Id) {
        self.spans().exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.spans().clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.spans().try_close(id)
    }

    fn current_span(&self) -> Current {
        self.spans
            .get()
            .map_or_else(Current::none, |spans| spans.current_span())
    }
}

/// Makes lines of events.
struct Lines {
    settings: Arc<Settings>,
    filter: Filter,
    format: Format,
}

/// Which events are written.
pub(super) enum Filter {
    /// Lines of this level and above.
    Level(LevelFilter),
    /// By target.
    Targets(Box<Targets>),
}

impl Filter {
    fn lets_through(&self, metadata: &Metadata<'_>) -> bool {
        match self {
            Self::Level(level) => metadata.level() <= level,
            Self::Targets(targets) => targets.would_enable(metadata.target(), metadata.level()),
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        match self {
            Self::Level(level) => Some(*level),
            Self::Targets(targets) => layer::Filter::<Registry>::max_level_hint(&**targets),
        }
    }
}

impl Lines {
    fn lets_through(&self, metadata: &Metadata<'_>) -> bool {
        self.filter.lets_through(metadata)
    }

    /// Sampling and buffering never include anything below DEBUG, where payloads are logged.
    fn may_be_asked_for(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::DEBUG && self.settings.looks_deeper()
    }

    /// Writes the event, or buffers it in case the invocation fails. An error releases the buffer.
    fn event(&self, event: &Event<'_>, mut fields: Fields) {
        #[cfg(feature = "durable")]
        if super::replay::is_replaying() && !self.settings.replays {
            return;
        }
        event.record(&mut fields);
        let (metadata, scope) = (event.metadata(), Scope::current());
        let held = match &scope {
            Some(scope) if *metadata.level() == Level::ERROR => scope.release(),
            _ => HeldLines::default(),
        };
        if held.evicted > 0 {
            fields.put(
                "evicted_lines",
                super::fields::FieldValue::Unsigned(held.evicted.into()),
            );
        }
        let line = LogLine {
            settings: &self.settings,
            scope: scope.as_deref(),
            metadata,
            fields,
        };
        let line = line.write(self.format);
        match &scope {
            Some(scope) if !scope.sampled && !self.lets_through(metadata) => scope.hold(line),
            _ => {
                let write = &self.settings.output;
                held.lines.iter().for_each(|line| write(line));
                write(&line);
            }
        }
    }
}

/// Keeps the fields of spans for the lines inside them.
struct SpanFields(Arc<Lines>);

impl Layer<Registry> for SpanFields {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, cx: Context<'_, Registry>) {
        let Some(span) = cx.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, cx: Context<'_, Registry>) {
        let Some(span) = cx.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, cx: Context<'_, Registry>) {
        let mut fields = Fields::default();
        for span in cx
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(own) = span.extensions().get::<Fields>() {
                fields.extend(own);
            }
        }
        // A message belongs to the event.
        fields.take("message");
        self.0.event(event, fields);
    }
}
