//! What holds for the events of every source.

use super::Item;
use crate::simulate::plan::{Record, plan};
use crate::simulate::{Simulation, Source};
use switchboard::source::detect;

fn items(source: Source, records: usize) -> Vec<Item> {
    let plan = plan(&Simulation::new(source).records(records));
    let item = |(index, record): (usize, Record)| Item {
        index,
        task: record.task(0),
        record,
        receives: 1,
        body: None,
    };
    plan.into_iter().enumerate().map(item).collect()
}

#[test]
fn every_event_is_known_as_its_sources() {
    for source in Source::ALL {
        for records in 1..=source.largest_batch_size().min(3) {
            let payload = (source.facts().event)(&items(source, records)).to_string();
            let detected = detect(payload.as_bytes());
            assert_eq!(detected.source, source.facts().detected, "{payload}");
        }
    }
}

#[test]
fn a_record_is_the_same_whatever_it_is_delivered_with() {
    for source in Source::ALL {
        let event = source.facts().event;
        let (alone, again) = (event(&items(source, 1)), event(&items(source, 1)));
        assert_eq!(alone, again);
        if source.largest_batch_size() > 1 {
            let among = event(&items(source, 2));
            let first = |event: &serde_json::Value| {
                let records = [&event["Records"][0], &event["records"][0], &event[0]];
                records.into_iter().find(|record| !record.is_null()).cloned()
            };
            assert_eq!(first(&alone), first(&among));
        }
    }
}
