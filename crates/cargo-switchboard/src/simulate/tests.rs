//! The sources against functions in this process, which write the ledger themselves.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::delivery::{Answer, Invocable};
use super::ledger::Ledger;
use super::{Report, Simulation, Source};
use crate::Error;

/// What a function makes of the records it is given: what it finishes, in its order, and its answer.
type Handle = fn(Vec<Told>) -> (Vec<Told>, Option<Value>);

/// A record as the function sees it.
#[derive(Clone, Debug)]
struct Told {
    identifier: String,
    lane: String,
    what: String,
    id: String,
}

/// A function that is called, not started.
struct Scripted {
    handle: Handle,
    ledger: File,
}

impl Invocable for Scripted {
    async fn invoke(&self, payload: String) -> Result<Answer, Error> {
        let event: Value = serde_json::from_str(&payload).unwrap();
        let records = match event["Records"].as_array() {
            Some(records) => records.iter().map(read).collect(),
            None => vec![read(&event)],
        };
        let (finished, reply) = (self.handle)(records);
        for record in finished {
            (&self.ledger)
                .write_all(format!("{}\n", record.id).as_bytes())
                .unwrap();
        }
        let reply = reply.map(|reply| reply.to_string().into());
        Ok(Answer {
            reply,
            lease: Duration::ZERO,
        })
    }
}

fn read(record: &Value) -> Told {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parse = |json: &str| serde_json::from_str::<Value>(json).unwrap();
    let source = record["eventSource"].as_str().or(record["EventSource"].as_str());
    let (identifier, lane, task) = match source {
        Some("aws:kinesis") => {
            let data = STANDARD.decode(text(&record["kinesis"]["data"])).unwrap();
            let task = parse(std::str::from_utf8(&data).unwrap());
            (
                &record["kinesis"]["sequenceNumber"],
                &record["kinesis"]["partitionKey"],
                task,
            )
        }
        Some("aws:dynamodb") => {
            let change = &record["dynamodb"];
            let image = &change["NewImage"];
            let task = json!({"do": image["do"]["S"], "id": image["id"]["S"]});
            (&change["SequenceNumber"], &change["Keys"]["pk"]["S"], task)
        }
        Some("aws:sqs") => {
            let task = parse(record["body"].as_str().unwrap());
            (
                &record["messageId"],
                &record["attributes"]["MessageGroupId"],
                task,
            )
        }
        Some("aws:sns") => (
            &Value::Null,
            &Value::Null,
            parse(record["Sns"]["Message"].as_str().unwrap()),
        ),
        Some("aws:s3") => {
            let key: Vec<&str> = record["s3"]["object"]["key"]
                .as_str()
                .unwrap()
                .split('/')
                .collect();
            (&Value::Null, &Value::Null, json!({"do": key[0], "id": key[2]}))
        }
        _ => (&Value::Null, &Value::Null, record["detail"].clone()),
    };
    Told {
        identifier: text(identifier),
        lane: text(lane),
        what: text(&task["do"]),
        id: text(&task["id"]),
    }
}

fn run(simulation: &Simulation, handle: Handle) -> Report {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger");
    let open = || OpenOptions::new().create(true).append(true).open(&path).unwrap();
    let targets = (0..simulation.parallelization_factor)
        .map(|_| Scripted {
            handle,
            ledger: open(),
        })
        .collect();
    // Waits cost nothing: the clock stands still while there is work, and jumps when there is none.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime
        .unwrap()
        .block_on(simulation.play(targets, Ledger::new(&path)))
        .unwrap()
}

fn failures(records: &[Told]) -> Value {
    let item = |record: &Told| json!({"itemIdentifier": record.identifier});
    json!({"batchItemFailures": records.iter().map(item).collect::<Vec<_>>()})
}

