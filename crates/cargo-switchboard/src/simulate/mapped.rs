//! What the event source mapping knows of a simulation: its settings, and its records.

use std::time::Duration;

use event_source_mapping::{AnswerForm, QueueSettings, Record, StreamSettings};

use super::plan;
use super::simulation::Simulation;
use super::source::{AnswerKind, SourceKind};

/// The time between two records.
const BETWEEN: Duration = Duration::from_millis(100);
/// How long a tumbling window is.
const WINDOW: Duration = Duration::from_secs(2);

/// A record as the mapping sees it.
#[derive(Clone, Debug)]
pub(super) struct MappedRecord {
    pub(super) index: usize,
    pub(super) lane: usize,
    identifier: String,
    order_key: String,
}

impl MappedRecord {
    pub(super) fn new(index: usize, record: &plan::Record) -> Self {
        Self {
            index,
            lane: record.lane,
            identifier: record.identifier.clone(),
            order_key: record.lane.to_string(),
        }
    }
}

impl Record for MappedRecord {
    fn identifier(&self) -> &str {
        &self.identifier
    }

    fn sent(&self) -> Duration {
        BETWEEN * u32::try_from(self.index).unwrap_or(u32::MAX)
    }

    fn order_key(&self) -> Option<&str> {
        Some(&self.order_key)
    }
}

impl Simulation {
    /// The mapping of a lane: the simulation itself has split the shard.
    pub(super) fn stream_settings(&self) -> StreamSettings {
        let facts = self.source.facts();
        StreamSettings {
            batch_size: self.batch_size,
            maximum_retry_attempts: self.max_retries,
            maximum_record_age: self.max_age,
            bisect_batch_on_function_error: self.bisect,
            report_batch_item_failures: self.partial_answers,
            tumbling_window: (facts.kind == SourceKind::Windowed).then_some(WINDOW),
            answers: form(facts.answer),
            ..StreamSettings::default()
        }
    }

    pub(super) fn queue_settings(&self) -> QueueSettings {
        let facts = self.source.facts();
        QueueSettings {
            batch_size: self.batch_size,
            report_batch_item_failures: self.partial_answers,
            is_fifo: facts.is_ordered,
            answers: form(facts.answer),
            ..QueueSettings::default()
        }
    }
}

fn form(kind: AnswerKind) -> AnswerForm {
    match kind {
        AnswerKind::Of(form) => form,
        AnswerKind::Results | AnswerKind::Nothing => AnswerForm::Texts,
    }
}
