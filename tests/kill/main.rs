//! The process is killed (SIGKILL) at random moments while it writes, again and again on the same file: nothing that it has
//! acknowledged is lost, nothing acknowledged is run again, nothing stays locked, and no file is damaged.
//!
//! `make kill` does it a thousand times for each store (`KILLS=`; `SEED=` for other moments) and shows the figures.
#![cfg(all(feature = "function", feature = "sqlite", feature = "sqs"))]
#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]
#![expect(clippy::print_stdout, reason = "the figures are what `make kill` shows")]

mod support;

use cargo_switchboard::Function;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::faulty::faulty;
use support::{Stock, batch, dynamodb, event, kinesis, s3};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// How many invocations are under way when the process is killed.
const WRITERS: u32 = 4;

/// The longest time between an acknowledgement and the next kill.
const LONGEST: u64 = 40_000;

/// For how long there may be no acknowledgement: then something is locked, or the process does not start any more.
const STUCK: Duration = Duration::from_secs(60);

/// How many kills, and at which moments.
struct Plan {
    kills: usize,
    random: u64,
}

impl Plan {
    fn from_env() -> Self {
        let number = |name, default| match std::env::var(name) {
            Ok(value) if !value.is_empty() => value.parse().unwrap(),
            _ => default,
        };
        Self {
            kills: usize::try_from(number("KILLS", 20)).unwrap(),
            random: number("SEED", 1),
        }
    }

    /// SplitMix64, up to that.
    fn random(&mut self, most: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % most
    }
}

/// What the writers know.
#[derive(Default)]
struct Book {
    next: usize,
    /// Delivered, and not acknowledged.
    open: VecDeque<usize>,
    acknowledged: Vec<usize>,
    /// How many deliveries there were.
    deliveries: usize,
}

/// Writers that go on until they are stopped.
#[derive(Default)]
struct Writing {
    book: Mutex<Book>,
    acknowledged: Notify,
    stopped: AtomicBool,
}

impl Writing {
    fn done(&self, number: usize) {
        self.book.lock().unwrap().acknowledged.push(number);
        self.acknowledged.notify_one();
    }

    fn open(&self, number: usize) {
        self.book.lock().unwrap().open.push_back(number);
    }

    /// Kills the process as often as planned, each time some random microseconds after an acknowledgement.
    async fn kill(&self, mut plan: Plan, function: &Function, mut each: impl FnMut()) {
        let shows = std::io::stderr().is_terminal();
        for kill in 1..=plan.kills {
            timeout(STUCK, self.acknowledged.notified())
                .await
                .unwrap_or_else(|_| panic!("nothing is acknowledged any more after {kill} kills"));
            sleep(Duration::from_micros(plan.random(LONGEST))).await;
            function.kill().await;
            if kill % 100 == 0 {
                each();
            }
            if shows {
                eprint!("\r{kill} of {}", plan.kills);
                let _ = std::io::stderr().flush();
            }
        }
        if shows {
            eprintln!();
        }
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn goes_on(&self) -> bool {
        !self.stopped.load(Ordering::Relaxed)
    }
}

/// The answer's failures, or `None` if there was none.
async fn deliver(function: &Function, payload: String) -> Option<Vec<String>> {
    let reply = function.invoke(payload).await.ok()?.result.ok()?;
    let reply: Value = serde_json::from_slice(&reply).unwrap();
    let failures = reply["batchItemFailures"].as_array();
    let ids = failures.into_iter().flatten();
    Some(
        ids.map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned())
            .collect(),
    )
}

fn is_whole(file: &Path) {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.busy_timeout(Duration::from_secs(20)).unwrap();
    let said: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(said, "ok", "{}", file.display());
}

fn tell(what: &str, kills: usize, book: &Book, time: Duration, rest: &str) {
    println!(
        "{what:<24} {kills:>6} kills {:>8} deliveries {:>8} acknowledged {rest} in {:.0} s",
        book.deliveries,
        book.acknowledged.len(),
        time.as_secs_f64()
    );
}

/// An event of which the journal keeps one entry, and that entry's id.
fn entry(number: usize) -> (String, String) {
    match number % 4 {
        0 => {
            let record = kinesis(number, format!("k{number}").as_bytes());
            let id = record["eventID"].as_str().unwrap().to_owned();
            (batch([record]), id)
        }
        1 => (
            batch([dynamodb(number, json!({"a": {"S": "x"}}))]),
            format!("e{number}"),
        ),
        2 => {
            let mut record = s3(&format!("key/{number}"));
            record["responseElements"]["x-amz-request-id"] = json!(format!("R-{number}"));
            (batch([record]), format!("R-{number}.a/b+c="))
        }
        _ => {
            let mut event = event(&json!({"number": number}));
            event["id"] = json!(format!("event-{number}"));
            (event.to_string(), format!("event-{number}"))
        }
    }
}

