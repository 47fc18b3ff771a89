//! Idempotency: what was acknowledged was done and is not done again, and a key that a killed process had is free when its lease ends.

use super::killing::{Killing, Plan, STUCK, WRITERS, deliver};
use super::place::Place;
use crate::support::batch;
use futures_util::future::join_all;
use lambda_sandbox::Function;
use serde_json::json;
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use switchboard_test_support::faulty;
use tokio::time::sleep_until;

/// How long an invocation may take. A key in progress is locked until it would have been over, and no longer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// By how much the clocks of those who count that time may differ: leases have whole milliseconds of another clock.
const CLOCKS: Duration = Duration::from_millis(50);

/// Before the id of what was acknowledged when it came again: the ledger is not to hold it.
const AGAIN: &str = "again-";

/// Messages of a queue, each of which is to be finished once; `word` says why they come.
fn messages(numbers: &[usize], word: &str) -> String {
    let message = |number: &usize| {
        let task = json!({"do": "ok", "ms": number % 3, "id": format!("{word}{number}")});
        json!({"eventSource": "aws:sqs", "messageId": number.to_string(), "body": task.to_string(),
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q"})
    };
    batch(numbers.iter().map(message))
}

/// The file that each effect is a line of, as far as it was read.
struct Ledger {
    file: File,
    /// A line that is not yet whole.
    rest: String,
    effects: HashMap<String, usize>,
}

impl Ledger {
    fn open(path: &Path) -> Self {
        Self {
            file: File::open(path).unwrap(),
            rest: String::new(),
            effects: HashMap::new(),
        }
    }

    /// How often each message has been handled until now.
    fn effects(&mut self, numbers: &[usize]) -> Vec<usize> {
        self.file.read_to_string(&mut self.rest).unwrap();
        let whole = self.rest.rfind('\n').map_or(0, |end| end + 1);
        let lines: String = self.rest.drain(..whole).collect();
        for line in lines.lines() {
            *self.effects.entry(line.to_owned()).or_default() += 1;
        }
        numbers
            .iter()
            .map(|number| self.effects.get(&number.to_string()).copied().unwrap_or_default())
            .collect()
    }
}

/// A message that was delivered, and not acknowledged.
#[derive(Clone, Copy, Debug)]
struct Open {
    number: usize,
    /// How often it was not acknowledged.
    times: usize,
    /// When the delivery began in which it was handled the last time: from then on its key is locked, for [`TIMEOUT`] at least.
    handled: Option<Instant>,
    /// When its last delivery ended: its key is locked for [`TIMEOUT`] from here at most.
    ended: Instant,
}

impl Open {
    fn new(number: usize) -> Self {
        Self {
            number,
            times: 0,
            handled: None,
            ended: Instant::now(),
        }
    }
}

/// What the writers know.
#[derive(Default)]
struct Book {
    next: usize,
    deliveries: usize,
    open: VecDeque<Open>,
    /// Which, and how often they were not acknowledged before.
    acknowledged: Vec<(usize, usize)>,
    /// How often a message came again after its effect, while its key was locked.
    locked: usize,
}

enum Upcoming {
    /// What is not acknowledged.
    Open(Vec<Open>),
    /// What is.
    Again(usize),
}

impl Book {
    /// What is to be delivered next: what came new, what was not acknowledged, and now and then what was.
    fn upcoming(&mut self) -> Upcoming {
        self.deliveries += 1;
        let turn = self.deliveries;
        if turn.is_multiple_of(5) && !self.acknowledged.is_empty() {
            let place = turn * 7919 % self.acknowledged.len();
            return Upcoming::Again(self.acknowledged[place].0);
        }
        // At once, while its key is locked, as a queue may do it.
        if turn.is_multiple_of(7) && !self.open.is_empty() {
            return Upcoming::Open(self.open.pop_back().into_iter().collect());
        }
        // Long enough ago: its key is free.
        if self.open.len() > 40 {
            return Upcoming::Open(self.open.drain(..3).collect());
        }
        self.next += 3;
        Upcoming::Open((self.next - 3..self.next).map(Open::new).collect())
    }
}

struct Working {
    book: Mutex<Book>,
    ledger: Mutex<Ledger>,
    killing: Killing,
    function: Function,
}

impl Working {
    async fn work(&self) {
        while self.killing.goes_on() {
            let upcoming = self.book.lock().unwrap().upcoming();
            match upcoming {
                Upcoming::Open(open) => self.settle(open).await,
                // Whatever the answer: what was run is in the ledger.
                Upcoming::Again(number) => {
                    let failures = deliver(&self.function, messages(&[number], AGAIN)).await;
                    assert!(
                        failures.is_none_or(|failures| failures.is_empty()),
                        "locked: {number}"
                    );
                }
            }
        }
    }

    /// Delivers messages, and takes down what became of each.
    async fn settle(&self, mut open: Vec<Open>) {
        let numbers: Vec<usize> = open.iter().map(|open| open.number).collect();
        let (before, sent) = (self.ledger.lock().unwrap().effects(&numbers), Instant::now());
        let failures = deliver(&self.function, messages(&numbers, "")).await;
        let ended = Instant::now();
        let after = self.ledger.lock().unwrap().effects(&numbers);
        let mut book = self.book.lock().unwrap();
        for ((open, before), after) in open.iter_mut().zip(before).zip(after) {
            let is_locked = open
                .handled
                .is_some_and(|handled| ended + CLOCKS < handled + TIMEOUT);
            if is_locked {
                assert_eq!(before, after, "handled while its key was locked: {open:?}");
                book.locked += 1;
            }
            let is_done = failures
                .as_ref()
                .is_some_and(|failures| !failures.contains(&open.number.to_string()));
            if is_done {
                assert!(after > 0, "acknowledged, and never handled: {open:?}");
                book.acknowledged.push((open.number, open.times));
                self.killing.acknowledged();
                continue;
            }
            if after > before {
                open.handled = Some(sent);
            }
            book.open.push_back(Open {
                times: open.times + 1,
                ended,
                ..*open
            });
        }
    }

    /// What is open is acknowledged as soon as its key cannot be locked any more.
    async fn settle_rest(&self) {
        loop {
            let Some(open) = self.book.lock().unwrap().open.pop_front() else {
                return;
            };
            sleep_until((open.ended + TIMEOUT + CLOCKS).into()).await;
            self.settle(vec![open]).await;
            let book = self.book.lock().unwrap();
            let locked = book.open.iter().find(|left| left.number == open.number);
            assert!(locked.is_none(), "locked for longer than {TIMEOUT:?}: {open:?}");
        }
    }

    /// All that was acknowledged comes once more; what there is no time left for comes again.
    async fn deliver_again(&self, acknowledged: &[usize], worker: usize) {
        for numbers in acknowledged.chunks(20).skip(worker).step_by(WRITERS as usize) {
            let (mut left, start) = (numbers.to_vec(), Instant::now());
            while !left.is_empty() {
                assert!(start.elapsed() < STUCK, "done, and not known to be: {left:?}");
                let failures = deliver(&self.function, messages(&left, AGAIN)).await.unwrap();
                left.retain(|number| failures.contains(&number.to_string()));
            }
        }
    }
}

/// What was acknowledged was done, and not again; an effect came twice only if its process was killed, or ran out of time, before it
/// was marked as done.
fn holds(mut ledger: Ledger, book: &Book, plan: &Plan, place: &Place) {
    let numbers: Vec<usize> = book.acknowledged.iter().map(|(number, _)| *number).collect();
    let effects = ledger.effects(&numbers);
    let again = ledger
        .effects
        .keys()
        .filter(|line| line.starts_with(AGAIN))
        .count();
    let lost = effects.iter().filter(|effects| **effects == 0).count();
    let unmarked = effects.iter().filter(|effects| **effects > 1).count();
    let too_often: Vec<(&(usize, usize), usize)> = book
        .acknowledged
        .iter()
        .zip(effects)
        .filter(|((_, times), effects)| *effects > 1 + times)
        .collect();
    let figures = format!(
        "{:>6} deliveries, {:>6} messages acknowledged, {lost} lost, {again} run again, {} came again while locked, {unmarked} killed \
         between effect and mark",
        book.deliveries,
        numbers.len(),
        book.locked,
    );
    plan.tell(&format!("idempotency, {}", place.name()), &figures);
    assert!(lost == 0 && again == 0, "{lost} lost, {again} run again");
    assert!(
        too_often.is_empty(),
        "run more than once without a kill: {too_often:?}"
    );
    assert_eq!(numbers.len(), book.next);
}

pub(crate) async fn survives(place: &Place, ledger: &Path) {
    let mut plan = Plan::from_env();
    let builder = faulty()
        .env("FAULTY_LEDGER", ledger)
        .env("FAULTY_IDEMPOTENT", place.of_idempotency())
        .timeout(TIMEOUT)
        .max_concurrency(WRITERS);
    let function = builder.start().await.unwrap();
    let working = Working {
        book: Mutex::default(),
        ledger: Mutex::new(Ledger::open(ledger)),
        killing: Killing::default(),
        function,
    };
    let look = async || place.is_whole();
    let workers = || 0..WRITERS as usize;
    tokio::join!(
        join_all(workers().map(|_| working.work())),
        working.killing.kill(&mut plan, &working.function, look)
    );
    place.is_whole();
    join_all(workers().map(|_| working.settle_rest())).await;
    let acknowledged: Vec<usize> = working
        .book
        .lock()
        .unwrap()
        .acknowledged
        .iter()
        .map(|(number, _)| *number)
        .collect();
    join_all(workers().map(|worker| working.deliver_again(&acknowledged, worker))).await;
    working.function.shutdown().await;
    let (ledger, book) = (
        working.ledger.into_inner().unwrap(),
        working.book.into_inner().unwrap(),
    );
    holds(ledger, &book, &plan, place);
}