/// Does everything right: nothing of a lane after a failure of the lane, every record that is not done reported.
fn careful(records: Vec<Told>) -> (Vec<Told>, Option<Value>) {
    if records.iter().any(|record| record.what == "exit") {
        // Everything before the end of the process is finished.
        let finished = records.into_iter().take_while(|record| record.what == "ok");
        return (finished.collect(), None);
    }
    let (mut finished, mut open): (Vec<Told>, Vec<Told>) = (Vec::new(), Vec::new());
    for record in records {
        let behind = !record.lane.is_empty() && open.iter().any(|other| other.lane == record.lane);
        if record.what == "ok" && !behind {
            finished.push(record)
        } else {
            open.push(record)
        }
    }
    // Only a source without identifiers takes no answer.
    let is_failed = open.iter().any(|record| record.identifier.is_empty());
    let reply = if is_failed { None } else { Some(failures(&open)) };
    (finished, reply)
}

/// Says that all went well.
fn forgetful(records: Vec<Told>) -> (Vec<Told>, Option<Value>) {
    (
        records.into_iter().filter(|record| record.what == "ok").collect(),
        Some(Value::Null),
    )
}

/// Names no record in its answer.
fn nameless(records: Vec<Told>) -> (Vec<Told>, Option<Value>) {
    let (finished, _) = careful(records);
    (
        finished,
        Some(json!({"batchItemFailures": [{"itemIdentifier": null}]})),
    )
}

/// Begins with the last record.
fn backward(records: Vec<Told>) -> (Vec<Told>, Option<Value>) {
    careful(records.into_iter().rev().collect())
}

/// Goes on behind a failure.
fn hasty(records: Vec<Told>) -> (Vec<Told>, Option<Value>) {
    let (finished, open): (Vec<Told>, Vec<Told>) =
        records.into_iter().partition(|record| record.what == "ok");
    let reply = failures(&open);
    (finished, Some(reply))
}

