//! Detection alone, in this process.

use crate::payloads;
use crate::report::Report;
use std::hint::black_box;
use std::time::{Duration, Instant};
use switchboard::source::detect;

pub(crate) fn measure(report: &mut Report) {
    if !report.wants("detection") {
        return;
    }
    let small = payloads::s3();
    report.limited("detection: an S3 event", time(&small), Duration::from_micros(1));
    report.limited(
        "detection: an EC2 event",
        time(&payloads::cloudwatch_event()),
        Duration::from_micros(1),
    );
    report.limited(
        "detection: an HTTP API request",
        time(&payloads::http()),
        Duration::from_micros(1),
    );
    let large = payloads::many_objects(8_500);
    report.limited(
        "detection: 6 MB of S3 records",
        time(&large),
        Duration::from_micros(5),
    );
    let batch = payloads::kinesis(1_000, 4_000);
    let ours = time(&batch);
    let plain = best(|| drop(black_box(serde_json::from_slice::<serde::de::IgnoredAny>(&batch))));
    report.times(
        "detection: 6 MB of Kinesis / serde_json's skip",
        &[(ours, plain)],
        crate::report::Limit::Below(1.0),
    );
}

fn time(payload: &[u8]) -> Duration {
    best(|| {
        black_box(detect(black_box(payload)).source);
    })
}

/// The best of many samples: what stands in the way of a pure computation is only ever the machine.
fn best(mut work: impl FnMut()) -> Duration {
    let once = Instant::now();
    work();
    let repeat =
        (Duration::from_millis(2).as_nanos() / once.elapsed().as_nanos().max(1)).clamp(1, 10_000) as u32;
    let sample = |_| {
        let start = Instant::now();
        for _ in 0..repeat {
            work();
        }
        start.elapsed() / repeat
    };
    (0..50).map(sample).min().unwrap_or_default()
}
