//! The end of an invocation's log, as Lambda's Invoke API returns it.

use std::time::Duration;

/// The prefixes of Lambda's own lines.
const START: &str = "START RequestId:";
const END: &str = "END RequestId:";
const REPORT: &str = "REPORT RequestId:";

pub(super) struct LogTail {
    /// The function's own lines, unchanged. The first one may be incomplete.
    pub(super) lines: Vec<u8>,
    pub(super) report: ReportLine,
}

/// Lambda's `REPORT` line of the invocation.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct ReportLine {
    pub(super) duration: Option<Duration>,
    pub(super) init: Option<Duration>,
    pub(super) memory_mb: Option<u64>,
    pub(super) peak_mb: Option<u64>,
}

impl LogTail {
    pub(super) fn read(log: &[u8]) -> Self {
        let begins = |line: &[u8], with: &str| line.starts_with(with.as_bytes());
        let (mut lines, mut report) = (Vec::new(), ReportLine::default());
        for line in log.split_inclusive(|byte| *byte == b'\n') {
            if begins(line, REPORT) {
                report = ReportLine::read(&String::from_utf8_lossy(line));
            } else if !begins(line, START) && !begins(line, END) {
                lines.extend_from_slice(line);
            }
        }
        Self { lines, report }
    }
}

impl ReportLine {
    fn read(line: &str) -> Self {
        let mut report = Self::default();
        for fact in line.split('\t') {
            let Some((name, value)) = fact.split_once(": ") else {
                continue;
            };
            match name {
                "Duration" => report.duration = milliseconds(value),
                "Init Duration" => report.init = milliseconds(value),
                "Memory Size" => report.memory_mb = megabytes(value),
                "Max Memory Used" => report.peak_mb = megabytes(value),
                _ => {}
            }
        }
        // Lambda's Runtime Interface Emulator does not measure memory: it reports the memory size as used.
        report.peak_mb = report.peak_mb.filter(|peak| report.memory_mb != Some(*peak));
        report
    }
}

fn milliseconds(value: &str) -> Option<Duration> {
    let milliseconds: f64 = value.trim().strip_suffix(" ms")?.parse().ok()?;
    Duration::try_from_secs_f64(milliseconds / 1000.0).ok()
}

fn megabytes(value: &str) -> Option<u64> {
    value.trim().strip_suffix(" MB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_lines_and_the_report_are_distinguished() {
        let log = b"START RequestId: 7 Version: $LATEST\none\r\n\xfftwo\nEND RequestId: 7\n\
            REPORT RequestId: 7\tDuration: 1.50 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\t\
            Max Memory Used: 14 MB\tInit Duration: 24.00 ms\t\n";
        let tail = LogTail::read(log);
        assert_eq!(tail.lines, b"one\r\n\xfftwo\n");
        let report = ReportLine {
            duration: Some(Duration::from_micros(1500)),
            init: Some(Duration::from_millis(24)),
            memory_mb: Some(128),
            peak_mb: Some(14),
        };
        assert_eq!(tail.report, report);
    }

    #[test]
    fn what_is_not_measured_or_odd_is_not_known() {
        let report = ReportLine::read(
            "REPORT RequestId: 7\tDuration: -1 ms\tMemory Size: 3008 MB\tMax Memory Used: 3008 MB\n",
        );
        assert_eq!(
            report,
            ReportLine {
                memory_mb: Some(3008),
                ..ReportLine::default()
            }
        );
    }
}
