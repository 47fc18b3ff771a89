//! Deliveries as AWS makes them, with failures, crashes, timeouts and duplicates: nothing lost, nothing out of order.

use cargo_switchboard::simulate::{Report, Simulation, Source};
use lambda_sandbox::Builder;
use std::time::Duration;
use switchboard_test_support::faulty;
use tokio::task::JoinSet;

const SEEDS: u64 = 12;
const RECORDS: usize = 30;
/// Runs wait more than they work.
const AT_ONCE: usize = 12;

fn simulation(source: Source, seed: u64) -> Simulation {
    let simulation = Simulation::new(source)
        .seed(seed)
        .records(RECORDS)
        .fail_rate(0.15)
        .crash_rate(0.03)
        .timeout_rate(0.02)
        .reject_rate(0.05)
        .duplicate_rate(0.1);
    let is_stream = matches!(source, Source::Kinesis | Source::Dynamodb);
    // By turns: as it is, with an end to retries, and what streams have beyond that.
    match seed % 4 {
        1 => simulation.max_retries(2),
        2 if is_stream => simulation.parallelization_factor(3),
        3 if is_stream => simulation.max_retries(2).bisect(true),
        3 if source == Source::S3 => simulation.batch_size(4),
        _ => simulation,
    }
}

/// Every one of these sources with every seed, each run against `function`.
async fn run_all(sources: &[Source], function: impl Fn(u64) -> Builder) -> Vec<Report> {
    let all = sources
        .iter()
        .copied()
        .flat_map(|source| (1..=SEEDS).map(move |seed| (source, seed)));
    let (mut running, mut reports) = (JoinSet::new(), Vec::new());
    for (source, seed) in all {
        let function = function(seed);
        running.spawn(async move { simulation(source, seed).run(function).await.unwrap() });
        if running.len() == AT_ONCE {
            reports.extend(running.join_next().await.map(Result::unwrap));
        }
    }
    reports.extend(running.join_all().await);
    reports
}

#[tokio::test]
async fn nothing_is_lost_or_out_of_order() {
    // Odd seeds one record after another, even ones four at once.
    let concurrency = |seed: u64| if seed.is_multiple_of(2) { "4" } else { "1" };
    let reports = run_all(&Source::ALL, |seed| {
        faulty().env("FAULTY_CONCURRENCY", concurrency(seed))
    })
    .await;
    let unsound: Vec<String> = reports
        .iter()
        .filter(|r| !r.is_sound())
        .map(Report::to_string)
        .collect();
    assert!(unsound.is_empty(), "{unsound:#?}");
    assert_eq!(reports.len(), Source::ALL.len() * usize::try_from(SEEDS).unwrap());
    assert!(reports.iter().all(|report| report.delivered == RECORDS));
    // It would prove little if nothing had gone wrong on the way.
    for source in Source::ALL {
        let sum = |figure: fn(&Report) -> usize| -> usize {
            reports
                .iter()
                .filter(|report| report.source == source)
                .map(figure)
                .sum()
        };
        assert!(sum(|report| report.repeated) > 0, "{source}");
        assert!(sum(|report| report.dead_lettered) > 0, "{source}");
        assert!(
            sum(|report| report.attempts - report.records) > RECORDS,
            "{source}"
        );
    }
}

#[tokio::test]
async fn with_idempotency_nothing_is_repeated_either() {
    let concurrency = |seed: u64| if seed.is_multiple_of(2) { "4" } else { "1" };
    let function = |seed| {
        faulty()
            .env("FAULTY_CONCURRENCY", concurrency(seed))
            .env("FAULTY_IDEMPOTENT", "1")
    };
    // What changes nothing but its answer is not protected.
    let unprotected = [
        Source::KinesisWindow,
        Source::DynamodbWindow,
        Source::KinesisFirehose,
    ];
    let is_protected = |source: &Source| !unprotected.contains(source);
    let sources: Vec<Source> = Source::ALL.into_iter().filter(is_protected).collect();
    let reports = run_all(&sources, function).await;
    let is_right = |report: &&Report| report.is_sound() && report.repeated == 0;
    let wrong: Vec<String> = reports
        .iter()
        .filter(|report| !is_right(report))
        .map(Report::to_string)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let sum = |figure: fn(&Report) -> usize| reports.iter().map(figure).sum::<usize>();
    assert!(sum(|report| report.attempts) > 5 * sum(|report| report.records) / 4);
}

#[tokio::test]
async fn one_seed_gives_the_same_figures_every_time() {
    let mut running = JoinSet::new();
    for source in Source::ALL {
        // No timeouts, and much time: how far a batch gets until then is the machine's matter. A crash costs it all.
        let simulation = simulation(source, 6)
            .crash_rate(0.01)
            .timeout_rate(0.0)
            .timeout(Duration::from_secs(5));
        running.spawn(async move {
            let (first, second) = tokio::join!(simulation.run(faulty()), simulation.run(faulty()));
            assert_eq!(first.unwrap(), second.unwrap());
        });
    }
    running.join_all().await;
}
