//! `simulate`, against functions that do it right and functions that do not.

use std::process::Output;

use serde_json::Value;

use crate::shell::{err, out, switchboard, text};
use switchboard_test_support::client::echo;
use switchboard_test_support::{example, files};

/// No crash and no timeout: those functions neither end nor wait.
fn simulate(words: &[&str], fault: &str) -> Output {
    let calm = [
        "--crash-rate",
        "0",
        "--timeout-rate",
        "0",
        "--timeout",
        "5",
        "--records",
        "60",
    ];
    let mut command = switchboard(&["simulate"]);
    command
        .args(calm)
        .args(words)
        .arg("--")
        .arg(example("careless"))
        .arg(fault);
    command.output().unwrap()
}

/// The report, and the exit code.
fn report(words: &[&str], fault: &str) -> (Value, Option<i32>) {
    let output = simulate(&[words, &["--format", "json"]].concat(), fault);
    let report = serde_json::from_str(&out(&output)).unwrap_or_else(|e| panic!("{e}: {}", err(&output)));
    (report, output.status.code())
}

const KINESIS: [&str; 4] = ["--source", "kinesis", "--fail-rate", "0.2"];
const FIFO: [&str; 4] = ["--source", "sqs-fifo", "--fail-rate", "0.2"];

#[test]
fn a_function_that_keeps_the_contract_passes() {
    for words in [KINESIS, FIFO] {
        let (report, code) = report(&words, "none");
        assert_eq!(code, Some(0), "{report}");
        assert_eq!(
            (&report["finished"], &report["lost"]),
            (&60.into(), &0.into()),
            "{report}"
        );
        assert!(report["attempts"].as_u64() > Some(60), "{report}");
    }
}

#[test]
fn a_forgotten_failure_is_a_lost_record() {
    for words in [KINESIS, FIFO] {
        let (report, code) = report(&words, "forgets");
        assert_eq!(code, Some(1), "{report}");
        assert!(report["lost"].as_u64() > Some(0), "{report}");
        assert!(
            report["lost_ids"][0].as_str().unwrap().starts_with("r-"),
            "{report}"
        );
    }
}

#[test]
fn a_failure_without_an_identifier_brings_the_whole_batch_back() {
    let options = ["--duplicate-rate", "0", "--no-repeats"];
    for words in [KINESIS, FIFO] {
        let words = [&words[..], &options].concat();
        let (right, code) = report(&words, "none");
        assert_eq!((&right["repeated"], code), (&0.into(), Some(0)), "{right}");
        let (wrong, code) = report(&words, "nameless");
        assert_eq!(code, Some(1), "{wrong}");
        assert!(wrong["repeated"].as_u64() > Some(0), "{wrong}");
    }
}

#[test]
fn a_function_that_begins_with_the_last_record_is_out_of_order() {
    for words in [KINESIS, FIFO] {
        let (report, code) = report(&words, "backward");
        assert_eq!(code, Some(1), "{report}");
        assert!(report["out_of_order"].as_u64() > Some(0), "{report}");
    }
}

#[test]
fn a_function_without_a_ledger_gets_an_error_that_says_so() {
    let output = simulate(&["--source", "sqs", "--max-retries", "1"], "silent");
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("FAULTY_LEDGER"), "{}", out(&output));
}

#[test]
fn the_report_says_how_to_have_it_again() {
    let output = simulate(&["--source", "kinesis", "--seed", "7"], "forgets");
    let text = out(&output);
    for part in ["kinesis, seed 7\n", "  records             60\n", "lost: r-"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let last = text.lines().last().unwrap();
    assert!(
        last.starts_with("reproduce with: cargo switchboard simulate --crash-rate 0"),
        "{last}"
    );
    assert!(last.ends_with("examples/careless forgets"), "{last}");
}

#[test]
fn several_seeds_are_a_line_each_in_their_order() {
    let output = simulate(
        &[
            "--source", "kinesis", "--seed", "4", "--seeds", "3", "--format", "json",
        ],
        "none",
    );
    let lines = out(&output);
    let seeds: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["seed"].take())
        .collect();
    assert_eq!(seeds, [4, 5, 6]);
}

#[test]
fn what_cannot_be_played_is_said_before_anything_is_started() {
    for (words, part) in [
        (vec!["--source", "s3", "--max-retries", "3"], "at most 2 retries"),
        (vec!["--source", "sqs", "--bisect"], "only streams"),
        (vec!["--source", "lex_v2"], "invalid value 'lex_v2'"),
        (vec!["--source", "kinesis", "--fail-rate", "2"], "between 0 and 1"),
        (
            vec!["--source", "sqs", "--bodies", "/no/such/file"],
            "cannot read /no/such/file",
        ),
        (
            vec!["--source", "sns", "--no-partial-answers"],
            "no event source mapping",
        ),
    ] {
        let output = simulate(&words, "none");
        assert_eq!(output.status.code(), Some(2), "{}", err(&output));
        assert!(err(&output).contains(part), "{}", err(&output));
    }
}

#[test]
fn any_function_is_judged_by_its_answers() {
    let bodies = files(&[(
        "orders.jsonl",
        "{\"order\": \"{{id}}\"}\n{\"order\": {{number}}, \"customer\": \"{{uuid}}\"}\n",
    )]);
    let bodies = bodies.path().join("orders.jsonl");
    let run = |source: &str, more: &[&str]| {
        let mut command = switchboard(&[
            "simulate",
            "--format",
            "json",
            "--records",
            "40",
            "--source",
            source,
        ]);
        // It knows of no ledger, and takes every record.
        command
            .args(["--bodies", text(&bodies)])
            .args(more)
            .arg("--")
            .arg(echo());
        let output = command.output().unwrap();
        let report: Value =
            serde_json::from_str(&out(&output)).unwrap_or_else(|e| panic!("{e}: {}", err(&output)));
        (report, output.status.code())
    };
    for source in ["sqs", "kinesis", "dynamodb", "kafka", "cloudwatch_events", "ses"] {
        let (report, code) = run(source, &[]);
        assert_eq!((&report["proof"], code), (&"answers".into(), Some(0)), "{report}");
        assert_eq!(
            (&report["finished"], &report["lost"]),
            (&40.into(), &0.into()),
            "{report}"
        );
    }
    // Nothing gets lost on the way, so nothing comes again.
    let calm = [
        "--crash-rate",
        "0",
        "--timeout-rate",
        "0",
        "--duplicate-rate",
        "0",
        "--no-repeats",
    ];
    let (report, code) = run("kinesis", &calm);
    assert_eq!((&report["attempts"], code), (&40.into(), Some(0)), "{report}");
    // Firehose wants a result for each record, which this function does not have.
    let (report, code) = run("kinesis_firehose", &["--max-retries", "1"]);
    assert_eq!((&report["finished"], code), (&0.into(), Some(1)), "{report}");
    let (report, code) = run("sqs", &["--proof", "ledger"]);
    assert_eq!((&report["finished"], code), (&0.into(), Some(1)), "{report}");
}

#[test]
fn without_partial_answers_a_named_record_is_lost() {
    for words in [KINESIS, FIFO] {
        let words = [&words[..], &["--no-partial-answers"]].concat();
        let (report, code) = report(&words, "none");
        assert_eq!((code, &report["proof"]), (Some(1), &"ledger".into()), "{report}");
        assert!(report["lost"].as_u64() > Some(0), "{report}");
    }
}
