//! The table of ratios.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::process::ExitCode;
use std::time::Duration;

/// Rows as they are measured; printed at once, because measuring takes a while.
pub(crate) struct Report {
    filter: String,
    missed: usize,
    rows: usize,
}

/// What a ratio has to stay within.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    /// At most this.
    AtMost(f64),
    /// Below this.
    Below(f64),
}

impl Report {
    /// A report of the rows whose name holds `filter`.
    pub(crate) fn new(filter: String) -> Self {
        println!(
            "{:<48} {:>12} {:>12} {:>7}  target",
            "what", "switchboard", "other", "ratio"
        );
        Self {
            filter,
            missed: 0,
            rows: 0,
        }
    }

    /// Whether this row is to be measured.
    pub(crate) fn wants(&self, what: &str) -> bool {
        what.contains(&self.filter)
    }

    /// Whether one of the rows is to be measured whose names begin so.
    pub(crate) fn wants_any(&self, beginning: &str) -> bool {
        beginning.contains(&self.filter) || self.filter.contains(beginning)
    }

    /// A row of times, of ours and of the other in each of some pairs: the medians of both, and of the pairs' ratios.
    pub(crate) fn times(&mut self, what: &str, pairs: &[(Duration, Duration)], limit: Limit) {
        let (mut ours, mut other): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
        let mut ratios: Vec<f64> = pairs
            .iter()
            .map(|(ours, other)| ours.as_secs_f64() / other.as_secs_f64())
            .collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let show = |times: &mut [Duration]| format!("{:.3} ms", median(times).as_secs_f64() * 1e3);
        self.row(
            what,
            show(&mut ours),
            show(&mut other),
            ratios[ratios.len() / 2],
            limit,
        );
    }

    /// A row of one time that has to stay within a limit of its own.
    pub(crate) fn limited(&mut self, what: &str, time: Duration, limit: Duration) {
        let met = time <= limit;
        self.rows += 1;
        self.missed += usize::from(!met);
        let verdict = if met { "" } else { "  MISSED" };
        println!(
            "{what:<48} {:>12} {:>12} {:>7}  <= {limit:?}{verdict}",
            format!("{time:?}"),
            "",
            ""
        );
    }

    /// A row of one number that has to stay within a limit of its own.
    pub(crate) fn at_most(&mut self, what: &str, number: u64, limit: u64) {
        if !self.wants(what) {
            return;
        }
        let met = number <= limit;
        self.rows += 1;
        self.missed += usize::from(!met);
        let verdict = if met { "" } else { "  MISSED" };
        println!(
            "{what:<48} {number:>12} {:>12} {:>7}  <= {limit}{verdict}",
            "", ""
        );
    }

    /// A row of sizes in bytes.
    pub(crate) fn sizes(&mut self, what: &str, ours: u64, other: u64, limit: Limit) {
        let show = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
        self.row(what, show(ours), show(other), ours as f64 / other as f64, limit);
    }

    /// A row of two numbers.
    #[cfg(feature = "dynamodb")]
    pub(crate) fn numbers(&mut self, what: &str, ours: u64, other: u64, limit: Limit) {
        let ratio = ours as f64 / other as f64;
        self.row(what, ours.to_string(), other.to_string(), ratio, limit);
    }

    fn row(&mut self, what: &str, ours: String, other: String, ratio: f64, limit: Limit) {
        let (met, target) = match limit {
            Limit::AtMost(most) => (ratio <= most, format!("<= {most:.2}")),
            Limit::Below(most) => (ratio < most, format!("<  {most:.2}")),
        };
        self.rows += 1;
        self.missed += usize::from(!met);
        let verdict = if met { "" } else { "  MISSED" };
        println!("{what:<48} {ours:>12} {other:>12} {ratio:>7.3}  {target}{verdict}");
    }

    /// Says how many targets were missed.
    pub(crate) fn conclude(self) -> ExitCode {
        println!("\n{} of {} targets met", self.rows - self.missed, self.rows);
        if self.missed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

pub(crate) fn median<T: Copy + Ord>(values: &mut [T]) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}
