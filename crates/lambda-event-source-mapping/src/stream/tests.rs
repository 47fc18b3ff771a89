//! Lanes and shards: what comes next after each answer.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::{Lane, Shard, StreamCommand, StreamSettings};
use crate::{Answer, Batch, Condition, Record, WindowFrame};

#[derive(Clone, Debug, Eq, PartialEq)]
struct Sample {
    number: u64,
    name: String,
    key: String,
    sent: Duration,
    size: usize,
}

impl Sample {
    fn new(number: u64) -> Self {
        Self {
            number,
            name: number.to_string(),
            key: (number % 3).to_string(),
            sent: Duration::from_secs(number),
            size: 0,
        }
    }
}

impl Record for Sample {
    fn identifier(&self) -> &str {
        &self.name
    }

    fn sent(&self) -> Duration {
        self.sent
    }

    fn order_key(&self) -> Option<&str> {
        Some(&self.key)
    }

    fn size(&self) -> usize {
        self.size
    }
}

fn lane(settings: StreamSettings, numbers: std::ops::Range<u64>) -> Lane<Sample> {
    let mut lane = Lane::new(settings);
    numbers.for_each(|number| lane.received(Duration::ZERO, number, Sample::new(number)));
    lane
}

fn settings() -> StreamSettings {
    StreamSettings {
        batch_size: 4,
        ..StreamSettings::default()
    }
}

fn invoke(lane: &mut Lane<Sample>, now: u64) -> Batch<Sample> {
    match lane.next(Duration::from_secs(now)) {
        Some(StreamCommand::Invoke(batch)) => batch,
        other => panic!("{other:?}"),
    }
}

fn numbers(batch: &Batch<Sample>) -> Vec<u64> {
    batch.records.iter().map(|record| record.number).collect()
}

fn failing(names: &[&str]) -> Vec<u8> {
    let items: Vec<_> = names
        .iter()
        .map(|name| serde_json::json!({"itemIdentifier": name}))
        .collect();
    serde_json::json!({"batchItemFailures": items})
        .to_string()
        .into_bytes()
}

const AT_ONCE: Duration = Duration::ZERO;

#[test]
fn everything_behind_the_lowest_failure_comes_again_as_a_new_batch() {
    let mut lane = lane(settings(), 0..6);
    let batch = invoke(&mut lane, 0);
    assert_eq!(numbers(&batch), [0, 1, 2, 3]);
    let settled = lane.answered(AT_ONCE, batch, Answer::Reply(&failing(&["3", "2"])));
    assert_eq!((settled.done, settled.again), (2, 2));
    let rest = invoke(&mut lane, 0);
    assert_eq!((numbers(&rest), rest.failures()), (vec![2, 3], 0));
    lane.answered(AT_ONCE, rest, Answer::Reply(b""));
    assert_eq!(numbers(&invoke(&mut lane, 0)), [4, 5]);
}

#[test]
fn without_partial_answers_only_an_error_is_a_failure() {
    let mut lane = lane(
        StreamSettings {
            report_batch_item_failures: false,
            ..settings()
        },
        0..4,
    );
    let batch = invoke(&mut lane, 0);
    assert_eq!(
        lane.answered(AT_ONCE, batch, Answer::Reply(&failing(&["0"])))
            .done,
        4
    );
}

#[test]
fn retries_wait_and_have_an_end() {
    let mut lane = lane(
        StreamSettings {
            maximum_retry_attempts: Some(2),
            ..settings()
        },
        0..5,
    );
    for (now, failures) in [(0, 0), (1, 1), (3, 2)] {
        let batch = invoke(&mut lane, now);
        assert_eq!((numbers(&batch).len(), batch.failures()), (4, failures));
        lane.answered(Duration::from_secs(now), batch, Answer::FunctionError);
        if failures < 2 {
            assert_eq!(lane.next(Duration::from_secs(now)), None);
            assert_eq!(lane.wake_at(), Some(Duration::from_secs(now + (1 << failures))));
        }
    }
    let Some(StreamCommand::Discard(discarded)) = lane.next(Duration::from_secs(3)) else {
        panic!("it should be given up");
    };
    assert_eq!((discarded.attempts, discarded.records.len()), (3, 4));
    assert_eq!(discarded.condition, Condition::RetryAttemptsExhausted);
    // Until the destination has it, nothing else happens.
    assert_eq!(lane.next(Duration::from_secs(9)), None);
    lane.discarded(&discarded);
    assert_eq!(numbers(&invoke(&mut lane, 9)), [4]);
}

