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
use super::{Bodies, Proof, Report, Simulation, Source};
use crate::Error;

/// What a function makes of the records it is given: what it finishes, in its order, and its answer.
type Handle = fn(Vec<TestRecord>) -> (Vec<TestRecord>, Option<Value>);

/// A record as the function sees it.
#[derive(Clone, Debug)]
struct TestRecord {
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
        let (finished, reply) = (self.handle)(records(&event).iter().map(read).collect());
        for record in finished {
            (&self.ledger)
                .write_all(format!("{}\n", record.id).as_bytes())
                .unwrap();
        }
        let reply = reply.map(|reply| spoken(&event, reply).to_string().into());
        Ok(Answer {
            reply,
            lease: Duration::ZERO,
        })
    }
}

fn records(event: &Value) -> Vec<Value> {
    if let Some(list) = event.as_array() {
        // A record of a pipe does not say so itself.
        let piped = list.iter().cloned().map(|mut record| {
            record["piped"] = true.into();
            record
        });
        return piped.collect();
    }
    let lists = [&event["Records"], &event["records"]];
    match lists.into_iter().find_map(|list| list.as_array().cloned()) {
        Some(records) => records,
        // Of Kafka, by partition.
        None if event["records"].is_object() => {
            let partitions = event["records"].as_object().unwrap().values();
            partitions
                .flat_map(|records| records.as_array().unwrap().clone())
                .collect()
        }
        None => vec![event.clone()],
    }
}

/// The reply in the terms of the event's source. It is made in those of a queue.
fn spoken(event: &Value, mut reply: Value) -> Value {
    let failed: Vec<Value> = reply["batchItemFailures"].as_array().cloned().unwrap_or_default();
    let has = |id: &Value| {
        failed
            .iter()
            .any(|item| item["itemIdentifier"] == *id || item["itemIdentifier"].is_null())
    };
    if event.get("deliveryStreamArn").is_some() {
        let result = |record: &Value| match has(&record["recordId"]) {
            true => json!({"recordId": record["recordId"], "result": "ProcessingFailed"}),
            false => json!({"recordId": record["recordId"], "result": "Ok", "data": record["data"]}),
        };
        return json!({"records": records(event).iter().map(result).collect::<Vec<_>>()});
    }
    if event["eventSource"] == "aws:kafka" {
        let item = |item: &Value| match item["itemIdentifier"].as_str().and_then(|id| id.split_once('/')) {
            Some((partition, offset)) => {
                let offset: u64 = offset.parse().unwrap();
                json!({"itemIdentifier": {"partition": partition, "offset": offset}})
            }
            None => item.clone(),
        };
        return json!({"batchItemFailures": failed.iter().map(item).collect::<Vec<_>>()});
    }
    if event.get("window").is_some() {
        if reply.is_null() {
            reply = json!({});
        }
        reply["state"] = json!({"seen": event["state"]["seen"].as_u64().unwrap_or(0) + 1});
    }
    reply
}

