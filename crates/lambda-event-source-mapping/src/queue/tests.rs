//! A queue: batches, what is deleted, and what gives way.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use proptest::prelude::*;

use super::{Queue, QueueCommand, QueueSettings};
use crate::{Answer, Batch, Record};

#[derive(Clone, Debug, Eq, PartialEq)]
struct Message {
    number: usize,
    name: String,
    group: String,
}

impl Message {
    fn new(number: usize) -> Self {
        Self {
            number,
            name: format!("m{number}"),
            group: (number % 3).to_string(),
        }
    }
}

impl Record for Message {
    fn identifier(&self) -> &str {
        &self.name
    }

    fn sent(&self) -> Duration {
        Duration::ZERO
    }

    fn order_key(&self) -> Option<&str> {
        Some(&self.group)
    }
}

const AT_ONCE: Duration = Duration::ZERO;

fn queue(settings: QueueSettings, messages: usize) -> Queue<Message> {
    let mut queue = Queue::new(settings);
    (0..messages).for_each(|number| queue.received(AT_ONCE, Message::new(number)));
    queue
}

fn invoke(queue: &mut Queue<Message>) -> Batch<Message> {
    match queue.next(AT_ONCE) {
        Some(QueueCommand::Invoke(batch)) => batch,
        other => panic!("{other:?}"),
    }
}

fn numbers(messages: &[Message]) -> Vec<usize> {
    messages.iter().map(|message| message.number).collect()
}