#[test]
fn a_lost_answer_is_no_retry() {
    let mut lane = lane(
        StreamSettings {
            maximum_retry_attempts: Some(0),
            ..settings()
        },
        0..4,
    );
    let batch = invoke(&mut lane, 0);
    lane.answered(AT_ONCE, batch, Answer::Lost);
    assert_eq!(invoke(&mut lane, 0).failures(), 0);
}

#[test]
fn halves_have_their_retries_to_themselves() {
    let bisecting = StreamSettings {
        bisect_batch_on_function_error: true,
        maximum_retry_attempts: Some(0),
        batch_size: 3,
        ..settings()
    };
    let mut lane = lane(bisecting, 4..7);
    let batch = invoke(&mut lane, 0);
    assert!(lane.answered(AT_ONCE, batch, Answer::FunctionError).bisected);
    let first = invoke(&mut lane, 0);
    assert_eq!((numbers(&first), first.failures()), (vec![4], 0));
    assert_eq!(lane.answered(AT_ONCE, first, Answer::FunctionError).discarded, 1);
    let Some(StreamCommand::Discard(discarded)) = lane.next(AT_ONCE) else {
        panic!("it should be given up");
    };
    lane.discarded(&discarded);
    assert_eq!(numbers(&invoke(&mut lane, 0)), [5, 6]);
}

#[test]
fn records_that_are_too_old_are_given_up_and_the_others_delivered() {
    let aging = StreamSettings {
        maximum_record_age: Some(Duration::from_secs(60)),
        ..settings()
    };
    let mut lane = lane(aging, 0..3);
    let Some(StreamCommand::Discard(old)) = lane.next(Duration::from_secs(62)) else {
        panic!("two are too old");
    };
    assert_eq!((old.records.len(), old.attempts, old.ending), (2, 1, None));
    lane.discarded(&old);
    assert_eq!(numbers(&invoke(&mut lane, 62)), [2]);
}

#[test]
fn a_batch_waits_for_its_window_unless_it_is_full() {
    let patient = StreamSettings {
        maximum_batching_window: Duration::from_secs(5),
        ..settings()
    };
    let mut lane = lane(patient, 0..3);
    assert_eq!(lane.next(Duration::from_secs(4)), None);
    assert_eq!(lane.wake_at(), Some(Duration::from_secs(5)));
    lane.received(Duration::from_secs(4), 3, Sample::new(3));
    assert_eq!(numbers(&invoke(&mut lane, 4)), [0, 1, 2, 3]);
}

#[test]
fn an_event_has_no_more_than_six_megabytes() {
    let mut lane = Lane::new(settings());
    for (number, megabytes) in [(0, 3), (1, 4), (2, 7), (3, 1)] {
        let size = megabytes << 20;
        lane.received(
            AT_ONCE,
            number,
            Sample {
                size,
                ..Sample::new(number)
            },
        );
    }
    for expected in [0, 1, 2, 3] {
        let batch = invoke(&mut lane, 0);
        assert_eq!(numbers(&batch), [expected]);
        lane.answered(AT_ONCE, batch, Answer::Reply(b"null"));
    }
}

