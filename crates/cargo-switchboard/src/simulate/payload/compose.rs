//! An event of several records, or of one.

use serde_json::json;

use super::item::Item;
use crate::simulate::source::{BatchSize, Source};

/// The event's JSON.
pub(in crate::simulate) fn compose(source: Source, items: &[Item]) -> String {
    let facts = source.facts();
    match (facts.batch, items) {
        (BatchSize::One, [item]) => (facts.record)(item).to_string(),
        (BatchSize::One | BatchSize::Records { .. }, _) => {
            json!({"Records": items.iter().map(facts.record).collect::<Vec<_>>()}).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::plan::{Record, plan};
    use crate::simulate::simulation::Simulation;
    use switchboard::source::detect;

    fn items(source: Source, records: usize) -> Vec<Item> {
        let plan = plan(&Simulation::new(source).records(records));
        let item = |(index, record): (usize, Record)| Item {
            index,
            task: record.task(0),
            record,
            receives: 1,
        };
        plan.into_iter().enumerate().map(item).collect()
    }

    #[test]
    fn every_event_is_known_as_its_sources() {
        for source in Source::ALL {
            for records in 1..=source.largest_batch_size().min(3) {
                let payload = compose(source, &items(source, records));
                let detected = detect(payload.as_bytes());
                assert_eq!(detected.source, source.facts().detected, "{payload}");
            }
        }
    }

    #[test]
    fn every_record_holds_what_it_is_told_to_do() {
        for source in Source::ALL {
            let payload = compose(source, &items(source, 1));
            let text = payload.replace("\\\"", "\"");
            // In Kinesis it is in base64.
            assert!(source == Source::Kinesis || text.contains("r-0"), "{payload}");
        }
    }
}