async fn write(writing: &Writing, function: &Function) {
    while writing.goes_on() {
        let number = {
            let mut book = writing.book.lock().unwrap();
            book.deliveries += 1;
            book.next += 1;
            book.next
        };
        match deliver(function, entry(number).0).await {
            Some(failures) if failures.is_empty() => writing.done(number),
            _ => writing.open(number),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_loses_nothing_that_it_acknowledged_whenever_the_process_is_killed() {
    let (plan, start) = (Plan::from_env(), Instant::now());
    let kills = plan.kills;
    let stock = Stock::start_with(|builder| builder.max_concurrency(WRITERS)).await;
    let (function, writing) = (&*stock.function, Writing::default());
    let writers = futures_util::future::join_all((0..WRITERS).map(|_| write(&writing, function)));
    tokio::join!(
        writers,
        writing.kill(plan, function, || is_whole(&stock.journal_file()))
    );
    is_whole(&stock.journal_file());
    let entries = stock.entries().await;
    let mut ids: HashMap<&str, usize> = HashMap::new();
    for entry in &entries {
        *ids.entry(entry["id"].as_str().unwrap()).or_default() += 1;
    }
    let book = writing.book.into_inner().unwrap();
    let lost: Vec<&usize> = book
        .acknowledged
        .iter()
        .filter(|number| !ids.contains_key(&*entry(**number).1))
        .collect();
    let twice = ids.values().filter(|count| **count > 1).count();
    let rest = format!("{} lost {twice} twice", lost.len());
    tell("journal, SQLite", kills, &book, start.elapsed(), &rest);
    assert!(lost.is_empty() && twice == 0, "lost: {lost:?}; {twice} twice");
    assert!(entries.len() <= book.next);
}

/// Messages of a queue, each of which is to be finished once; `word` says why they come.
fn messages(numbers: &[usize], word: &str) -> String {
    let message = |number: &usize| {
        let task = json!({"do": "ok", "ms": number % 3, "id": format!("{word}{number}")});
        json!({"eventSource": "aws:sqs", "messageId": number.to_string(), "body": task.to_string(),
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q"})
    };
    batch(numbers.iter().map(message))
}

/// What is to be delivered next: what came new, what was not acknowledged, and now and then what was.
fn upcoming(writing: &Writing) -> (Vec<usize>, &'static str) {
    let mut book = writing.book.lock().unwrap();
    book.deliveries += 1;
    let turn = book.deliveries;
    if turn.is_multiple_of(5) && !book.acknowledged.is_empty() {
        let place = turn * 7919 % book.acknowledged.len();
        return (vec![book.acknowledged[place]], AGAIN);
    }
    // Long enough ago: what a killed process had in hand is locked until its time would have been over.
    if book.open.len() > 40 {
        return (book.open.drain(..3).collect(), "");
    }
    book.next += 3;
    ((book.next - 2..=book.next).collect(), "")
}

/// Before the id of what was acknowledged when it came again: the ledger is not to hold it.
const AGAIN: &str = "again-";

async fn work(writing: &Writing, function: &Function) {
    while writing.goes_on() {
        let (numbers, word) = upcoming(writing);
        settle(writing, function, &numbers, word).await;
    }
}

async fn settle(writing: &Writing, function: &Function, numbers: &[usize], word: &str) {
    let failures = deliver(function, messages(numbers, word)).await;
    for number in numbers.iter().filter(|_| word.is_empty()) {
        match &failures {
            Some(failures) if !failures.contains(&number.to_string()) => writing.done(*number),
            _ => writing.open(*number),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_run_again_and_nothing_stays_locked_whenever_the_process_is_killed() {
    let (plan, start) = (Plan::from_env(), Instant::now());
    let kills = plan.kills;
    let directory = tempfile::tempdir().unwrap();
    let ledger = directory.path().join("ledger");
    let store = directory.path().join("ledger.idempotency");
    let builder = faulty()
        .env("FAULTY_LEDGER", &ledger)
        .env("FAULTY_IDEMPOTENT", "1")
        .timeout(Duration::from_secs(2))
        .max_concurrency(WRITERS);
    let (function, writing) = (builder.start().await.unwrap(), Writing::default());
    let workers = futures_util::future::join_all((0..WRITERS).map(|_| work(&writing, &function)));
    tokio::join!(workers, writing.kill(plan, &function, || is_whole(&store)));
    is_whole(&store);
    // What a killed process had in hand is free once its time would have been over.
    let left = Instant::now();
    loop {
        let open: Vec<usize> = writing.book.lock().unwrap().open.drain(..).collect();
        if open.is_empty() {
            break;
        }
        assert!(left.elapsed() < STUCK, "locked: {open:?}");
        for numbers in open.chunks(100) {
            settle(&writing, &function, numbers, "").await;
        }
    }
    let book = writing.book.into_inner().unwrap();
    for numbers in book.acknowledged.chunks(1000) {
        let failures = deliver(&function, messages(numbers, AGAIN)).await.unwrap();
        assert!(failures.is_empty(), "done, and not known to be: {failures:?}");
    }
    function.shutdown().await;
    let ledger = std::fs::read_to_string(&ledger).unwrap();
    let finished: HashSet<&str> = ledger.lines().collect();
    let again = finished.iter().filter(|line| line.starts_with(AGAIN)).count();
    let lost: Vec<&usize> = book
        .acknowledged
        .iter()
        .filter(|number| !finished.contains(&*number.to_string()))
        .collect();
    let rest = format!("{} lost {again} again", lost.len());
    tell("idempotency, SQLite", kills, &book, start.elapsed(), &rest);
    assert!(lost.is_empty() && again == 0, "lost: {lost:?}; {again} run again");
    assert_eq!(book.acknowledged.len(), book.next);
}