#[test]
fn a_window_ends_when_later_records_are_there_and_the_state_goes_on() {
    let windows = StreamSettings {
        tumbling_window: Some(Duration::from_secs(2)),
        ..settings()
    };
    let mut lane = lane(windows, 0..3);
    let batch = invoke(&mut lane, 2);
    assert_eq!(numbers(&batch), [0, 1]);
    assert_eq!(
        batch.window,
        Some(WindowFrame::around(Duration::ZERO, Duration::from_secs(2)))
    );
    // Without a state the invocation has failed.
    lane.answered(AT_ONCE, batch, Answer::Reply(b"{}"));
    let batch = invoke(&mut lane, 2);
    lane.answered(AT_ONCE, batch, Answer::Reply(br#"{"state":{"n":2}}"#));
    let end = invoke(&mut lane, 2);
    let window = end.window.clone().unwrap();
    assert!(end.records.is_empty() && window.is_final);
    assert_eq!(window.state, serde_json::json!({"n": 2}));
    lane.answered(AT_ONCE, end, Answer::Reply(br#"{"state":{"n":3}}"#));
    let batch = invoke(&mut lane, 2);
    assert_eq!(
        (numbers(&batch), batch.window.clone().unwrap().state),
        (vec![2], serde_json::json!({}))
    );
    lane.answered(AT_ONCE, batch, Answer::Reply(br#"{"state":1}"#));
    assert_eq!(lane.next(Duration::from_secs(4)), None);
    assert!(invoke(&mut lane, 5).window.unwrap().is_final);
}

/// How the function answers an invocation.
#[derive(Clone, Debug)]
enum Said {
    Done,
    Partly(Vec<prop::sample::Index>),
    Error,
    Lost,
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        4 => Just(Said::Done),
        2 => prop::collection::vec(any::<prop::sample::Index>(), 1..3).prop_map(Said::Partly),
        2 => Just(Said::Error),
        1 => Just(Said::Lost),
    ]
}

proptest! {
    /// Whatever the function answers: each record is done or given up exactly once, in the order of its key, and the checkpoint
    /// never passes one that is neither.
    #[test]
    fn nothing_is_lost_repeated_or_overtaken(
        answers in prop::collection::vec(said(), 0..40),
        count in 1_u64..40,
        batch_size in 1_usize..8,
        factor in 1_usize..4,
        bisect: bool,
        retries in prop::option::of(0_u32..3),
        age in prop::option::of(0_u64..50),
    ) {
        let mut shard = Shard::new(StreamSettings {
            batch_size,
            parallelization_factor: factor,
            bisect_batch_on_function_error: bisect,
            maximum_retry_attempts: retries,
            maximum_record_age: age.map(Duration::from_secs),
            ..StreamSettings::default()
        });
        let mut through: BTreeMap<u64, usize> = BTreeMap::new();
        let mut last: BTreeMap<String, u64> = BTreeMap::new();
        let mut answers = answers.into_iter();
        let (mut now, mut next, mut under_way) = (Duration::ZERO, 0, Vec::new());
        loop {
            while next < count && shard.wants() > 0 {
                shard.received(now, Sample::new(next));
                next += 1;
            }
            while let Some(command) = shard.next(now) {
                match command {
                    StreamCommand::Invoke(batch) => under_way.push(batch),
                    StreamCommand::Discard(discarded) => {
                        for record in &discarded.records {
                            *through.entry(record.number).or_default() += 1;
                        }
                        shard.discarded(&discarded);
                    }
                }
            }
            prop_assert!(under_way.len() <= factor);
            let held: usize = under_way.iter().map(|batch| batch.records.len()).sum();
            prop_assert!(held <= batch_size * factor);
            if let Some(batch) = under_way.pop() {
                let records = batch.records.clone();
                let said = answers.next().unwrap_or(Said::Done);
                let reply = match &said {
                    Said::Partly(places) => {
                        let names: Vec<&str> = places.iter().map(|place| records[place.index(records.len())].identifier()).collect();
                        failing(&names)
                    }
                    _ => Vec::new(),
                };
                let answer = match said {
                    Said::Error => Answer::FunctionError,
                    Said::Lost => Answer::Lost,
                    _ => Answer::Reply(&reply),
                };
                let settled = shard.answered(now, batch, answer);
                for record in &records[..settled.done] {
                    *through.entry(record.number).or_default() += 1;
                    let before = last.insert(record.key.clone(), record.number);
                    prop_assert!(before.is_none_or(|before| before < record.number));
                }
                prop_assert_eq!(settled.done + settled.again + settled.discarded, records.len());
            } else if next == count && shard.is_idle() {
                break;
            } else {
                now = shard.wake_at().map_or(now, |wake| wake.max(now));
            }
            if let Some(checkpoint) = shard.checkpoint() {
                let checkpoint: u64 = checkpoint.parse().unwrap();
                prop_assert!((0..=checkpoint).all(|number| through.contains_key(&number)));
            }
        }
        prop_assert_eq!(through.len() as u64, count);
        prop_assert!(through.values().all(|times| *times == 1));
        let end = (count - 1).to_string();
        prop_assert_eq!(shard.checkpoint(), Some(end.as_str()));
    }
}