#[test]
fn only_what_is_not_named_is_deleted() {
    let mut queue = queue(QueueSettings::default(), 3);
    let batch = invoke(&mut queue);
    let settled = queue.answered(
        batch,
        Answer::Reply(br#"{"batchItemFailures":[{"itemIdentifier":"m1"}]}"#),
    );
    assert_eq!((settled.done, settled.again), (2, 1));
    let Some(QueueCommand::Delete(done)) = queue.next(AT_ONCE) else {
        panic!("two are done");
    };
    assert_eq!(numbers(&done), [0, 2]);
    assert!(queue.is_idle());
}

#[test]
fn an_error_or_a_wrong_answer_deletes_nothing() {
    for answer in [
        Answer::FunctionError,
        Answer::Lost,
        Answer::Reply(br#"{"batchItemFailures":[{"foo":"notvalid"}]}"#),
    ] {
        let mut queue = queue(QueueSettings::default(), 3);
        let batch = invoke(&mut queue);
        assert_eq!(queue.answered(batch, answer).again, 3);
        assert_eq!(queue.next(AT_ONCE), None);
    }
}

#[test]
fn without_partial_answers_what_is_named_is_deleted_too() {
    let settings = QueueSettings {
        report_batch_item_failures: false,
        ..QueueSettings::default()
    };
    let mut queue = queue(settings, 1);
    let batch = invoke(&mut queue);
    let answer = Answer::Reply(br#"{"batchItemFailures":[{"itemIdentifier":"m0"}]}"#);
    assert_eq!(queue.answered(batch, answer).done, 1);
}

#[test]
fn a_batch_waits_for_its_window_unless_it_is_full() {
    let settings = QueueSettings {
        batch_size: 3,
        maximum_batching_window: Duration::from_secs(5),
        ..QueueSettings::default()
    };
    let mut queue = queue(settings, 2);
    assert_eq!((queue.next(AT_ONCE), queue.wants()), (None, 1));
    assert_eq!(queue.wake_at(), Some(Duration::from_secs(5)));
    queue.received(AT_ONCE, Message::new(2));
    assert_eq!(invoke(&mut queue).records.len(), 3);
    // Nothing is received while nothing can be delivered.
    assert_eq!(queue.wants(), 0);
}

#[test]
fn what_a_filter_passes_over_is_deleted_and_what_is_left_at_the_end_released() {
    let settings = QueueSettings {
        maximum_batching_window: Duration::from_secs(5),
        ..QueueSettings::default()
    };
    let mut queue = queue(settings, 2);
    queue.passed_over(Message::new(2));
    assert_eq!(
        queue.next(AT_ONCE),
        Some(QueueCommand::Delete(vec![Message::new(2)]))
    );
    queue.close();
    assert_eq!(
        queue.next(AT_ONCE),
        Some(QueueCommand::Release(vec![Message::new(0), Message::new(1)]))
    );
    assert!(queue.is_idle() && queue.wants() == 0);
}

#[test]
fn a_group_is_in_one_batch_at_a_time_and_nothing_overtakes_a_failure() {
    let settings = QueueSettings {
        batch_size: 2,
        maximum_concurrency: 3,
        is_fifo: true,
        ..QueueSettings::default()
    };
    let mut queue = queue(settings, 6);
    let first = invoke(&mut queue);
    assert_eq!(numbers(&first.records), [0, 1]);
    let second = invoke(&mut queue);
    assert_eq!(numbers(&second.records), [2, 5]);
    assert_eq!(queue.next(AT_ONCE), None);
    queue.answered(
        first,
        Answer::Reply(br#"{"batchItemFailures":[{"itemIdentifier":"m0"}]}"#),
    );
    assert_eq!(
        queue.next(AT_ONCE),
        Some(QueueCommand::Delete(vec![Message::new(1)]))
    );
    assert_eq!(
        queue.next(AT_ONCE),
        Some(QueueCommand::Release(vec![Message::new(3)]))
    );
    assert_eq!(numbers(&invoke(&mut queue).records), [4]);
}

proptest! {
    /// A FIFO queue whose messages become visible again at once: each is done once, in the order of its group.
    #[test]
    fn groups_stay_in_order_whatever_fails(
        fails in prop::collection::vec(any::<bool>(), 0..60),
        count in 1_usize..30,
        batch_size in 1_usize..6,
        concurrency in 1_usize..4,
    ) {
        let mut queue = Queue::new(QueueSettings {
            batch_size,
            maximum_concurrency: concurrency,
            is_fifo: true,
            ..QueueSettings::default()
        });
        // The service: a group is locked while one of its messages is out.
        let mut visible: VecDeque<usize> = (0..count).collect();
        let mut out: BTreeMap<usize, String> = BTreeMap::new();
        let mut done: Vec<usize> = Vec::new();
        let (mut fails, mut under_way) = (fails.into_iter(), VecDeque::new());
        loop {
            visible.make_contiguous().sort_unstable();
            let locked: Vec<String> = out.values().cloned().collect();
            let free: Vec<usize> = visible.iter().copied().filter(|number| !locked.contains(&Message::new(*number).group)).collect();
            for number in free.into_iter().take(queue.wants()) {
                visible.retain(|other| *other != number);
                out.insert(number, Message::new(number).group);
                queue.received(AT_ONCE, Message::new(number));
            }
            while let Some(command) = queue.next(AT_ONCE) {
                match command {
                    QueueCommand::Invoke(batch) => under_way.push_back(batch),
                    QueueCommand::Delete(messages) => for message in messages {
                        out.remove(&message.number);
                        done.push(message.number);
                    },
                    QueueCommand::Release(messages) => for message in messages {
                        out.remove(&message.number);
                        visible.push_back(message.number);
                    },
                }
            }
            let groups: Vec<&str> = under_way.iter().flat_map(|batch: &Batch<Message>| {
                let mut groups: Vec<&str> = batch.records.iter().map(|message| &*message.group).collect();
                groups.dedup();
                groups.sort_unstable();
                groups.dedup();
                groups
            }).collect();
            let mut different = groups.clone();
            different.sort_unstable();
            different.dedup();
            prop_assert_eq!(different.len(), groups.len());
            let Some(batch) = under_way.pop_front() else {
                if visible.is_empty() {
                    break;
                }
                continue;
            };
            let members = batch.records.clone();
            // As a function does: what is behind a failure of its group is not done either.
            let mut failed: Vec<&Message> = Vec::new();
            for message in &members {
                if failed.iter().any(|other| other.group == message.group) || fails.next().unwrap_or(false) {
                    failed.push(message);
                }
            }
            let items: Vec<_> = failed.iter().map(|message| serde_json::json!({"itemIdentifier": message.name})).collect();
            let reply = serde_json::json!({"batchItemFailures": items}).to_string();
            for message in failed {
                out.remove(&message.number);
                visible.push_back(message.number);
            }
            queue.answered(batch, Answer::Reply(reply.as_bytes()));
        }
        for group in 0..3 {
            let of_group: Vec<usize> = done.iter().copied().filter(|number| number % 3 == group).collect();
            prop_assert!(of_group.is_sorted());
        }
        done.sort_unstable();
        prop_assert_eq!(done, (0..count).collect::<Vec<_>>());
    }
}