fn simulations() -> impl Strategy<Value = Simulation> {
    let rates = (0.0..0.4f64, 0.0..0.3f64, 0.0..0.2f64, 0.0..0.5f64);
    let sizes = (0..Source::ALL.len(), any::<u64>(), 1..40usize, 1..12usize);
    let options = (proptest::option::of(0..4u32), any::<bool>(), 1..5usize);
    (rates, sizes, options).prop_map(|((fail, crash, timeout, duplicate), sizes, options)| {
        let (source, seed, records, batch) = sizes;
        let source = Source::ALL[source];
        let (retries, bisect, factor) = options;
        let is_stream = matches!(source, Source::Kinesis | Source::Dynamodb);
        let simulation = Simulation::new(source)
            .seed(seed)
            .records(records)
            .batch_size(batch.min(source.largest_batch_size()))
            .fail_rate(fail)
            .crash_rate(crash)
            .timeout_rate(timeout)
            .duplicate_rate(duplicate)
            .bisect(bisect && is_stream)
            .parallelization_factor(if is_stream { factor } else { 1 });
        match retries {
            Some(retries) if is_stream || retries < 3 => simulation.max_retries(retries),
            _ => simulation,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_careful_function_loses_nothing_with_any_faults(simulation in simulations()) {
        prop_assert!(simulation.check().is_ok());
        let report = run(&simulation, careful);
        prop_assert_eq!((report.lost, report.out_of_order, report.unknown), (0, 0, 0), "{}", report);
        prop_assert_eq!(report.delivered, report.records);
        prop_assert!(report.finished + report.dead_lettered >= report.records, "{}", report);
        prop_assert_eq!(&run(&simulation, careful), &report);
    }

    #[test]
    fn whatever_a_function_does_it_comes_to_an_end(simulation in simulations()) {
        for handle in [forgetful, nameless, backward, hasty, |_| (Vec::new(), None)] as [Handle; 5] {
            let report = run(&simulation, handle);
            prop_assert_eq!(report.delivered, report.records);
        }
    }
}

#[test]
fn without_faults_everything_is_finished_once() {
    for source in Source::ALL {
        let report = run(&Simulation::new(source).records(50), careful);
        assert_eq!(
            (report.finished, report.attempts, report.repeated),
            (50, 50, 0),
            "{report}"
        );
        assert!(report.is_sound(), "{report}");
    }
}

#[test]
fn duplicates_come_once_more() {
    for source in Source::ALL {
        let report = run(
            &Simulation::new(source)
                .records(50)
                .batch_size(1)
                .duplicate_rate(1.0),
            careful,
        );
        assert_eq!((report.finished, report.repeated), (50, 50), "{report}");
    }
}

#[test]
fn a_function_that_forgets_failures_loses_records() {
    for source in Source::ALL {
        let report = run(&Simulation::new(source).fail_rate(0.3), forgetful);
        assert!(
            report.lost > 0 && report.finished == 100 - report.lost,
            "{report}"
        );
        assert!(!report.is_sound());
        assert_eq!(report.lost_ids.len(), report.lost.min(5));
    }
}

#[test]
fn an_answer_without_identifiers_brings_everything_back() {
    for source in [Source::Kinesis, Source::Dynamodb, Source::Sqs, Source::SqsFifo] {
        let report = run(&Simulation::new(source).max_retries(1), nameless);
        assert_eq!((report.dead_lettered, report.repeated), (100, 100), "{report}");
    }
}

#[test]
fn the_order_of_a_lane_is_watched_where_there_is_one() {
    for source in [Source::Kinesis, Source::Dynamodb, Source::SqsFifo] {
        let report = run(&Simulation::new(source), backward);
        assert!(report.out_of_order > 0 && !report.is_sound(), "{report}");
        // Reports partial failures, but does not hold back the records behind them.
        let report = run(&Simulation::new(source).fail_rate(0.3), hasty);
        assert!(report.out_of_order > 0, "{report}");
    }
    assert_eq!(run(&Simulation::new(Source::Sqs), backward).out_of_order, 0);
}

#[test]
fn a_function_that_finishes_nothing_is_told_from_a_good_one() {
    for source in Source::ALL {
        let report = run(&Simulation::new(source).records(20).max_retries(1), |_| {
            (Vec::new(), None)
        });
        assert_eq!(
            (report.finished, report.lost, report.dead_lettered),
            (0, 0, 20),
            "{report}"
        );
        assert!(report.is_silent() && !report.is_sound());
    }
}

#[test]
fn without_an_end_to_retries_what_never_succeeds_is_lost() {
    for source in [Source::Kinesis, Source::Sqs, Source::SqsFifo] {
        let report = run(&Simulation::new(source).records(5), |_| (Vec::new(), None));
        assert_eq!((report.lost, report.attempts), (5, 50), "{report}");
    }
}

#[test]
fn what_is_too_old_goes_to_its_destination() {
    for source in [Source::Kinesis, Source::S3] {
        let simulation = Simulation::new(source)
            .records(5)
            .max_age(Duration::from_secs(40));
        let report = run(&simulation, |_| (Vec::new(), None));
        assert_eq!((report.lost, report.dead_lettered), (0, 5), "{report}");
    }
    let none = run(
        &Simulation::new(Source::S3).max_age(Duration::from_secs(40)),
        careful,
    );
    assert_eq!(none.dead_lettered, 0, "{none}");
}

#[test]
fn options_that_the_source_does_not_have_are_refused() {
    for (simulation, part) in [
        (Simulation::new(Source::S3).max_retries(3), "at most 2 retries"),
        (Simulation::new(Source::Sqs).bisect(true), "only streams"),
        (
            Simulation::new(Source::Sns).parallelization_factor(2),
            "only streams",
        ),
        (Simulation::new(Source::SqsFifo).batch_size(11), "1 to 10 records"),
        (
            Simulation::new(Source::Sqs).max_age(Duration::from_secs(60)),
            "limit its retries",
        ),
        (
            Simulation::new(Source::Sqs).fail_rate(0.6).crash_rate(0.5),
            "between 0 and 1",
        ),
        (Simulation::new(Source::Kinesis).records(0), "at least one record"),
    ] {
        let error = simulation.check().unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}
