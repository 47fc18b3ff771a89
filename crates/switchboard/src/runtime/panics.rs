//! Whether a panic in a handler fails only its record.

/// With `panic = "abort"` nothing can catch a panic: the whole process ends, whatever else it was doing.
const ABORTS: &str = "this binary is built with panic = \"abort\": a panic in one handler ends the process, and every record and \
                      request under way fails with it; set panic = \"unwind\" in the profile it is built with, which is \
                      [profile.release] for cargo-lambda (it builds with \"abort\" unless the profile sets panic)";

/// Logs a warning at start if this binary cannot catch panics.
pub(super) fn check() {
    // One setting for the whole program: cargo does not allow another one for a single package.
    if let Some(warning) = warning(cfg!(panic = "unwind")) {
        tracing::warn!("{warning}");
    }
}

const fn warning(unwinds: bool) -> Option<&'static str> {
    if unwinds { None } else { Some(ABORTS) }
}

#[cfg(test)]
mod tests {
    use super::warning;

    #[test]
    fn a_binary_that_aborts_is_told_which_setting_to_add() {
        let warning = warning(false).unwrap();
        assert!(warning.contains("panic = \"unwind\""), "{warning}");
        assert!(warning.contains("[profile.release]"), "{warning}");
    }

    #[test]
    fn a_binary_that_unwinds_is_not_warned() {
        assert_eq!(warning(true), None);
        // What cargo compiles tests with, whatever the profile says.
        assert_eq!(warning(cfg!(panic = "unwind")), None);
    }
}
