//! The names and tags by which this command finds again what it made.

use sha2::{Digest as _, Sha256};

use super::Function;

/// The tag of what can be tagged; its value is the function's ARN, with its alias.
pub(super) const TAG: &str = "switchboard:function";

/// A name of its own for each trigger, the same in each run: `switchboard-s3-0a1b2c3d4e`.
pub(super) fn mark(kind: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // No part can run into the next.
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let hex: String = hash.finalize()[..5]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("switchboard-{kind}-{hex}")
}

/// Whether a name is of those that [`mark`] makes for this kind.
pub(super) fn is_mark(kind: &str, name: &str) -> bool {
    let hex = name
        .strip_prefix("switchboard-")
        .and_then(|rest| rest.strip_prefix(kind)?.strip_prefix('-'));
    hex.is_some_and(|hex| hex.len() == 10 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether these tags say that this command made something for this function.
pub(super) fn is_ours<'a>(
    function: &Function,
    tags: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> bool {
    let target = function.target();
    tags.into_iter()
        .any(|(key, value)| key == TAG && *value == target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_the_same_in_each_run_and_another_for_other_parts() {
        assert_eq!(mark("s3", &["a", "b"]), mark("s3", &["a", "b"]));
        assert_ne!(mark("s3", &["a", "b"]), mark("s3", &["ab", ""]));
        assert!(is_mark("s3", &mark("s3", &["a"])));
        assert!(!is_mark("s3", &mark("events", &["a"])) && !is_mark("s3", "switchboard-s3-mine"));
    }
}