fn read(record: &Value) -> TestRecord {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parse = |json: &str| serde_json::from_str::<Value>(json).unwrap();
    let decoded = |data: &Value| parse(std::str::from_utf8(&STANDARD.decode(text(data)).unwrap()).unwrap());
    let source = record["eventSource"].as_str().or(record["EventSource"].as_str());
    let (identifier, lane, task) = match source {
        // In a pipe a record is flat, and named by its event id.
        Some("aws:kinesis") if record["data"].is_string() => (
            text(&record["eventID"]),
            text(&record["partitionKey"]),
            decoded(&record["data"]),
        ),
        Some("aws:kinesis") => {
            let inner = &record["kinesis"];
            (
                text(&inner["sequenceNumber"]),
                text(&inner["partitionKey"]),
                decoded(&inner["data"]),
            )
        }
        Some("aws:dynamodb") => {
            let change = &record["dynamodb"];
            let image = &change["NewImage"];
            let task = json!({"do": image["do"]["S"], "id": image["id"]["S"]});
            let identifier = match record["piped"] == true {
                true => &record["eventID"],
                false => &change["SequenceNumber"],
            };
            (text(identifier), text(&change["Keys"]["pk"]["S"]), task)
        }
        Some("aws:sqs") => {
            let task = parse(record["body"].as_str().unwrap());
            (
                text(&record["messageId"]),
                text(&record["attributes"]["MessageGroupId"]),
                task,
            )
        }
        Some("aws:sns") => (
            String::new(),
            String::new(),
            parse(record["Sns"]["Message"].as_str().unwrap()),
        ),
        Some("aws:ses") => {
            let subject = &record["ses"]["mail"]["commonHeaders"]["subject"];
            (String::new(), String::new(), parse(subject.as_str().unwrap()))
        }
        Some("aws:s3") => {
            let key: Vec<&str> = record["s3"]["object"]["key"]
                .as_str()
                .unwrap()
                .split('/')
                .collect();
            (String::new(), String::new(), json!({"do": key[0], "id": key[2]}))
        }
        _ if record["offset"].is_u64() => {
            let partition = format!("{}-{}", text(&record["topic"]), record["partition"]);
            (
                format!("{partition}/{}", record["offset"]),
                partition,
                decoded(&record["value"]),
            )
        }
        _ if record["recordId"].is_string() => {
            (text(&record["recordId"]), String::new(), decoded(&record["data"]))
        }
        _ => (String::new(), String::new(), record["detail"].clone()),
    };
    TestRecord {
        identifier,
        lane,
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
    // Waits cost nothing: the clock is stopped while there is work, and jumps when there is none.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime
        .unwrap()
        .block_on(simulation.play(targets, Ledger::new(&path)))
        .unwrap()
}

fn failures(records: &[TestRecord]) -> Value {
    let item = |record: &TestRecord| json!({"itemIdentifier": record.identifier});
    json!({"batchItemFailures": records.iter().map(item).collect::<Vec<_>>()})
}

/// Does everything right: nothing of a lane after a failure of the lane, every record that is not done reported.
fn careful(records: Vec<TestRecord>) -> (Vec<TestRecord>, Option<Value>) {
    if records.iter().any(|record| record.what == "exit") {
        // Everything before the end of the process is finished.
        let finished = records.into_iter().take_while(|record| record.what == "ok");
        return (finished.collect(), None);
    }
    let (mut finished, mut open): (Vec<TestRecord>, Vec<TestRecord>) = (Vec::new(), Vec::new());
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
fn forgetful(records: Vec<TestRecord>) -> (Vec<TestRecord>, Option<Value>) {
    (
        records.into_iter().filter(|record| record.what == "ok").collect(),
        Some(Value::Null),
    )
}

/// Names no record in its answer.
fn nameless(records: Vec<TestRecord>) -> (Vec<TestRecord>, Option<Value>) {
    let (finished, _) = careful(records);
    (
        finished,
        Some(json!({"batchItemFailures": [{"itemIdentifier": null}]})),
    )
}

/// Begins with the last record.
fn backward(records: Vec<TestRecord>) -> (Vec<TestRecord>, Option<Value>) {
    careful(records.into_iter().rev().collect())
}

/// Goes on behind a failure.
fn hasty(records: Vec<TestRecord>) -> (Vec<TestRecord>, Option<Value>) {
    let (finished, open): (Vec<TestRecord>, Vec<TestRecord>) =
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
        let is_windowed = matches!(source, Source::KinesisWindow | Source::DynamodbWindow);
        let is_stream = matches!(source, Source::Kinesis | Source::Dynamodb) || is_windowed;
        let simulation = Simulation::new(source)
            .seed(seed)
            .records(records)
            .batch_size(batch.min(source.largest_batch_size()))
            .fail_rate(fail)
            .crash_rate(crash)
            .timeout_rate(timeout)
            .duplicate_rate(duplicate)
            .bisect(bisect && is_stream)
            .parallelization_factor(if is_stream && !is_windowed { factor } else { 1 });
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
    for source in [
        Source::Kinesis,
        Source::Dynamodb,
        Source::KinesisWindow,
        Source::Kafka,
        Source::Sqs,
        Source::SqsFifo,
        Source::PipeSqs,
    ] {
        let report = run(&Simulation::new(source).max_retries(1), nameless);
        assert_eq!((report.dead_lettered, report.repeated), (100, 100), "{report}");
    }
}

#[test]
fn the_order_of_a_lane_is_watched_where_there_is_one() {
    let ordered = Source::ALL.into_iter().filter(|source| source.is_ordered());
    for source in ordered {
        let report = run(&Simulation::new(source), backward);
        assert!(report.out_of_order > 0 && !report.is_sound(), "{report}");
        // Reports partial failures, but does not hold back the records behind them.
        let report = run(&Simulation::new(source).fail_rate(0.3), hasty);
        assert!(report.out_of_order > 0, "{report}");
    }
    assert_eq!(run(&Simulation::new(Source::Sqs), backward).out_of_order, 0);
}

#[test]
fn a_function_that_finishes_nothing_is_distinguished_from_a_good_one() {
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

#[test]
fn without_partial_answers_what_they_name_is_lost() {
    let named = |records: Vec<TestRecord>| {
        let (finished, open): (Vec<TestRecord>, Vec<TestRecord>) =
            records.into_iter().partition(|record| record.what == "ok");
        (finished, Some(failures(&open)))
    };
    // An error brings the whole batch back.
    let erring = |records: Vec<TestRecord>| {
        let done: Vec<TestRecord> = records
            .iter()
            .take_while(|record| record.what == "ok")
            .cloned()
            .collect();
        let reply = (done.len() == records.len()).then_some(Value::Null);
        (done, reply)
    };
    for source in [
        Source::Kinesis,
        Source::KinesisWindow,
        Source::SqsFifo,
        Source::Kafka,
    ] {
        let simulation = Simulation::new(source).fail_rate(0.2).partial_answers(false);
        for proof in [Proof::Ledger, Proof::Answers] {
            let simulation = simulation.clone().proof(proof);
            let report = run(&simulation, named);
            assert!(report.lost > 0, "{report}");
            let report = run(&simulation, erring);
            assert!(report.lost == 0 && report.invocations > 10, "{report}");
        }
    }
    let error = Simulation::new(Source::Sns)
        .partial_answers(false)
        .check()
        .unwrap_err();
    assert!(error.to_string().contains("no event source mapping"), "{error}");
}

#[test]
fn without_a_ledger_answers_say_what_is_done() {
    for source in Source::ALL {
        let simulation = Simulation::new(source)
            .proof(Proof::Answers)
            .fail_rate(0.2)
            .max_retries(2);
        let report = run(&simulation, careful);
        assert_eq!(report.proof, Proof::Answers);
        assert_eq!((report.lost, report.out_of_order), (0, 0), "{report}");
        assert!(report.finished > 50, "{report}");
        // Nothing is written, and the answers count.
        let report = run(&Simulation::new(source).proof(Proof::Answers), |_| {
            (Vec::new(), Some(Value::Null))
        });
        assert_eq!(
            (report.finished, report.lost, report.repeated),
            (100, 0, 0),
            "{report}"
        );
    }
    // It goes on behind a failure of the group, and says so.
    for source in [Source::SqsFifo, Source::Kafka, Source::PipeKinesis] {
        let report = run(
            &Simulation::new(source).proof(Proof::Answers).fail_rate(0.3),
            hasty,
        );
        assert!(report.out_of_order > 0 && !report.is_sound(), "{report}");
    }
}

#[test]
fn a_function_without_a_fault_still_loses_answers() {
    let bodies = |text: &str| Bodies::read(text).unwrap();
    let plain = bodies(r#"{"do":"ok","id":"{{id}}","pk":"x"}"#);
    for source in [
        Source::Kinesis,
        Source::Dynamodb,
        Source::Sqs,
        Source::CloudwatchEvents,
        Source::Kafka,
    ] {
        let simulation = Simulation::new(source).bodies(plain.clone()).fail_rate(0.3);
        let calm = run(&simulation, careful);
        assert_eq!((calm.finished, calm.attempts), (100, 100), "{calm}");
        let report = run(&simulation.crash_rate(0.1), careful);
        assert!(report.repeated > 0 && report.lost == 0, "{report}");
    }
    let told = bodies(r#"{"do":"{{do}}","id":"{{id}}"}"#);
    let report = run(&Simulation::new(Source::Sqs).bodies(told).fail_rate(0.3), careful);
    assert!(report.attempts > 110 && report.finished == 100, "{report}");
    let error = Simulation::new(Source::Dynamodb)
        .bodies(bodies("{{id}}"))
        .check()
        .unwrap_err();
    assert!(
        error.to_string().contains("not a JSON object, which an item is"),
        "{error}"
    );
}

#[test]
fn the_state_of_a_window_goes_from_answer_to_answer() {
    // Eight batches and two ends of windows, and each but the last sees one more than the batch before.
    let report = run(
        &Simulation::new(Source::KinesisWindow).records(40).batch_size(5),
        careful,
    );
    assert_eq!((report.invocations, report.finished), (10, 40), "{report}");
    let stateless = run(
        &Simulation::new(Source::KinesisWindow).records(40).max_retries(1),
        |records| match records.is_empty() {
            true => (records, None),
            false => (records, Some(Value::Null)),
        },
    );
    // The ends fail, which concerns no record.
    assert_eq!((stateless.finished, stateless.lost), (40, 0), "{stateless}");
}
