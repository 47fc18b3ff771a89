//! Durations that may be milliseconds or months.

/// A duration in seconds, for reading.
pub(super) fn readable(seconds: f64) -> String {
    let whole = |amount: f64, unit: &str, rest: f64, smaller: &str| match rest.floor() {
        0.0 => format!("{:.0} {unit}", amount.floor()),
        rest => format!("{:.0} {unit} {rest:.0} {smaller}", amount.floor()),
    };
    match seconds.max(0.0) {
        seconds if seconds < 1.0 => format!("{:.0} ms", seconds * 1000.0),
        seconds if seconds < 60.0 => format!("{seconds:.1} s"),
        seconds if seconds < 3600.0 => whole(seconds / 60.0, "min", seconds % 60.0, "s"),
        seconds if seconds < 86_400.0 => whole(seconds / 3600.0, "h", seconds % 3600.0 / 60.0, "min"),
        seconds => whole(seconds / 86_400.0, "d", seconds % 86_400.0 / 3600.0, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_units_are_enough() {
        for (seconds, text) in [
            (-1.0, "0 ms"),
            (0.0123, "12 ms"),
            (59.94, "59.9 s"),
            (60.0, "1 min"),
            (61.5, "1 min 1 s"),
            (3600.0 + 120.0, "1 h 2 min"),
            (86_400.0 * 30.0, "30 d"),
        ] {
            assert_eq!(readable(seconds), text);
        }
    }
}
